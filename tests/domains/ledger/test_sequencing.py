"""The log: entries get their place once, in a tree whose checkpoints continue one another."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from roadworthy.domains.filings import upkeep
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.ledger import queries, sequencing
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.ledger.holding import LogForked
from roadworthy.domains.ledger.models import Checkpoint, Entry, Leaf, Tile
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.trust import checkpoints
from roadworthy.trust.tlog import leaf_hash, verify_consistency, verify_inclusion
from tests.world import World

AT = datetime(2025, 6, 3, tzinfo=UTC)


def write(count: int, label: str = "x") -> None:
    with transaction.atomic():
        ledger.record_many(
            ledger.Step("test:step", f"{label}/{n}", witnessed(PLATFORM), AT, data={"n": n})
            for n in range(count)
        )


def test_a_step_is_not_recorded_outside_its_transaction(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        ledger.record(event="x", subject="x", actor=witnessed(PLATFORM), at=AT)


def test_a_step_that_is_rolled_back_leaves_no_entry(transactional_db: None) -> None:
    def breaks_off() -> None:
        with transaction.atomic():
            ledger.record(event="x", subject="x", actor=witnessed(PLATFORM), at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks_off()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_entry SET event = 'y'", "DELETE FROM ledger_entry"]
)
def test_the_database_refuses_to_rewrite_history(db: None, statement: str) -> None:
    write(1)
    with (
        pytest.raises(IntegrityError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_every_entry_is_proven_under_every_later_checkpoint(db: None, platform: Platform) -> None:
    sizes = []
    for count in (1, 2, 300, 7):
        write(count, label=str(count))
        made = sequencing.sequence(signer=platform.log, at=AT)
        assert made is not None
        sizes.append((made.size, bytes.fromhex(made.root)))
    assert [size for size, _ in sizes] == [1, 3, 303, 310]
    for (old, old_root), (new, root) in pairwise(sizes):
        proof = sequencing.log(new).prove_consistency(old)
        verify_consistency(old, old_root, new, root, proof)
    size, root = sizes[-1]
    for leaf in Leaf.objects.select_related("entry"):
        verify_inclusion(
            leaf_hash(bytes(leaf.entry.body)),
            leaf.index,
            size,
            queries.inclusion_proof(leaf.index, size),
            root,
        )


def test_nothing_to_sequence_makes_no_checkpoint(db: None, platform: Platform) -> None:
    write(1)
    assert sequencing.sequence(signer=platform.log, at=AT) is not None
    assert sequencing.sequence(signer=platform.log, at=AT) is None
    assert Checkpoint.objects.count() == 1


def test_sequencers_at_the_same_time_give_each_entry_one_place(
    transactional_db: None, platform: Platform
) -> None:
    failures: list[BaseException] = []

    def together(work: Any) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - told to the test below
            failures.append(failure)
        finally:
            connections.close_all()

    def writer(label: str) -> None:
        for n in range(20):
            write(3, f"{label}-{n}")

    def sequencer() -> None:
        for _ in range(20):
            sequencing.sequence(signer=platform.log, at=AT)

    works = [lambda: writer("a"), lambda: writer("b"), sequencer, sequencer]
    threads = [threading.Thread(target=together, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    sequencing.sequence(signer=platform.log, at=AT)
    assert sorted(Leaf.objects.values_list("index", flat=True)) == list(range(120))
    assert Leaf.objects.values("entry").distinct().count() == 120
    newest = queries.latest_checkpoint()
    assert newest is not None
    opened = checkpoints.open_checkpoint(newest.note.encode(), platform.log.verifier)
    assert opened.checkpoint.size == 120
    assert sequencing.log(120).root() == opened.checkpoint.root


def test_a_witness_refuses_a_log_whose_past_was_changed(world: World) -> None:
    world.witness()
    before = queries.latest_witnessed()
    assert before is not None
    Tile.objects.filter(level=0, number=0).update(hashes=bytes(32) * before.size)
    write(1)
    with pytest.raises(LogForked):  # the deployment remembers what it signed
        world.witness()
    world.platform.head.path.unlink()
    with pytest.raises(checkpoints.CheckpointRefused):  # and if it did not, the witness does
        world.witness()


def test_upkeep_sequences_and_renews_a_timestamp_that_is_half_gone(world: World) -> None:
    from roadworthy.domains.filings.store import DatabaseMetadata
    from roadworthy.trust.online import expiry

    old = expiry(DatabaseMetadata().get("timestamp"))
    upkeep.turn(world.platform, world.tick(hours=1))
    assert expiry(DatabaseMetadata().get("timestamp")) == old
    upkeep.turn(world.platform, world.tick(hours=13))
    assert expiry(DatabaseMetadata().get("timestamp")) > old
    newest = queries.latest_checkpoint()
    assert newest is not None
    assert newest.size == Entry.objects.count()
