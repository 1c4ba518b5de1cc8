"""Reports are durable before they are acknowledged, many of them in one commit.

* Reports that arrive while a commit is under way share the next one (COPY), so the load sets the
  size of a batch and a lone report waits for nobody.
* ``report`` returns only after PostgreSQL has committed and this host's outcomes are written.
* No database, a full queue, a commit that takes too long: ``ComeBackLater``, never a false "yes".
  The vehicle repeats the report; if the first one was stored after all, the engine sees it twice
  and takes it once.
* A report that PostgreSQL refuses does not take the rest of its batch with it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import lmdb
import psycopg

from roadworthy.gateway import database, refusals, sql
from roadworthy.gateway.outcomes import Note, Outcomes
from roadworthy.gateway.settings import Settings

log = logging.getLogger(__name__)

LARGEST_BATCH = 5000
LOOKS_PER_PATIENCE = 10
GATHER_SECONDS = 0.001  # after the first report of a batch: others are on their way
NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Unstorable(refusals.Unreadable):
    """PostgreSQL does not take this one report, whatever we do."""


@dataclass(frozen=True, slots=True)
class Report:
    tenant: str
    controller_id: str
    kind: str
    body: bytes  # JSON
    action_id: str = ""
    note: Note | None = None

    def line(self, at: str) -> bytes:
        """Return the report as PostgreSQL's COPY reads it."""
        who = f"{self.tenant.translate(_ESCAPES)}\t{self.controller_id.translate(_ESCAPES)}"
        head = f"{who}\t{self.action_id or NULL}\t{self.kind}\t".encode()
        return head + self.body.replace(b"\\", b"\\\\") + f"\t{at}\tf\n".encode()

    @property
    def statement(self) -> str:
        """Return the COPY that takes it."""
        return sql.APPEND_REPORTS


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a vehicle; what its id names is taken once, whoever repeats it."""

    tenant: str
    controller_id: str
    event_id: str
    body: bytes  # JSON
    kind: str = "event"
    note: Note | None = None

    def line(self, at: str) -> bytes:
        """Return the event as PostgreSQL's COPY reads it."""
        named = (self.tenant, self.controller_id, self.event_id)
        head = "\t".join(one.translate(_ESCAPES) for one in named).encode()
        return head + b"\t" + self.body.replace(b"\\", b"\\\\") + f"\t{at}\n".encode()

    @property
    def statement(self) -> str:
        """Return the COPY that takes it."""
        return sql.APPEND_EVENTS


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What the policy lets be kept of a record, and until when."""

    tenant: str
    controller_id: str
    record_id: str
    policy: str
    picture: str  # the digest of its file, if it has one
    drop_at: str
    body: bytes  # JSON
    kind: str = "telemetry"
    note: Note | None = None

    def line(self, at: str) -> bytes:
        """Return the record as PostgreSQL's COPY reads it."""
        who = (self.tenant, self.controller_id, self.record_id)
        named = (*who, self.policy, self.picture, self.drop_at)
        head = "\t".join(one.translate(_ESCAPES) for one in named).encode()
        return head + b"\t" + self.body.replace(b"\\", b"\\\\") + f"\t{at}\n".encode()

    @property
    def statement(self) -> str:
        """Return the COPY that takes it."""
        return sql.APPEND_TELEMETRY


Kept = Report | Event | Telemetry


@dataclass(frozen=True, slots=True)
class Waiting:
    report: Kept
    line: bytes
    done: asyncio.Future[None] | None  # None: nobody waits for it
    since: float


