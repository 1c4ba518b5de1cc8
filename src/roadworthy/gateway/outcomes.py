"""What this host knows about open actions before the engine does.

The read model lags behind a vehicle's own word. An action that a vehicle has closed must not be
offered to it again meanwhile, so the outcome is written here before the report is acknowledged, in
a file that all processes of the host share and that outlives any of them. The projector removes an
entry when the read model no longer offers that action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import lmdb

from roadworthy.gateway import places
from roadworthy.gateway.settings import Settings

SUCCEEDED = "succeeded"
FAILED = "failed"
CANCELLED = "cancelled"


class Outcome(NamedTuple):
    """One line of text: what is known of the newest action of one vehicle."""

    action_id: str
    reports: str = "0"  # how many were stored, for the quota
    is_retrieved: str = ""  # "1": the instruction was read
    closed: str = ""  # SUCCEEDED, FAILED, CANCELLED
    downloads: str = ""  # artifacts fetched as a whole, with commas between


@dataclass(frozen=True, slots=True)
class Note:
    """What a stored report changes about an outcome."""

    key: bytes
    action_id: str
    is_report: bool = False
    is_retrieved: bool = False
    closed: str = ""
    download: str = ""
    is_registered: bool = False


class Outcomes:
    def __init__(self, settings: Settings) -> None:
        self._environment = places.open_outcomes(settings)
        self._actions = self._environment.open_db(b"actions")
        self._registered = self._environment.open_db(b"registered")

    def last(self, key: bytes) -> Outcome | None:
        """Return what is known of whatever action of this vehicle was noted last."""
        with self._environment.begin() as txn:
            stored = txn.get(key, db=self._actions)
        return _read(stored) if stored else None

    def is_registered(self, key: bytes) -> bool:
        """Tell whether this unknown vehicle was already reported as new."""
        with self._environment.begin() as txn:
            return txn.get(key, db=self._registered) is not None

    def note(self, notes: Iterable[Note]) -> None:
        """Write what stored reports change; visible to all processes when this returns."""
        with self._environment.begin(write=True) as txn:
            for note in notes:
                if note.is_registered:
                    txn.put(note.key, b"", db=self._registered)
                    continue
                stored = txn.get(note.key, db=self._actions)
                before = _read(stored) if stored else Outcome(note.action_id)
                if before.action_id != note.action_id:
                    before = Outcome(note.action_id)
                line = "|".join(_after(before, note))
                txn.put(note.key, line.encode(), db=self._actions)

    def settle(self, keys: Iterable[bytes], offered: Callable[[bytes], str | None]) -> None:
        """Forget, of these vehicles, what the read model has caught up with."""
        with self._environment.begin() as txn:
            held = [key for key in keys if self._holds(txn, key)]
        self._forget(held, offered)

    def settle_all(self, offered: Callable[[bytes], str | None]) -> None:
        """Forget, of all vehicles, what the read model has caught up with."""
        with self._environment.begin() as txn:
            held = [
                bytes(key)
                for db in (self._actions, self._registered)
                for key in txn.cursor(db=db).iternext(values=False)
            ]
        self._forget(held, offered)

    def _holds(self, txn: lmdb.Transaction, key: bytes) -> bool:
        return (
            txn.get(key, db=self._actions) is not None
            or txn.get(key, db=self._registered) is not None
        )

    def _forget(self, keys: list[bytes], offered: Callable[[bytes], str | None]) -> None:
        if not keys:
            return
        with self._environment.begin(write=True) as txn:
            for key in keys:
                open_action = offered(key)
                if open_action is None:
                    continue  # no row speaks of it yet
                txn.delete(key, db=self._registered)
                stored = txn.get(key, db=self._actions)
                if stored and _read(stored).action_id != open_action:
                    txn.delete(key, db=self._actions)

    def close(self) -> None:
        self._environment.close()


def closed_by(kind: str, finished: str) -> str:
    """Say what a report with ``closed`` means for the action; an empty text: it stays open."""
    if kind == "cancel-feedback":
        # "failure" is "I could not give it up": the update goes on.
        return "" if finished == "failure" else CANCELLED
    return FAILED if finished == "failure" else SUCCEEDED


def _read(stored: bytes) -> Outcome:
    return Outcome._make(stored.decode().split("|"))


def _after(before: Outcome, note: Note) -> Outcome:
    downloads = before.downloads.split(",") if before.downloads else []
    if note.download and note.download not in downloads:
        downloads.append(note.download)
    return Outcome(
        before.action_id,
        str(int(before.reports) + note.is_report),
        "1" if note.is_retrieved else before.is_retrieved,
        note.closed or before.closed,
        ",".join(downloads),
    )
