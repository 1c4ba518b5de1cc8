"""Who has signed a tree of some size signs no other of it, whatever became of the database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from roadworthy.domains.filings import restoring
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.ledger import queries, sequencing, taking_in
from roadworthy.domains.ledger.holding import Head, LogBehind, LogForked
from roadworthy.domains.ledger.models import Checkpoint, Entry, Restoration
from roadworthy.trust.checkpoints import Checkpoint as Signed
from tests.domains.ledger.test_sequencing import AT, write
from tests.world import World


def signed(platform: Platform, count: int, label: str = "x") -> Checkpoint:
    write(count, label)
    made = sequencing.sequence(signer=platform.log, at=AT, head=platform.head)
    assert made is not None
    return made


def put_back(count: int) -> list[bytes]:
    """Put the database back behind its last entries, as a restored copy has it; return them."""
    size = sequencing.log().size
    lost = list(queries.bodies(size - count, count))
    with connection.cursor() as cursor:
        for table in ("ledger_leaf", "ledger_entry"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        cursor.execute("SELECT entry_id FROM ledger_leaf WHERE index >= %s", [size - count])
        ids = [number for (number,) in cursor.fetchall()]
        cursor.execute("DELETE FROM ledger_leaf WHERE index >= %s", [size - count])
        cursor.execute("DELETE FROM ledger_entry WHERE id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM ledger_checkpoint WHERE size > %s", [size - count])
        for table in ("ledger_leaf", "ledger_entry"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
    return lost


def test_what_was_signed_last_is_remembered_beside_the_keys(
    platform: Platform, transactional_db: None
) -> None:
    made = signed(platform, 3)
    head = platform.head.latest(platform.log.name)
    assert head is not None
    assert (head.size, head.root.hex()) == (3, made.root)
    assert platform.head.latest("another.example/log") is None
    assert Head(platform.home / "nowhere").latest(platform.log.name) is None


def test_what_is_rolled_back_is_not_remembered(platform: Platform, transactional_db: None) -> None:
    def breaks_off() -> None:
        with transaction.atomic():
            signed(platform, 1)
            raise ZeroDivisionError

    signed(platform, 2)
    with pytest.raises(ZeroDivisionError):
        breaks_off()
    assert signed(platform, 1, "again").size == 3


def test_a_database_that_was_put_back_signs_nothing_until_its_entries_are_back(
    platform: Platform, transactional_db: None
) -> None:
    signed(platform, 3)
    lost = put_back(2)
    write(2, "other")
    with pytest.raises(LogBehind) as wrong:
        sequencing.sequence(signer=platform.log, at=AT, head=platform.head)
    assert wrong.value.data == {"known": 3, "size": 1, "last": 2}
    assert Checkpoint.objects.filter(size__gt=1).count() == 0
    head = platform.head.latest_of_any()
    for rows in ([(1, lost[0])], [(1, lost[1]), (2, lost[0])]):
        with pytest.raises(taking_in.NotTheseEntries):
            taking_in.take_in(rows, head=head)
    assert taking_in.take_in(enumerate(lost, start=1), head=head) == 2
    made = sequencing.sequence(signer=platform.log, at=AT, head=platform.head)
    assert made is not None
    assert made.size == 5
    with pytest.raises(taking_in.NothingMissing):
        taking_in.take_in([], head=head)


def test_an_entry_that_waits_here_takes_its_own_place(
    platform: Platform, transactional_db: None
) -> None:
    signed(platform, 1)
    signed(platform, 1, "later")
    (lost,) = put_back(1)
    write(1, "later")  # it was written before the moment, and sequenced after it
    before = Entry.objects.count()
    taking_in.take_in([(1, lost)], head=platform.head.latest_of_any())
    assert Entry.objects.count() == before
    assert sequencing.sequence(signer=platform.log, at=AT, head=platform.head) is None


def test_another_tree_of_the_same_size_is_never_signed(
    platform: Platform, transactional_db: None
) -> None:
    signed(platform, 2)
    put_back(1)
    write(1, "another history")
    sequencing.sequence(signer=platform.log, at=AT)  # somebody without the file
    write(1)
    with pytest.raises(LogForked):
        sequencing.sequence(signer=platform.log, at=AT, head=platform.head)


def test_a_restoration_holds_the_sequencer_as_the_file_does(
    platform: Platform, transactional_db: None
) -> None:
    signed(platform, 2)
    known = Signed(platform.log.name, 4, b"\1" * 32)
    made = restoring.record(restored_to=AT, found_size=2, brought_back=0, known=known, at=AT)
    assert (made.restored_to, made.known_size) == (AT, 4)
    write(1)
    ids = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    assert ids[-1] - ids[1] > 2, "numbers of what is missing are not given again"
    with pytest.raises(LogBehind):
        sequencing.sequence(signer=platform.log, at=AT)
    assert queries.gone() == (range(2, 4),)
    held = sequencing.held(platform.head)
    assert held is not None
    assert "entries 2 to 3 are missing" in str(held)
    with pytest.raises(IntegrityError), transaction.atomic():
        Restoration.objects.all().delete()


def test_a_filing_does_not_get_the_number_of_one_that_is_missing(world: World) -> None:
    size = sequencing.log().size
    known = Signed(world.platform.log.name, size + 2, b"\1" * 32)
    with connection.cursor() as cursor:  # at the moment, no filing had a number yet
        cursor.execute("ALTER SEQUENCE filings_filing_id_seq RESTART")
        cursor.execute("CREATE SEQUENCE nearly_used_up AS smallint START 32000")
    restoring.record(restored_to=AT, found_size=size, brought_back=0, known=known, at=AT)
    filing = world.prepare(FilingKind.CAPABILITY)[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('nearly_used_up')")
        ((following,),) = cursor.fetchall()
        cursor.execute("DROP SEQUENCE nearly_used_up")
    assert filing.pk > 2, "each missing entry may speak of another filing"
    assert filing.number.endswith(f"-{filing.pk:04d}")
    assert 32_000 < following < 32_767


def test_a_restoration_that_lacks_nothing_is_an_entry_like_others(
    platform: Platform, transactional_db: None
) -> None:
    signed(platform, 2)
    restoring.record(
        restored_to=None, found_size=2, brought_back=0, known=None, at=datetime.now(UTC)
    )
    made = sequencing.sequence(signer=platform.log, at=AT, head=platform.head)
    assert made is not None
    assert made.size == 3
    assert sequencing.held(platform.head) is None
    assert queries.gone() == ()
    assert queries.about("deployment")[0].event == "deployment:restored"


def test_the_logs_key_is_known_from_the_homes_files(platform: Platform, tmp_path) -> None:
    assert restoring.log_key(platform.home) == platform.log.verifier
    assert restoring.log_key(tmp_path / "nowhere") is None
