"""Where the hashes of a log rest: C2SP tiles of 256 hashes, the last ones partial.

A hash never changes and a tile only grows to the right, so a partial tile is a prefix of the
wider one. One row or file per tile is therefore enough to serve every partial tile there ever was.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from roadworthy.kernel.errors import Invalid

HASH_SIZE = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
_LONGEST_ENTRY = 0xFFFF


class EntryTooLong(Invalid):
    code = "trust.entry_too_long"
    message = "A log entry has {length} bytes; a tile serves at most {longest}."


@dataclass(frozen=True, slots=True)
class TileId:
    level: int
    index: int


class TileStore(Protocol):
    """Storage for tiles, each under its level and index."""

    def get(self, tile: TileId) -> bytes | None:
        """Return the widest content that was put, or nothing."""

    def put(self, tiles: Mapping[TileId, bytes]) -> None:
        """Keep new or grown tiles, all or none of them."""


class MemoryTiles:
    """Tiles in memory."""

    def __init__(self) -> None:
        self._tiles: dict[TileId, bytes] = {}

    def get(self, tile: TileId) -> bytes | None:
        return self._tiles.get(tile)

    def put(self, tiles: Mapping[TileId, bytes]) -> None:
        self._tiles.update(tiles)


def widths(size: int) -> dict[TileId, int]:
    """Return the rightmost tile of each level of a tree with ``size`` leaves, with its width."""
    rightmost = {}
    level, count = 0, size
    while count:
        rightmost[TileId(level, (count - 1) // TILE_WIDTH)] = (count - 1) % TILE_WIDTH + 1
        level, count = level + 1, count // TILE_WIDTH
    return rightmost


def tile_path(tile: TileId, width: int = TILE_WIDTH) -> str:
    """Return the address of a tile of hashes, below the log's prefix."""
    return f"tile/{tile.level}/{_index_path(tile.index)}{_partial(width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return the address of a bundle of entries, below the log's prefix."""
    return f"tile/entries/{_index_path(index)}{_partial(width)}"


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as the log serves them: each after its length in two bytes.

    Raises:
        EntryTooLong: the length does not fit.
    """
    content = bytearray()
    for entry in entries:
        if len(entry) > _LONGEST_ENTRY:
            raise EntryTooLong(length=len(entry), longest=_LONGEST_ENTRY)
        content += struct.pack(">H", len(entry)) + entry
    return bytes(content)


def _index_path(index: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return "/".join(groups)


def _partial(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"
