"""The log as C2SP tlog-tiles: a stranger needs these addresses and nothing else of ours."""

from __future__ import annotations

import struct

import pytest
from django.test import Client

from roadworthy.domains.filings import proofs
from roadworthy.domains.ledger import sequencing, services
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.trust import checkpoints, tlog
from roadworthy.trust.checkpoints import Checkpoint
from roadworthy.trust.tiles import TILE_WIDTH, MemoryTiles, TileId, entries_path, tile_path, widths
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


class ServedTiles:
    """A tile store that knows only what is served for a tree of one size."""

    def __init__(self, client: Client, size: int) -> None:
        self._client, self._widths = client, widths(size)

    def get(self, tile: TileId) -> bytes | None:
        width = self._widths.get(tile, TILE_WIDTH)
        answer = self._client.get(f"/log/{tile_path(tile, width)}")
        return answer.content if answer.status_code == 200 else None

    def put(self, tiles: object) -> None:
        raise AssertionError("a reader writes nothing")


@pytest.fixture
def signed(town: Town) -> Checkpoint:
    answer = Client().get("/log/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    opened = checkpoints.open_checkpoint(answer.content, proofs.log_key(), proofs.witnesses())
    return opened.checkpoint


@pytest.fixture
def large(town: Town) -> Checkpoint:
    """The same log after more steps than two full tiles hold."""
    at = town.world.tick()
    by = witnessed(PLATFORM)
    services.record_many(
        [services.Step("test:step", f"test/{n}", by, at) for n in range(2 * TILE_WIDTH)]
    )
    sequencing.sequence(signer=town.world.platform.log, at=at)
    note = Client().get("/log/checkpoint").content
    return checkpoints.open_checkpoint(note, proofs.log_key(), ()).checkpoint


def entries(client: Client, size: int) -> list[bytes]:
    read: list[bytes] = []
    while len(read) < size:
        number, width = len(read) // TILE_WIDTH, min(TILE_WIDTH, size - len(read))
        content = client.get(f"/log/{entries_path(number, width)}").content
        at = 0
        while at < len(content):
            (length,) = struct.unpack_from(">H", content, at)
            read.append(content[at + 2 : at + 2 + length])
            at += 2 + length
    return read


def test_the_served_entries_have_the_signed_root(signed: Checkpoint) -> None:
    log = tlog.Log(MemoryTiles(), 0).append(entries(Client(), signed.size))
    assert (log.size, log.root()) == (signed.size, signed.root)


def test_the_served_tiles_have_the_signed_root_and_prove_each_entry(signed: Checkpoint) -> None:
    client = Client()
    served = tlog.Log(ServedTiles(client, signed.size), signed.size)
    assert served.root() == signed.root
    for index, body in enumerate(entries(client, signed.size)):
        proof = served.prove_inclusion(index)
        tlog.verify_inclusion(tlog.leaf_hash(body), index, signed.size, proof, signed.root)


def test_full_tiles_and_the_level_above_them_are_served(large: Checkpoint) -> None:
    client = Client()
    assert large.size > 2 * TILE_WIDTH
    assert len(client.get("/log/tile/0/001").content) == 32 * TILE_WIDTH
    assert client.get("/log/tile/1/000.p/2").status_code == 200
    assert client.get("/log/tile/1/000").status_code == 404
    served = tlog.Log(ServedTiles(client, large.size), large.size)
    assert served.root() == large.root
    body = entries(client, large.size)[TILE_WIDTH]
    proof = served.prove_inclusion(TILE_WIDTH)
    tlog.verify_inclusion(tlog.leaf_hash(body), TILE_WIDTH, large.size, proof, large.root)


def test_a_tile_is_kept_for_ever_and_what_is_missing_is_not(signed: Checkpoint) -> None:
    client = Client()
    held = client.get(f"/log/{tile_path(TileId(0, 0), min(signed.size, TILE_WIDTH - 1))}")
    assert held["Cache-Control"] == "public, max-age=31536000, immutable"
    assert held["Content-Type"] == "application/octet-stream"
    assert "Set-Cookie" not in held
    missing = client.get(f"/log/{tile_path(TileId(0, 77))}")
    assert (missing.status_code, missing["Cache-Control"]) == (404, "no-store")
    assert missing.content == b"not found\n"


def test_a_partial_tile_is_as_wide_as_it_was_asked_for(signed: Checkpoint) -> None:
    client = Client()
    for width in (1, 7):
        assert len(client.get(f"/log/tile/0/000.p/{width}").content) == 32 * width
    narrow = client.get("/log/tile/entries/000.p/2").content
    assert narrow == client.get("/log/tile/entries/000.p/9").content[: len(narrow)]


@pytest.mark.parametrize(
    "address",
    [
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/0",
        "tile/64/000",
        "tile/00/000.p/1",
        "tile/0/x999/x999/x999/x999/999",
        "tile/entries/x999/x999/x999/x999/999",
        "tile/entries/x999/x999/x999/x999/x999/999",
        "tile/0/1",
        "tile/0/abc",
    ],
)
def test_a_wrong_address_is_not_found(signed: Checkpoint, address: str) -> None:
    assert Client().get(f"/log/{address}").status_code == 404