class Writer:
    def __init__(self, settings: Settings, outcomes: Outcomes) -> None:
        self._settings = settings
        self._outcomes = outcomes
        self._queue: deque[Waiting] = deque()
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._in_commit: Sequence[Waiting] = ()
        self._is_leaving = False
        self._on_their_way: set[Kept] = set()  # of those nobody waits for
        self.is_connected = False

    async def start(self) -> None:
        """Connect; when the database cannot be reached, go on trying."""
        connected = asyncio.Event()
        self._task = asyncio.create_task(self._run(connected))
        self._watch = asyncio.create_task(self._refuse_overdue())
        try:
            await asyncio.wait_for(connected.wait(), database.CONNECT_SECONDS)
        except TimeoutError:
            log.warning("The database cannot be reached yet; reports are refused meanwhile.")

    async def stop(self) -> None:
        """Store what is waiting, then leave."""
        self._is_leaving = True
        self._filled.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=self._settings.commit_seconds)
            self._task.cancel()
        if self._watch is not None:
            self._watch.cancel()

    async def report(self, report: Kept) -> None:
        """Store a report, an event, or telemetry.

        Raises:
            ComeBackLater: it is not known to be stored.
            Unstorable: PostgreSQL refuses its content.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self._enqueue(report, done):
            raise refusals.ComeBackLater
        await done

    def mention(self, report: Report) -> bool:
        """Store a report soon, if that is possible; nothing depends on it."""
        return self._enqueue(report, None)

    def mention_once(self, report: Report) -> None:
        """Store a report soon, unless the same is on its way already."""
        if report not in self._on_their_way and self._enqueue(report, None):
            self._on_their_way.add(report)

    def _enqueue(self, report: Kept, done: asyncio.Future[None] | None) -> bool:
        is_full = len(self._queue) >= self._settings.max_waiting_reports
        if is_full or not self.is_connected or self._is_leaving:
            return False
        line = report.line(datetime.now(UTC).isoformat())
        self._queue.append(Waiting(report, line, done, time.monotonic()))
        self._filled.set()
        return True

    async def _run(self, connected: asyncio.Event) -> None:
        pause = database.FIRST_PAUSE
        while not self._is_leaving:
            try:
                async with self._connected() as connection:
                    pause = database.FIRST_PAUSE
                    connected.set()
                    await self._commit_batches(connection)
            except (psycopg.Error, lmdb.Error, OSError) as gone:
                log.warning("Reports cannot be stored (%s); they are refused.", type(gone).__name__)
                self._refuse_waiting()
                await asyncio.sleep(pause)
                pause = database.longer(pause)
        self._refuse_waiting()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[psycopg.AsyncConnection]:
        connection = await psycopg.AsyncConnection.connect(
            database.address(self._settings, name="gateway"), autocommit=True
        )
        try:
            await connection.execute(sql.DURABLE)
            self.is_connected = True
            yield connection
        finally:
            self.is_connected = False
            await connection.close()

    async def _commit_batches(self, connection: psycopg.AsyncConnection) -> None:
        while self._queue or not self._is_leaving:
            await self._filled.wait()
            await asyncio.sleep(GATHER_SECONDS)
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), LARGEST_BATCH))]
            if not self._queue and not self._is_leaving:
                self._filled.clear()
            if not batch:
                continue
            try:
                self._in_commit = batch
                for alike in _by_statement(batch):
                    await self._commit(connection, alike)
            except BaseException:
                _refuse(batch)
                raise
            await connection.execute(sql.RING)

    async def _commit(self, connection: psycopg.AsyncConnection, batch: Sequence[Waiting]) -> None:
        statement = batch[0].report.statement
        try:
            async with connection.cursor() as cursor, cursor.copy(statement) as copy:
                await copy.write(b"".join(waiting.line for waiting in batch))
        except psycopg.DataError:
            await self._commit_halves(connection, batch)
            return
        self._outcomes.note(one.report.note for one in batch if one.report.note is not None)
        for waiting in batch:
            if waiting.done is None:
                self._on_their_way.discard(waiting.report)
            elif not waiting.done.done():
                waiting.done.set_result(None)

    async def _commit_halves(
        self, connection: psycopg.AsyncConnection, batch: Sequence[Waiting]
    ) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._commit(connection, batch[:middle])
            await self._commit(connection, batch[middle:])
            return
        log.error("PostgreSQL refuses a report of kind %s.", batch[0].report.kind)
        done = batch[0].done
        if done is not None and not done.done():
            done.set_exception(Unstorable(reason="it holds values that cannot be stored"))

    async def _refuse_overdue(self) -> None:
        """Refuse what waits too long. It may still be stored; nobody may say so."""
        while True:
            await asyncio.sleep(self._settings.commit_seconds / LOOKS_PER_PATIENCE)
            latest = time.monotonic() - self._settings.commit_seconds
            waiting = [*self._in_commit, *self._queue]
            _refuse([one for one in waiting if one.since < latest])

    def _refuse_waiting(self) -> None:
        _refuse(self._queue)
        self._queue.clear()
        self._on_their_way.clear()
        self._filled.clear()


def _by_statement(batch: Sequence[Waiting]) -> list[list[Waiting]]:
    """Return what goes into each table, in the order in which it came; nearly always one list."""
    found: dict[str, list[Waiting]] = {}
    for waiting in batch:
        found.setdefault(waiting.report.statement, []).append(waiting)
    return list(found.values())


def _refuse(batch: Sequence[Waiting] | deque[Waiting]) -> None:
    for waiting in batch:
        if waiting.done is not None and not waiting.done.done():
            waiting.done.set_exception(refusals.ComeBackLater())
