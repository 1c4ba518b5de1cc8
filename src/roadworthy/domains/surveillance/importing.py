"""A file of reports into a register: batch by batch, each its own transaction.

* What was committed stays: a killed import is started again and finds its own rows as duplicates.
* While one batch is merged by the database, the next one is read: two cores, two batches in memory.
* A second import of the same file changes nothing.
"""

from __future__ import annotations

import gc
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from django.db import connection, connections, transaction
from django.db.models import F

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.surveillance import containers, errors, forms, staging, straight, tables
from roadworthy.domains.surveillance.containers import Opened
from roadworthy.domains.surveillance.forms import Form
from roadworthy.domains.surveillance.models import ImportRun, Register
from roadworthy.domains.surveillance.rows import Batch, Fault, Rows
from roadworthy.domains.surveillance.staging import Merged
from roadworthy.domains.surveillance.values import escaped
from roadworthy.kernel.errors import DomainError

BATCH: Final = 50_000
MAY: Final = frozenset({Role.SAFETY, Role.COMPLIANCE_OFFICER})
# The first half of the advisory lock that a running import holds; the second is its number.
LOCK: Final = 0x52570001
_GIVE_WAY_SECONDS: Final = 0.0002
_FAULTS: Final = (
    'COPY surveillance_fault (run_id, row, "column", value, code, facts, is_warning) FROM STDIN'
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file of which the form is known."""

    file: Opened
    form: Form
    header: Sequence[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did. ``rows`` is the sum of imported, amended, duplicates, blank, refused."""

    run_id: int
    source: str
    file_name: str
    file_sha256: str
    container: str
    encoding: str
    unknown_columns: Sequence[str]
    rows: int
    imported: int
    amended: int
    duplicates: int
    blank: int
    refused: int
    warned: int
    older: int
    differing: int


@contextmanager
def recognised(path: Path, *, name: str = "", form: str = "auto") -> Iterator[Recognised]:
    """Open a file and find out its form; ``form`` is one of ``forms.NAMES`` or "auto".

    Raises:
        NoSuchFile, NothingInside, NotAText, NotOneFile, WrongEncoding, BrokenJson: no table.
        UnknownForm, ColumnMissing, ColumnTwice: a table of no form, or not whole.
    """
    with containers.opened(path, name=name) as file:
        header = tables.table(file).header
        yield Recognised(file, forms.of_header(header, file=file.name, asked=form), header)


@transaction.atomic(durable=True)
def begin(
    found: Recognised, *, manufacturer_id: int | None, actor: Actor, at: datetime
) -> ImportRun:
    """Enter an import; without a manufacturer into the public register of its source.

    Raises:
        NotAMember, NotYourTask: the actor may not.
    """
    by = witnessed(actor)
    is_own = actor.role in MAY and actor.organisation_id == manufacturer_id is not None
    if actor.role != Role.PLATFORM and not is_own:
        raise errors.NotYourTask
    register, _ = Register.objects.get_or_create(
        source=found.form.key, manufacturer_id=manufacturer_id
    )
    run = ImportRun.objects.create(
        register=register,
        file_name=found.file.name[:200],
        file_sha256=found.file.sha256,
        file_bytes=found.file.size,
        container=found.file.container,
        encoding=found.file.encoding,
        given_at=at,
        given_by_id=actor.user_id,
    )
    ledger.record(
        event="reports:import:begun",
        subject=f"import/{run.pk}",
        actor=by,
        at=at,
        data={"source": register.source, "file_sha256": run.file_sha256},
    )
    return run


def carry_out(
    run_id: int,
    found: Recognised,
    *,
    actor: Actor,
    batch_size: int = BATCH,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Take in all rows of a file for which an import was begun.

    Raises:
        NoSuchRun: no such import, or it was started before.
        WrongEncoding, BrokenJson: the rest of the file cannot be read; what was read is in.
    """
    if not ImportRun.objects.filter(pk=run_id, started_at=None).update(
        started_at=datetime.now(UTC)
    ):
        raise errors.NoSuchRun
    run = ImportRun.objects.select_related("register").get(pk=run_id)
    with _alive(run_id), _at_full_speed():
        rows = Rows(found.form, found.header)
        done = _Done(on_progress)
        table = tables.table(found.file, done.tell)
        read = rows.batches(table.records, size=batch_size, first=table.first)
        try:
            _each(_made_ready(run, read, done), partial(_commit, run))
        except DomainError as wrong:
            _end(run, rows, actor=actor, failure=wrong)
            raise
        _end(run, rows, actor=actor)
    return _summary(ImportRun.objects.select_related("register").get(pk=run_id))


def _summary(run: ImportRun) -> Summary:
    names = (one.name for one in fields(Summary) if one.name not in {"run_id", "source"})
    counts = {name: getattr(run, name) for name in names}
    return Summary(run_id=run.pk, source=run.register.source, **counts)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A batch, what would go straight into the register, and how many bytes are read by then."""

    batch: Batch
    ready: straight.Ready | None
    bytes: int


class _Done:
    """How many bytes are read."""

    def __init__(self, on_progress: Callable[[int], None]) -> None:
        self.bytes, self._on_progress = 0, on_progress

    def tell(self, read: int) -> None:
        self.bytes = read
        self._on_progress(read)


@contextmanager
def _alive(run_id: int) -> Iterator[None]:
    """Let others see that this import is at work: the lock goes when the process does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, run_id])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, run_id])


@contextmanager
def _at_full_speed() -> Iterator[None]:
    """Let reading and sending not stand in each other's way; an import has the process for itself.

    * The database waits for the sender whenever that waits for the reader to give way.
    * What the process holds already is not searched for cycles again and again.
    """
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_GIVE_WAY_SECONDS)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(interval)


def _made_ready(run: ImportRun, read: Iterator[Batch], done: _Done) -> Iterator[_Piece]:
    for batch in read:
        ready = straight.ready(batch, register_id=run.register_id, run_id=run.pk)
        yield _Piece(batch, ready, done.bytes)


def _each(pieces: Iterator[_Piece], commit: Callable[[_Piece], None]) -> None:
    """Commit each batch while the next one is read.

    A file of one batch needs no second thread, and a caller's own transaction admits none.
    """
    first = list(itertools.islice(pieces, 2))
    if len(first) == 1 or connection.in_atomic_block:
        for piece in itertools.chain(first, pieces):
            commit(piece)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="merge") as database:
        pending: Future[None] | None = None
        try:
            for piece in itertools.chain(first, pieces):
                if pending is not None:
                    pending.result()
                pending = database.submit(commit, piece)
            if pending is not None:
                pending.result()
        finally:
            database.submit(connections.close_all)


@transaction.atomic(durable=True)
def _commit(run: ImportRun, piece: _Piece) -> None:
    batch = piece.batch
    Register.objects.select_for_update(no_key=True).get(pk=run.register_id)
    merged = Merged()
    if batch.lines:
        merged = staging.merge(batch, register_id=run.register_id, run_id=run.pk, ready=piece.ready)
    if batch.faults:
        with connection.cursor() as cursor, cursor.copy(_FAULTS) as copy:
            copy.write("".join(_line(run.pk, one) for one in batch.faults).encode())
    ImportRun.objects.filter(pk=run.pk).update(
        done_bytes=piece.bytes,
        rows=F("rows") + batch.rows,
        imported=F("imported") + merged.imported,
        amended=F("amended") + merged.amended,
        duplicates=F("duplicates") + merged.duplicates,
        older=F("older") + merged.older,
        differing=F("differing") + merged.differing,
        blank=F("blank") + batch.blank,
        refused=F("refused") + batch.refused,
        warned=F("warned") + sum(one.is_warning for one in batch.faults),
    )


@transaction.atomic(durable=True)
def _end(run: ImportRun, rows: Rows, *, actor: Actor, failure: DomainError | None = None) -> None:
    at = datetime.now(UTC)
    locked = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    locked.finished_at, locked.unknown_columns = at, rows.unknown_columns
    if failure is not None:
        facts = {name: str(value) for name, value in failure.data.items()}
        locked.failure = {"code": failure.code, "facts": facts}
    locked.save(update_fields=["finished_at", "unknown_columns", "failure"])
    counts = ("rows", "imported", "amended", "duplicates", "blank", "refused")
    ledger.record(
        event="reports:import:ended",
        subject=f"import/{run.pk}",
        actor=witnessed(actor),
        at=at,
        data={
            "source": run.register.source,
            "file_sha256": locked.file_sha256,
            **{name: getattr(locked, name) for name in counts},
            "failure": failure.code if failure else None,
        },
    )


def _line(run_id: int, fault: Fault) -> str:
    facts = json.dumps({key: str(value) for key, value in fault.error.data.items()})
    cells = (
        str(run_id),
        str(fault.row),
        fault.column,
        fault.value.replace("\0", "\ufffd"),
        fault.error.code,
        facts,
        "t" if fault.is_warning else "f",
    )
    return "\t".join(map(escaped, cells)) + "\n"
