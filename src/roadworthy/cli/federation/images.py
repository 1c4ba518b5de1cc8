"""Images of the federation's releases: a real firmware, packed as SWUpdate installs it."""

from __future__ import annotations

from pathlib import Path

from roadworthy.cli.federation.seat import Seat, now
from roadworthy.cli.federation.versions import ECU
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import code_signing, firmware, packing

_CONTENT = "0.2.5"  # the firmware that is carried; each version wraps it under its own number


def pack(seat: Seat, version: str, hardware_id: str) -> Path:
    """Pack the firmware for one ECU under a version, signed with the manufacturer's code key."""
    folder = seat.home / "code-signing"
    passphrase = seat.passphrase(Role.RELEASE_ENGINEER)
    if folder.exists():
        signer = code_signing.load(folder, passphrase)
    else:
        signer = code_signing.create(folder, passphrase, name="Starway (demo)", at=now())
    package = packing.Package(
        version=version,
        hardware_ids=[hardware_id],
        filename=f"{ECU}-{version}.bin",
        path="firmware.bin",
        description=f"moondancer {_CONTENT} as {version}",
    )
    image = seat.work / f"{ECU}-{version}.swu"
    image.write_bytes(b"".join(packing.pack(package, firmware.carried(_CONTENT).content, signer)))
    return image
