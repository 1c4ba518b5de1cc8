"""RFC 6962's own definitions, written down once more and naively, are the yardstick here."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.trust import tlog
from roadworthy.trust.tiles import MemoryTiles, TileId
from roadworthy.trust.tlog import EMPTY_ROOT, Log, LogDamaged, LogsDisagree, NotInLog

# The eight inputs and the roots of certificate-transparency's reference tests.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


def leaf_hashes(count: int) -> list[bytes]:
    return [tlog.leaf_hash(b"entry %d" % index) for index in range(count)]


LEAVES = leaf_hashes(70)
LOG = Log(MemoryTiles(), 0).append_hashes(LEAVES)


def test_the_published_roots_come_out() -> None:
    log = Log(MemoryTiles(), 0).append(INPUTS)
    assert log.root(0) == EMPTY_ROOT
    assert [log.root(size).hex() for size in range(1, 9)] == ROOTS


def test_every_root_and_proof_up_to_seventy_entries_is_that_of_the_definition() -> None:
    for size in range(71):
        leaves, root = LEAVES[:size], LOG.root(size)
        assert root == mth(leaves)
        for index in range(size):
            proof = LOG.prove_inclusion(index, size)
            assert list(proof) == path(index, leaves)
            tlog.verify_inclusion(leaves[index], index, size, proof, root)
        for old in range(1, size + 1):
            proof = LOG.prove_consistency(old, size)
            assert list(proof) == subproof(old, leaves, whole=True)
            tlog.verify_consistency(old, mth(LEAVES[:old]), size, root, proof)


def test_a_log_across_three_levels_of_tiles_is_that_of_the_definition() -> None:
    count = 256 * 256 + 300
    leaves = leaf_hashes(count)
    log = Log(MemoryTiles(), 0).append_hashes(leaves)
    for size in (255, 256, 257, 65535, 65536, 65537, count):
        root = log.root(size)
        assert root == mth(leaves[:size])
        for index in (0, size // 3, size - 1):
            proof = log.prove_inclusion(index, size)
            tlog.verify_inclusion(leaves[index], index, size, proof, root)
        for old in (1, 200, 256, size // 2, size - 1):
            if 0 < old <= size:
                proof = log.prove_consistency(old, size)
                tlog.verify_consistency(old, mth(leaves[:old]), size, root, proof)


@settings(deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_batches_do_not_matter(batches: list[int]) -> None:
    tiles, at_once = MemoryTiles(), MemoryTiles()
    log = Log(tiles, 0)
    for batch in batches:
        log = Log(tiles, log.size).append_hashes(leaf_hashes(log.size + batch)[log.size :])
    Log(at_once, 0).append_hashes(leaf_hashes(sum(batches)))
    assert tiles._tiles == at_once._tiles
    assert log.size == sum(batches)


def test_hashes_that_a_broken_run_left_ahead_of_the_log_do_no_harm() -> None:
    tiles = MemoryTiles()
    committed = Log(tiles, 0).append_hashes(LEAVES[:10])
    root = committed.root()
    committed.append([b"never committed"] * 500)
    again = Log(tiles, 10)
    assert again.root() == root
    assert again.append_hashes(LEAVES[10:]).root() == LOG.root()


def test_missing_hashes_are_told_and_not_invented() -> None:
    tiles = MemoryTiles()
    log = Log(tiles, 0).append_hashes(leaf_hashes(300))
    tiles._tiles[TileId(0, 1)] = tiles._tiles[TileId(0, 1)][:-32]
    for broken in (Log(tiles, log.size), Log(MemoryTiles(), 300)):
        with pytest.raises(LogDamaged):
            broken.root()
        with pytest.raises(LogDamaged):
            broken.append([b"more"])


def test_what_is_out_of_range_is_refused() -> None:
    for wrong in (-1, 71):
        with pytest.raises(tlog.OutOfRange):
            LOG.root(wrong)
        with pytest.raises(tlog.OutOfRange):
            LOG.prove_consistency(wrong)
    for index in (-1, 70):
        with pytest.raises(tlog.OutOfRange):
            LOG.prove_inclusion(index)
    with pytest.raises(tlog.OutOfRange):
        LOG.prove_inclusion(5, 5)


def test_an_inclusion_proof_proves_nothing_else() -> None:
    for size in (1, 2, 7, 8, 70):
        root = LOG.root(size)
        for index in range(size):
            proof = LOG.prove_inclusion(index, size)
            wrong = [
                (LEAVES[(index + 1) % 70], index, size, proof, root),
                (LEAVES[index], -1, size, proof, root),
                (LEAVES[index], size, size, proof, root),
                (LEAVES[index], index, size, (*proof, root), root),
                (LEAVES[index], index, size, proof, b"\0" * 32),
            ]
            if proof:
                wrong += [
                    (LEAVES[index], index, size, proof[:-1], root),
                    (LEAVES[index], index, size, (*proof[:-1], proof[-1][:31]), root),
                    (LEAVES[index], index ^ 1, size, proof, root),
                    (LEAVES[index], index, size, (b"\0" * 32, *proof[1:]), root),
                ]
            for arguments in wrong:
                with pytest.raises(NotInLog):
                    tlog.verify_inclusion(*arguments)


def test_a_consistency_proof_proves_nothing_else() -> None:
    rng = random.Random(7)
    for size in (2, 3, 7, 8, 9, 33, 70):
        root = LOG.root(size)
        for old in range(1, size):
            old_root, proof = LOG.root(old), LOG.prove_consistency(old, size)
            at = rng.randrange(len(proof))
            wrong = [
                (old, b"\0" * 32, size, root, proof),
                (old, old_root, size, b"\0" * 32, proof),
                (old, old_root, size, root, proof[:-1]),
                (old, old_root, size, root, ()),
                (old, old_root, size, root, (*proof, root)),
                (old, old_root, size, root, (*proof[:at], b"\0" * 32, *proof[at + 1 :])),
                (old, old_root, size, root, (*proof[:at], b"\0", *proof[at + 1 :])),
                (size, old_root, old, root, proof),
                (size, old_root, size, root, ()),
                (-1, old_root, size, root, proof),
            ]
            for arguments in wrong:
                with pytest.raises(LogsDisagree):
                    tlog.verify_consistency(*arguments)


def test_every_log_continues_the_empty_one_without_a_proof() -> None:
    tlog.verify_consistency(0, EMPTY_ROOT, 70, LOG.root(), ())
    with pytest.raises(LogsDisagree, match="roots differ"):
        tlog.verify_consistency(0, LOG.root(), 70, LOG.root(), ())
    with pytest.raises(LogsDisagree, match="no proof is needed"):
        tlog.verify_consistency(0, EMPTY_ROOT, 70, LOG.root(), (LOG.root(),))


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = tlog.leaf_hash(b"a"), tlog.leaf_hash(b"b")
    assert tlog.leaf_hash(left + right) != tlog.node_hash(left, right)
