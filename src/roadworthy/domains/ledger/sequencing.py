"""Give entries their place in the tree and sign the tree's new size.

One sequencer works at a time, whoever calls it: a lock in the database makes sure. An entry that
commits late is sequenced late; nothing is ever sequenced twice or left out. Nothing is signed by a
database that was put back behind what the log has signed before (``holding``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.db import connection, transaction

from roadworthy.domains.ledger import holding
from roadworthy.domains.ledger.holding import Head, LogBehind, LogForked
from roadworthy.domains.ledger.models import Checkpoint, Entry, Leaf, Pending, Tile, WitnessMemory
from roadworthy.kernel.errors import Unavailable
from roadworthy.trust import checkpoints, notes
from roadworthy.trust.tiles import TileId
from roadworthy.trust.tlog import Log

LOCK = 7301  # advisory lock of the sequencer
MEMORY_LOCK = 7303  # advisory lock of witnesses
BATCH = 10_000


class NothingLogged(Unavailable):
    code = "nothing-logged"
    message = "The log has no checkpoint yet."


class DatabaseTiles:
    """The ``TileStore`` of ``roadworthy.trust`` over a table."""

    def get(self, tile: TileId) -> bytes | None:
        """Return the widest content of a tile."""
        row = Tile.objects.filter(level=tile.level, number=tile.index).first()
        return bytes(row.hashes) if row else None

    def put(self, tiles: Mapping[TileId, bytes]) -> None:
        """Keep new or grown tiles."""
        Tile.objects.bulk_create(
            [
                Tile(level=tile.level, number=tile.index, hashes=hashes)
                for tile, hashes in tiles.items()
            ],
            update_conflicts=True,
            unique_fields=["level", "number"],
            update_fields=["hashes"],
            batch_size=1000,
        )


def log(size: int | None = None) -> Log:
    """Return the tree as it stands, or as it stood at ``size``."""
    return Log(DatabaseTiles(), _size() if size is None else size)


def sequence(
    *, signer: notes.NoteSigner, at: datetime, head: Head | None = None
) -> Checkpoint | None:
    """Sequence everything that waits; return the new checkpoint, or None if nothing waited.

    ``head`` remembers outside the database what was signed last.

    Raises:
        LogBehind, LogForked: the database is not the one that signed what is known of the log.
    """
    newest = None
    while (checkpoint := _sequence_batch(signer, at, head)) is not None:
        newest = checkpoint
        if head is not None:
            # Once it is committed, and not before: what is rolled back was signed for nobody.
            transaction.on_commit(partial(head.remember, checkpoint.note.encode()))
    return newest


@transaction.atomic
def _sequence_batch(signer: notes.NoteSigner, at: datetime, head: Head | None) -> Checkpoint | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    waiting = list(
        Entry.objects.filter(pk__in=Pending.objects.order_by("pk").values("pk")[:BATCH])
        .order_by("id")
        .only("id", "body")
    )
    if not waiting:
        return None
    size = _size()
    holding.refuse_behind(log(size), head.latest(signer.name) if head is not None else None)
    tree = log(size).append([bytes(entry.body) for entry in waiting])
    Leaf.objects.bulk_create(
        [Leaf(index=size + offset, entry=entry) for offset, entry in enumerate(waiting)],
        batch_size=1000,
    )
    Pending.objects.filter(pk__in=[entry.pk for entry in waiting]).delete()
    root = tree.root()
    note = checkpoints.sign_checkpoint(
        checkpoints.Checkpoint(signer.name, tree.size, root), signer, at=at
    )
    return Checkpoint.objects.create(size=tree.size, root=root.hex(), note=note.decode(), at=at)


def held(head: Head) -> LogBehind | LogForked | None:
    """Return what keeps the log from being signed, for whoever looks after a deployment."""
    try:
        holding.refuse_behind(log(), head.latest_of_any())
    except (LogBehind, LogForked) as wrong:
        return wrong
    return None


@transaction.atomic
def cosign(*, witness: notes.NoteSigner, log_key: notes.Verifier, at: datetime) -> Checkpoint:
    """Let a witness cosign the newest checkpoint, as the continuation of the last it has seen.

    Raises:
        NothingLogged: there is no checkpoint.
        CheckpointRefused: the log has been rewritten.
    """
    checkpoint = Checkpoint.objects.select_for_update().order_by("-size").first()
    if checkpoint is None:
        raise NothingLogged
    memory = _Memory(str(witness.verifier))
    clerk = checkpoints.Witness(witness, logs=[log_key], memory=memory)
    seen = clerk.last_size(log_key.name)
    proof = log(checkpoint.size).prove_consistency(seen)
    line = clerk.cosign(checkpoint.note.encode(), old_size=seen, proof=proof, at=at)
    checkpoint.note = notes.add_line(checkpoint.note.encode(), line).decode()
    checkpoint.witnessed_at = at
    checkpoint.save(update_fields=["note", "witnessed_at"])
    return checkpoint


@transaction.atomic
def add_cosignature(*, size: int, line: str, witness: notes.Verifier, at: datetime) -> Checkpoint:
    """Put a cosignature that a witness made elsewhere under the checkpoint of that size.

    Doing it twice changes nothing.

    Raises:
        NothingLogged: there is no checkpoint of that size here.
        NoteMalformed, NoteNotSigned, NoteSignatureWrong: it is not this witness's line for it.
    """
    checkpoint = Checkpoint.objects.select_for_update().filter(size=size).first()
    if checkpoint is None:
        raise NothingLogged
    note = checkpoint.note.encode()
    longer = notes.add_line(note, line)
    notes.open_note(longer, [witness])
    if not any(
        (one.name, one.key_id) == (witness.name, witness.key_id)
        for one in notes.parse(note).signatures
    ):
        checkpoint.note, checkpoint.witnessed_at = longer.decode(), at
        checkpoint.save(update_fields=["note", "witnessed_at"])
    return checkpoint


def memory(witness: str) -> checkpoints.WitnessMemory:
    """Return what a witness remembers, locked until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MEMORY_LOCK])
    return _Memory(witness)


class _Memory:
    """The ``WitnessMemory`` of ``roadworthy.trust``: survives the witness's process."""

    def __init__(self, witness: str) -> None:
        self._witness = witness

    def latest(self, origin: str) -> checkpoints.Checkpoint | None:
        row = WitnessMemory.objects.filter(witness=self._witness, origin=origin).first()
        return checkpoints.Checkpoint(origin, row.size, bytes.fromhex(row.root)) if row else None

    def remember(self, checkpoint: checkpoints.Checkpoint) -> None:
        WitnessMemory.objects.update_or_create(
            witness=self._witness,
            origin=checkpoint.origin,
            defaults={"size": checkpoint.size, "root": checkpoint.root.hex()},
        )


def _size() -> int:
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1
