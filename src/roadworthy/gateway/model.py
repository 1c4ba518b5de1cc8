"""The read model as the gateway sees it: one look for each request, without a lock.

* The projector stamps the model while it verifies it against the database; an old stamp means that
  nobody knows whether it is still true (``is_fresh``).
* What all vehicles share (tenants, stops, deployments) is decoded once for each version of it.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lmdb
import msgspec

from roadworthy.gateway import places
from roadworthy.gateway.exchange import Response
from roadworthy.gateway.settings import Settings

STAMP = b"stamp"
COMMON = b"common"
POSITION = b"position"
DEPLOYMENT = b"deployment/"
STAMP_FORMAT = struct.Struct("<qq")  # wall clock in ms, version of what is common
JITTERS = 256
JITTER_PERCENT = 10
LONGEST_SLEEP = 24 * 3600 - 1  # HH:MM:SS; clients read nothing else
NOTHING_SAID = b'{"given":[],"withdrawn":[]}'
CLOCK_MAY_GO_BACK_MS = 1000
CHECK_SECONDS = 0.02  # longest time that a stop, once in the model, goes unnoticed


@dataclass(frozen=True)
class Tenant:
    gateway_token_sha256: str
    sleeps: tuple[str, ...]  # by ``spread``: vehicles of one kind do not all come at once
    idle: dict[tuple[str, str], Response]  # answers to vehicles that have nothing to do
    bases: dict[tuple[str, str], str]  # where this tenant's vehicles are, by scheme and host


class StoredTenant(msgspec.Struct):
    gateway_token_sha256: str
    polling_sleep: str


class StoredCommon(msgspec.Struct):
    tenants: dict[str, StoredTenant] = {}
    stops: list[int] = []


@dataclass(frozen=True)
class Common:
    """What concerns more than one vehicle."""

    version: int
    tenants: Mapping[str, Tenant]
    stops: frozenset[str]


class Model:
    def __init__(self, settings: Settings) -> None:
        self._environment = places.open_model(settings)
        self._vehicles = self._environment.open_db(b"vehicles", create=False)
        self._shared = self._environment.open_db(b"common", create=False)
        self._consents = self._environment.open_db(b"consents", create=False)
        self._stale_ms = round(settings.stale_seconds * 1000)
        self._deployments: dict[str, list[dict[str, Any]]] = {}
        self._delivered: dict[str, frozenset[str]] | None = None
        self._is_fresh = False
        self._check_at = 0.0
        self.common = Common(-1, {}, frozenset())

    def look(self, key: bytes) -> tuple[bool, bytes | None]:
        """Return whether the model is fresh, and the record of a vehicle."""
        try:
            txn = self._environment.begin(self._vehicles)
            try:
                if time.monotonic() > self._check_at:
                    self._check(txn)
                return self._is_fresh, txn.get(key)
            finally:
                txn.abort()
        except lmdb.MapResizedError:  # the projector needed more room
            self._environment.set_mapsize(0)
            return self.look(key)

    def _check(self, txn: lmdb.Transaction) -> None:
        """Read the stamp, and what is common if it changed; many times a second, not each time."""
        stamp = txn.get(STAMP, db=self._shared)
        if stamp is None:
            return
        at, version = STAMP_FORMAT.unpack(stamp)
        if version != self.common.version:
            self._read_common(txn, version)
        age = time.time() * 1000 - at
        self._is_fresh = -CLOCK_MAY_GO_BACK_MS < age < self._stale_ms
        self._check_at = time.monotonic() + CHECK_SECONDS

    def said(self, key: bytes) -> bytes:
        """Return what a vehicle's owner said about its data, as ``gateway_consent`` has it."""
        try:
            with self._environment.begin(self._consents) as txn:
                return bytes(txn.get(key) or NOTHING_SAID)
        except lmdb.MapResizedError:  # the projector needed more room
            self._environment.set_mapsize(0)
            return self.said(key)

    def deployment(self, deployment_id: str) -> list[dict[str, Any]] | None:
        """Return the chunks of a deployment."""
        chunks = self._deployments.get(deployment_id)
        if chunks is None:
            with self._environment.begin() as txn:
                stored = txn.get(f"deployment/{deployment_id}".encode(), db=self._shared)
            if stored is None:
                return None
            chunks = self._deployments[deployment_id] = msgspec.json.decode(stored)
        return chunks

    def is_delivered(self, sha256: str) -> bool:
        """Tell whether a deployment that nobody has stopped delivers an image."""
        if self._delivered is None:
            self._delivered = self._all_delivered()
        return not self._delivered.get(sha256, frozenset()) <= self.common.stops

    def _all_delivered(self) -> dict[str, frozenset[str]]:
        """Return the deployments of each image; read once for each version of what is common."""
        found: dict[str, frozenset[str]] = {}
        with self._environment.begin(self._shared) as txn, txn.cursor() as cursor:
            is_there = cursor.set_range(DEPLOYMENT)
            while is_there and cursor.key().startswith(DEPLOYMENT):
                deployment = cursor.key().removeprefix(DEPLOYMENT).decode()
                for chunk in msgspec.json.decode(cursor.value()):
                    for artifact in chunk["artifacts"]:
                        sha256 = artifact["hashes"]["sha256"]
                        found[sha256] = found.get(sha256, frozenset()) | {deployment}
                is_there = cursor.next()
        return found

    @property
    def is_built(self) -> bool:
        """Tell whether any projector ever filled this model."""
        return self.common.version >= 0

    def age(self) -> tuple[float | None, int]:
        """Return the seconds since the model was verified, and the number of vehicles in it."""
        with self._environment.begin() as txn:
            stamp = txn.get(STAMP, db=self._shared)
            count = txn.stat(self._vehicles)["entries"]
        if stamp is None:
            return None, count
        return time.time() - STAMP_FORMAT.unpack(stamp)[0] / 1000, count

    def _read_common(self, txn: lmdb.Transaction, version: int) -> None:
        stored = msgspec.json.decode(txn.get(COMMON, db=self._shared) or b"{}", type=StoredCommon)
        tenants = {
            name: Tenant(one.gateway_token_sha256, sleeps(one.polling_sleep), {}, {})
            for name, one in stored.tenants.items()
        }
        self.common = Common(version, tenants, frozenset(map(str, stored.stops)))
        self._deployments = {}
        self._delivered = None


def spread(key: bytes) -> int:
    """Return which of a tenant's sleeps a vehicle gets: always the same, so that ETags hold."""
    return zlib.crc32(key) % JITTERS


def sleeps(polling_sleep: str) -> tuple[str, ...]:
    """Spread a polling time evenly over plus and minus ``JITTER_PERCENT``."""
    hours, minutes, seconds = map(int, polling_sleep.split(":"))
    middle = (hours * 60 + minutes) * 60 + seconds
    widest = middle * JITTER_PERCENT / 100
    return tuple(
        _clock(round(middle - widest + 2 * widest * step / (JITTERS - 1)))
        for step in range(JITTERS)
    )


def _clock(seconds: int) -> str:
    seconds = min(max(seconds, 1), LONGEST_SLEEP)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
