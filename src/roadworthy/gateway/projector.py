"""Follows the database's change feed into this host's read model. One process a host.

* A row's number in the feed is visible only after all lower ones, so asking for "higher than the
  last" misses nothing.
* Stops are read first in every round and do not wait for rows.
* The stamp says when the database was asked, and is written only when everything it said is in the
  model: a projector that falls behind, or cannot reach the database, lets the model go stale.
* Another database than before (restored, promoted, moved) means: build the model anew.
"""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing import connection as pipes
from types import FrameType
from typing import NamedTuple

import msgspec
import psycopg

from roadworthy.gateway import database, outcomes, places, projection, records, sql
from roadworthy.gateway.model import StoredCommon, StoredTenant
from roadworthy.gateway.outcomes import Note, Outcomes
from roadworthy.gateway.projection import Position, Projection
from roadworthy.gateway.settings import Settings

log = logging.getLogger(__name__)

ROUND_SECONDS = 0.2  # the longest time between two looks at the database
TIDY_SECONDS = 60
BATCH = 5000
REBUILD_BEHIND = 500_000  # so many changes are read faster all at once
SPECIAL = b"\\"
_UNESCAPES = {b"\\b": b"\b", b"\\f": b"\f", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t",
              b"\\v": b"\v", b"\\\\": b"\\"}  # fmt: skip


class Heads(NamedTuple):
    """How far the feed has come, and what is stopped."""

    assignments: int
    deployments: int
    tenants: int
    consents: int
    stops: list[int]


