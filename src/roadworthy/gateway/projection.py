"""The read model as the projector writes it. One writer; readers see each change whole.

The position says up to where the database's feed is in the model, and of which database.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import lmdb
import msgspec

from roadworthy.gateway import model, places, records
from roadworthy.gateway.settings import Settings

FORMAT = 2  # of keys and records; another one in the file means: build it anew


class Position(msgspec.Struct, frozen=True):
    identity: str = ""
    assignments: int = 0
    deployments: int = 0
    tenants: int = 0
    consents: int = 0
    format: int = FORMAT


class Projection:
    def __init__(self, settings: Settings) -> None:
        self._environment = places.open_model(settings, writable=True)
        self._vehicles = self._environment.open_db(b"vehicles")
        self._common = self._environment.open_db(b"common")
        self._consents = self._environment.open_db(b"consents")
        with self._environment.begin() as txn:
            stored = txn.get(model.POSITION, db=self._common)
            stamp = txn.get(model.STAMP, db=self._common)
            common = txn.get(model.COMMON, db=self._common)
        self.position = msgspec.json.decode(stored, type=Position) if stored else Position()
        self.common = msgspec.json.decode(common or b"{}", type=model.StoredCommon)
        self._version = model.STAMP_FORMAT.unpack(stamp)[1] if stamp else -1

    @property
    def is_built(self) -> bool:
        """Tell whether tenants and stops were ever written."""
        return self._version >= 0

    def stamp(self, at: float) -> None:
        """Say that at ``at`` the model was what the database says."""
        if self._version >= 0:
            self._write(lambda txn: self._put_stamp(txn, at))

    def doubt(self) -> None:
        """Say that nobody knows whether the model is true."""
        self.stamp(0)

    def share(
        self, common: model.StoredCommon, chunks: dict[int, object], position: Position
    ) -> None:
        """Write what concerns more than one vehicle."""

        def write(txn: lmdb.Transaction) -> None:
            txn.put(model.COMMON, msgspec.json.encode(common), db=self._common)
            for number, content in chunks.items():
                key = f"deployment/{number}".encode()
                txn.put(key, msgspec.json.encode(content), db=self._common)
            txn.put(model.POSITION, msgspec.json.encode(position), db=self._common)
            self._put_stamp(txn, None)

        self._version += 1
        self._write(write)
        self.common, self.position = common, position

    def apply(self, rows: Iterable[tuple[bytes, bytes]], position: Position) -> None:
        """Write the records of vehicles that changed."""
        self._put(self._vehicles, rows, position)

    def consent(self, rows: Iterable[tuple[bytes, bytes]], position: Position) -> None:
        """Write what owners said that changed."""
        self._put(self._consents, rows, position)

    def _put(self, where: Any, rows: Iterable[tuple[bytes, bytes]], position: Position) -> None:
        pairs = list(rows)

        def write(txn: lmdb.Transaction) -> None:
            with txn.cursor(db=where) as cursor:
                cursor.putmulti(pairs)
            txn.put(model.POSITION, msgspec.json.encode(position), db=self._common)

        self._write(write)
        self.position = position

    def rebuild(self, rows: Callable[[], Iterable[tuple[bytes, bytes]]], position: Position) -> int:
        """Replace the records of all vehicles; readers see the old ones until it is done."""
        count = 0

        def write(txn: lmdb.Transaction) -> None:
            nonlocal count
            txn.drop(self._vehicles, delete=False)
            txn.drop(self._consents, delete=False)  # the rounds that follow read all of them
            with txn.cursor(db=self._vehicles) as cursor:
                count, _ = cursor.putmulti(rows())
            txn.put(model.POSITION, msgspec.json.encode(position), db=self._common)

        self._write(write)
        self.position = position
        return count

    def offered(self, key: bytes) -> str | None:
        """Return the open action of a vehicle (or an empty text); None if no row speaks of it."""
        with self._environment.begin() as txn:
            record = txn.get(key, db=self._vehicles)
        return records.read(record).action_id if record else None

    def forget_dead_readers(self) -> None:
        """Let go of what killed processes were reading; else the file would grow for ever."""
        self._environment.reader_check()

    def _put_stamp(self, txn: lmdb.Transaction, at: float | None) -> None:
        """Stamp with a time; without one keep the time and change only the version."""
        if at is None:
            stored = txn.get(model.STAMP, db=self._common)
            ms = model.STAMP_FORMAT.unpack(stored)[0] if stored else 0
        else:
            ms = round(at * 1000)
        txn.put(model.STAMP, model.STAMP_FORMAT.pack(ms, self._version), db=self._common)

    def _write(self, change: Callable[[lmdb.Transaction], None]) -> None:
        while True:
            try:
                with self._environment.begin(write=True) as txn:
                    change(txn)
            except lmdb.MapFullError:
                self._environment.set_mapsize(2 * self._environment.info()["map_size"])
            else:
                return

    def close(self) -> None:
        self._environment.close()


def now() -> float:
    """Wall clock: the stamp is compared by other processes and survives none of them."""
    return time.time()
