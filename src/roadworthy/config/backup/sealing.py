"""The passphrase of a back-up: it seals the secrets and shows whether a manifest was changed."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from roadworthy.config.failures import CannotStart

NAME: Final = "back-up.json"
FORMAT: Final = 1
# What guessing one passphrase costs whoever has the folder: 64 MiB and a tenth of a second.
COST: Final = {"n": 2**16, "r": 8, "p": 1}
_NONCE: Final = 12
_CHECK: Final = b"roadworthy back-up"


@dataclass(frozen=True, slots=True)
class Seal:
    """What the passphrase gives; both keys are 32 bytes."""

    sealing: bytes
    vouching: bytes

    def mac(self, content: bytes) -> str:
        """Return the HMAC-SHA-256 of a manifest in hex."""
        return hmac.new(self.vouching, content, hashlib.sha256).hexdigest()

    def vouches(self, content: bytes, mac: str) -> bool:
        return hmac.compare_digest(self.mac(content), mac.strip())

    def closed(self, folder: Path) -> bytes:
        """Return the files of a flat folder, sealed."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as into:
            for path in sorted(folder.iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    into.add(path, arcname=path.name)
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self.sealing).encrypt(nonce, packed.getvalue(), None)

    def open(self, sealed: bytes, folder: Path) -> None:
        """Put sealed files into a folder, readable by their owner alone.

        Raises:
            CannotStart: somebody changed them.
        """
        try:
            content = AESGCM(self.sealing).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except InvalidTag:
            raise CannotStart("The sealed secrets were changed. Nothing was restored.") from None
        folder.mkdir(mode=0o700, parents=True)
        with tarfile.open(fileobj=io.BytesIO(content)) as packed:
            packed.extractall(folder, filter="data")
        for path in folder.iterdir():
            path.chmod(0o600)


def opened(folder: Path, passphrase: str, *, make: bool = False) -> Seal:
    """Return the seal of a back-up folder; ``make`` begins a folder that is empty.

    Raises:
        CannotStart: it is no back-up, or the passphrase is another.
    """
    index = folder / NAME
    if not index.exists():
        if not make or (folder.exists() and any(folder.iterdir())):
            raise CannotStart(f"{folder} holds no back-up: it has no {NAME}.")
        if not passphrase:
            raise CannotStart("A back-up needs a passphrase: it seals the deployment's secrets.")
        # Others may pass through, to where the server's user keeps its log, and read nothing.
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        salt = os.urandom(16)
        seal = _derived(passphrase, salt, COST)
        begun = {"format": FORMAT, "salt": salt.hex(), "scrypt": COST, "check": seal.mac(_CHECK)}
        index.write_text(json.dumps(begun, indent=1) + "\n")
        index.chmod(0o600)
        return seal
    told = _read(index)
    seal = _derived(passphrase, bytes.fromhex(told["salt"]), told["scrypt"])
    if not seal.vouches(_CHECK, told["check"]):
        raise CannotStart(f"The passphrase does not open the back-up in {folder}.")
    return seal


def _read(index: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(index.read_text())
        if told["format"] == FORMAT:
            return told
    except (ValueError, KeyError):
        pass
    raise CannotStart(f"{index} is damaged, or was written by a newer Roadworthy.")


def _derived(passphrase: str, salt: bytes, cost: dict[str, int]) -> Seal:
    made = hashlib.scrypt(passphrase.encode(), salt=salt, **cost, maxmem=2**28, dklen=64)
    return Seal(made[:32], made[32:])
