from __future__ import annotations

import pytest

from roadworthy.trust import tiles
from roadworthy.trust.tiles import MemoryTiles, TileId
from roadworthy.trust.tlog import Log, leaf_hash


def test_addresses_are_those_of_the_specification() -> None:
    assert tiles.tile_path(TileId(0, 1234067)) == "tile/0/x001/x234/067"
    assert tiles.tile_path(TileId(3, 0), 5) == "tile/3/000.p/5"
    assert tiles.entries_path(999) == "tile/entries/999"
    assert tiles.entries_path(1000, 112) == "tile/entries/x001/000.p/112"


def test_a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() -> None:
    assert tiles.widths(70_000) == {TileId(0, 273): 112, TileId(1, 1): 17, TileId(2, 0): 1}
    assert tiles.widths(256) == {TileId(0, 0): 256, TileId(1, 0): 1}
    assert tiles.widths(0) == {}


def test_the_stored_tiles_have_those_widths() -> None:
    for size in (1, 255, 256, 257, 512, 70_000):
        store = MemoryTiles()
        Log(store, 0).append_hashes([leaf_hash(b"x")] * size)
        for tile, width in tiles.widths(size).items():
            content = store.get(tile)
            assert content is not None
            assert len(content) == width * 32
            assert store.get(TileId(tile.level, tile.index + 1)) is None


def test_an_earlier_partial_tile_is_the_beginning_of_the_later_one() -> None:
    store = MemoryTiles()
    log = Log(store, 0).append([b"a", b"b"])
    early = store.get(TileId(0, 0))
    log.append([b"c"])
    late = store.get(TileId(0, 0))
    assert early is not None
    assert late is not None
    assert late.startswith(early)


def test_entries_are_served_with_their_lengths() -> None:
    assert tiles.entry_bundle([b"ab", b"", b"c" * 300]) == (
        b"\x00\x02ab" + b"\x00\x00" + b"\x01\x2c" + b"c" * 300
    )
    with pytest.raises(tiles.EntryTooLong):
        tiles.entry_bundle([b"x" * 65_536])
