"""An append-only Merkle tree after RFC 6962, kept in C2SP tiles.

* A leaf and a node are hashed with different first bytes, so neither can pass for the other.
* The tree of any earlier size can be computed at any time: its hashes are still there.
* A proof is checked by functions that know neither the tree nor the tiles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import reduce

from roadworthy.kernel.errors import Invalid, Unavailable
from roadworthy.trust.tiles import HASH_SIZE, TILE_HEIGHT, TILE_WIDTH, TileId, TileStore

_LEAF = b"\x00"
_NODE = b"\x01"
EMPTY_ROOT = hashlib.sha256(b"").digest()


class NotInLog(Invalid):
    code = "trust.not_in_log"
    message = "Entry {index} is not proven to be in the log of size {size}: {reason}."


class LogsDisagree(Invalid):
    code = "trust.logs_disagree"
    message = (
        "The log of size {size} is not proven to continue the log of size {old_size}: {reason}."
    )


class OutOfRange(Invalid):
    code = "trust.out_of_range"
    message = "{what} does not exist in a log of size {size}."


class LogDamaged(Unavailable):
    code = "trust.log_damaged"
    message = (
        "The log should have {size} entries, but hashes are missing in tile {level}/{index}. "
        "Restore the log from a backup."
    )


def leaf_hash(entry: bytes) -> bytes:
    """Return the RFC 6962 hash of an entry."""
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the RFC 6962 hash of two subtrees."""
    return hashlib.sha256(_NODE + left + right).digest()


