"""The real firmware pair that demonstrations and tests update from and to.

It is the RISC-V firmware of two releases of PyPI ``cynthion`` (BSD-3-Clause, licence beside it),
byte for byte; ``scripts/derive_firmware.py`` fetches it again. It stands in for an ECU's.
"""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass
from typing import Final

OLD: Final = "0.2.4"
NEW: Final = "0.2.5"


@dataclass(frozen=True, slots=True)
class Firmware:
    """One version of the carried firmware."""

    version: str
    filename: str
    content: bytes


def carried(version: str) -> Firmware:
    """Return one of the two versions, ``OLD`` or ``NEW``."""
    name = f"moondancer-{version}.bin"
    folder = importlib.resources.files("roadworthy.domains.software") / "data" / "cynthion"
    return Firmware(version, name, (folder / name).read_bytes())
