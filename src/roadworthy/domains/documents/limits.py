"""How much a file may hold; the deployment sets it."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in bytes and numbers; what they are by default the settings say."""

    document: int = 100 * MEGABYTE  # bytes of one file
    unpacked: int = 1024 * MEGABYTE  # bytes of all members of an archive, nested ones too
    members: int = 10_000
    ratio: int = 200  # unpacked to packed
    depth: int = 3  # archives within archives