class Log:
    """The tree of one size over a store; appending returns the larger tree."""

    def __init__(self, tiles: TileStore, size: int) -> None:
        self._tiles = tiles
        self._size = size
        self._seen: dict[TileId, bytes] = {}

    @property
    def size(self) -> int:
        return self._size

    def append(self, entries: Iterable[bytes]) -> Log:
        """Add entries in order, in one write; return the log that has them.

        Raises:
            LogDamaged: the store lacks hashes that this size needs.
        """
        return self.append_hashes([leaf_hash(entry) for entry in entries])

    def append_hashes(self, leaf_hashes: Sequence[bytes]) -> Log:
        """Add entries by their leaf hashes.

        Raises:
            LogDamaged: the store lacks hashes that this size needs.
        """
        grown: dict[TileId, bytes] = {}
        level, count, fresh = 0, self._size, list(leaf_hashes)
        while fresh:
            full: list[bytes] = []
            index, width = divmod(count, TILE_WIDTH)
            content = self._tile(TileId(level, index), width) if width else b""
            content += b"".join(fresh)
            for start in range(0, len(content), TILE_WIDTH * HASH_SIZE):
                part = content[start : start + TILE_WIDTH * HASH_SIZE]
                grown[TileId(level, index + start // (TILE_WIDTH * HASH_SIZE))] = part
                if len(part) == TILE_WIDTH * HASH_SIZE:
                    full.append(_subtree(part))
            level, count, fresh = level + 1, count // TILE_WIDTH, full
        self._tiles.put(grown)
        return Log(self._tiles, self._size + len(leaf_hashes))

    def root(self, size: int | None = None) -> bytes:
        """Return the root hash, now or at an earlier size.

        Raises:
            OutOfRange: the log never had that size yet.
            LogDamaged: hashes are missing.
        """
        end = self._checked(size)
        return self._range(0, end) if end else EMPTY_ROOT

    def prove_inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the RFC 6962 audit path of an entry, its sibling first.

        Raises:
            OutOfRange: there is no such entry at that size.
            LogDamaged: hashes are missing.
        """
        end = self._checked(size)
        if not 0 <= index < end:
            raise OutOfRange(what=f"Entry {index}", size=end)
        proof = []
        start = 0
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start = middle
        return tuple(reversed(proof))

    def prove_consistency(self, old_size: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the RFC 6962 proof that the tree of this size continues the older one.

        Raises:
            OutOfRange: the old size is larger.
            LogDamaged: hashes are missing.
        """
        end = self._checked(size)
        if not 0 <= old_size <= end:
            raise OutOfRange(what=f"Size {old_size}", size=end)
        if old_size in (0, end):
            return ()
        proof = []
        start, whole = 0, True
        while old_size != end:
            middle = start + _split(end - start)
            if old_size <= middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start, whole = middle, False
        if not whole:
            proof.append(self._range(start, end))
        return tuple(reversed(proof))

    def _checked(self, size: int | None) -> int:
        if size is None:
            return self._size
        if not 0 <= size <= self._size:
            raise OutOfRange(what=f"Size {size}", size=self._size)
        return size

    def _range(self, start: int, end: int) -> bytes:
        """Return the hash over leaves from ``start`` to before ``end``; ``start`` is aligned."""
        hashes = []
        while start < end:
            height = min((end - start).bit_length() - 1, (start & -start or end).bit_length() - 1)
            hashes.append(self._node(height, start >> height))
            start += 1 << height
        return reduce(lambda right, left: node_hash(left, right), reversed(hashes))

    def _node(self, height: int, index: int) -> bytes:
        """Return the hash of one complete subtree with ``2 ** height`` leaves."""
        level, inside = divmod(height, TILE_HEIGHT)
        first = index << inside
        tile, offset = divmod(first, TILE_WIDTH)
        content = self._tile(TileId(level, tile), offset + (1 << inside))
        return _subtree(content[offset * HASH_SIZE :])

    def _tile(self, tile: TileId, width: int) -> bytes:
        content = self._seen.get(tile, b"")
        if len(content) < width * HASH_SIZE:
            content = self._seen[tile] = self._tiles.get(tile) or b""
        if len(content) < width * HASH_SIZE:
            raise LogDamaged(size=self._size, level=tile.level, index=tile.index)
        # The store may be ahead, if a run broke off after it had written tiles.
        return content[: width * HASH_SIZE]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash stands at ``index`` in the tree with that size and root.

    Raises:
        NotInLog: it does not, or the proof is not one for this place.
    """
    if not 0 <= index < size:
        raise NotInLog(index=index, size=size, reason="there is no such place")
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border or any(len(item) != HASH_SIZE for item in proof):
        raise NotInLog(index=index, size=size, reason="the proof has the wrong length")
    found = leaf
    for height, sibling in enumerate(proof):
        on_the_left = height >= inner or index >> height & 1
        found = node_hash(sibling, found) if on_the_left else node_hash(found, sibling)
    if found != root:
        raise NotInLog(index=index, size=size, reason="the proof leads to another root")


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree with this size and root continues the older one.

    Raises:
        LogsDisagree: it does not, or the proof is not one for these sizes.
    """
    reason = _inconsistency(old_size, old_root, size, root, proof)
    if reason:
        raise LogsDisagree(old_size=old_size, size=size, reason=reason)


def _inconsistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> str | None:
    if not 0 <= old_size <= size:
        return "it has become shorter"
    if size == 0 and root != EMPTY_ROOT:
        return "an empty log has another root"
    if old_size in (0, size):
        expected = EMPTY_ROOT if old_size == 0 else root
        if proof:
            return "no proof is needed here, but one is given"
        return None if old_root == expected else "the roots differ"
    if any(len(item) != HASH_SIZE for item in proof):
        return "the proof has the wrong length"
    return _walk(old_size, old_root, size, root, list(proof))


def _walk(old_size: int, old_root: bytes, size: int, root: bytes, proof: list[bytes]) -> str | None:
    """Rebuild both roots from one proof, as RFC 9162 section 2.1.4.2 does."""
    if old_size & (old_size - 1) == 0:
        proof.insert(0, old_root)  # the old tree is one complete subtree of the new one
    if not proof:
        return "the proof has the wrong length"
    old_last, last = old_size - 1, size - 1
    while old_last & 1:
        old_last, last = old_last >> 1, last >> 1
    old_found = found = proof[0]
    for item in proof[1:]:
        if last == 0:
            return "the proof has the wrong length"
        if old_last & 1 or old_last == last:
            old_found, found = node_hash(item, old_found), node_hash(item, found)
            while not old_last & 1 and old_last:
                old_last, last = old_last >> 1, last >> 1
        else:
            found = node_hash(found, item)
        old_last, last = old_last >> 1, last >> 1
    if last != 0:
        return "the proof has the wrong length"
    if old_found != old_root:
        return "the proof does not lead to the older root"
    return None if found == root else "the proof does not lead to the newer root"


def _split(count: int) -> int:
    """Return the largest power of two below ``count``: where RFC 6962 splits a tree."""
    return 1 << (count - 1).bit_length() - 1


def _subtree(content: bytes) -> bytes:
    """Return the hash of a complete subtree from its hashes at one height."""
    hashes = [content[at : at + HASH_SIZE] for at in range(0, len(content), HASH_SIZE)]
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]