class Projector:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._projection = Projection(settings)
        self._outcomes = Outcomes(settings)
        self._tidied_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Follow the feed until told to stop, through restarts of the database."""
        pause = database.FIRST_PAUSE
        while not stop.is_set():
            try:
                with self._connect() as connection:
                    self._begin(connection)
                    pause = database.FIRST_PAUSE
                    while not stop.is_set():
                        if self._round(connection):
                            next(connection.notifies(timeout=ROUND_SECONDS, stop_after=1), None)
            except psycopg.Error as gone:
                log.warning("The database is gone (%s).", type(gone).__name__)
                stop.wait(pause)
                pause = database.longer(pause)

    def close(self) -> None:
        self._projection.close()
        self._outcomes.close()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(database.address(self._settings, name="projector"), autocommit=True)

    def _begin(self, connection: psycopg.Connection) -> None:
        connection.execute(sql.LISTEN_FEED)
        connection.execute(sql.LISTEN_STOP)
        identity = connection.execute(sql.IDENTITY).fetchone()
        assert identity is not None
        heads = _heads(connection)
        position = self._projection.position
        self._recall_finals(connection)
        is_same = (position.identity, position.format) == (identity[0], projection.FORMAT)
        is_behind = heads.assignments - position.assignments > REBUILD_BEHIND
        if not is_same or is_behind or heads.assignments < position.assignments:
            self._rebuild(connection, Position(identity=identity[0]))
        self._outcomes.settle_all(self._projection.offered)

    def _round(self, connection: psycopg.Connection) -> bool:
        """Take one batch of what is new; True when nothing was left over."""
        asked_at = projection.now()
        heads = _heads(connection)
        self._share(connection, heads)
        if heads.assignments > self._projection.position.assignments:
            self._take(connection, heads.assignments)
        if heads.consents > self._projection.position.consents:
            self._take_consents(connection, heads.consents)
        taken = self._projection.position
        if heads.assignments > taken.assignments or heads.consents > taken.consents:
            return False
        self._projection.stamp(asked_at)
        if asked_at - self._tidied_at > TIDY_SECONDS:
            self._projection.forget_dead_readers()
            self._tidied_at = asked_at
        return True

    def _share(self, connection: psycopg.Connection, heads: Heads) -> None:
        """Take over tenants, deployments and stops, if any changed."""
        position, common = self._projection.position, self._projection.common
        is_new = heads.tenants > position.tenants or heads.deployments > position.deployments
        if not is_new and heads.stops == common.stops and self._projection.is_built:
            return
        tenants = {
            name: StoredTenant(digest, sleep)
            for name, digest, sleep in connection.execute(sql.TENANTS)
        }
        chunks: dict[int, object] = dict(
            connection.execute(sql.DEPLOYMENTS, [position.deployments]).fetchall()
        )
        after = msgspec.structs.replace(
            position, tenants=heads.tenants, deployments=heads.deployments
        )
        self._projection.share(StoredCommon(tenants, heads.stops), chunks, after)

    def _take(self, connection: psycopg.Connection, head: int) -> None:
        """Take a batch of rows, none newer than the deployments that were taken before it."""
        position = self._projection.position
        asked = [position.assignments, head, BATCH]
        rows = connection.execute(sql.ASSIGNMENTS, asked).fetchall()
        pairs = [(records.short(key.encode()), record.encode()) for key, record, _ in rows]
        last = rows[-1][2] if rows else head
        self._projection.apply(pairs, msgspec.structs.replace(position, assignments=last))
        self._outcomes.settle((key for key, _ in pairs), self._projection.offered)

    def _take_consents(self, connection: psycopg.Connection, head: int) -> None:
        """Take a batch of what owners said about the data of their vehicles."""
        position = self._projection.position
        rows = connection.execute(sql.CONSENTS, [position.consents, head, BATCH]).fetchall()
        pairs = [(records.short(key.encode()), said.encode()) for key, said, _ in rows]
        last = rows[-1][2] if rows else head
        self._projection.consent(pairs, msgspec.structs.replace(position, consents=last))

    def _rebuild(self, connection: psycopg.Connection, empty: Position) -> None:
        self._projection.doubt()
        began = time.monotonic()
        heads = _heads(connection)  # before the rows: what changes meanwhile is read once more
        position = msgspec.structs.replace(empty, assignments=heads.assignments)
        count = self._projection.rebuild(lambda: _all_records(connection), position)
        seconds = time.monotonic() - began
        log.info("Built the read model of %d vehicles in %.1f s.", count, seconds)

    def _recall_finals(self, connection: psycopg.Connection) -> None:
        """Take over what vehicles closed and the engine has not yet applied."""
        rows = connection.execute(sql.UNAPPLIED_FINALS).fetchall()
        self._outcomes.note(
            Note(records.short(key.encode()), str(action), closed=closed)
            for key, action, kind, finished in rows
            if (closed := outcomes.closed_by(kind, finished))
        )


def _heads(connection: psycopg.Connection) -> Heads:
    row = connection.execute(sql.HEADS).fetchone()
    assert row is not None
    return Heads(*row)


def _all_records(connection: psycopg.Connection) -> Iterator[tuple[bytes, bytes]]:
    with connection.cursor() as cursor, cursor.copy(sql.ALL_ASSIGNMENTS) as copy:
        for line in copy:
            key, _, record = bytes(line).partition(b"\t")
            if SPECIAL in key:
                key = _unescaped(key)
            yield (key if len(key) <= records.LONGEST_KEY else records.short(key)), record[:-1]


def _unescaped(text: bytes) -> bytes:
    """Undo what COPY does to backslashes and control characters."""
    parts = iter(text.split(SPECIAL))
    whole = next(parts)
    for part in parts:
        if not part:  # a backslash that was doubled
            whole += SPECIAL + next(parts, b"")
        else:
            whole += _UNESCAPES[SPECIAL + part[:1]] + part[1:]
    return whole


def run(settings: Settings) -> None:
    """Be the projector of this host: wait for the one there may be, end with who started this."""
    logging.basicConfig(level=settings.log_level)
    stop = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    threading.Thread(target=_follow_parent, args=(stop,), daemon=True).start()
    places.prepare(settings)
    with (settings.folder / "projector.lock").open("w") as lock:
        if not _is_alone(lock.fileno(), stop):
            return
        projector = Projector(settings)
        projector.run(stop)
        projector.close()


def _is_alone(lock: int, stop: threading.Event) -> bool:
    while not stop.is_set():
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stop.wait(ROUND_SECONDS)
        else:
            return True
    return False


def _follow_parent(stop: threading.Event) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        pipes.wait([parent.sentinel])
        stop.set()
