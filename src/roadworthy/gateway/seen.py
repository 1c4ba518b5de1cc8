"""Which vehicles have polled. Polls write nothing; this goes out in batches and may lag."""

from __future__ import annotations

import asyncio
from itertools import islice

import msgspec

from roadworthy.gateway.writer import Report, Writer

IDS_PER_REPORT = 2000  # one report is encoded between two polls


class Seen:
    def __init__(self, writer: Writer, *, seconds: float) -> None:
        self._writer = writer
        self._seconds = seconds
        self._ids: dict[str, set[str]] = {}

    def add(self, tenant: str, controller_id: str) -> bool:
        """Remember that a vehicle polled; True if it is the first time since the last flush."""
        ids = self._ids.get(tenant)
        if ids is None:
            ids = self._ids[tenant] = set()
        elif controller_id in ids:
            return False
        ids.add(controller_id)
        return True

    async def run(self) -> None:
        """Write what was seen, again and again."""
        while True:
            await asyncio.sleep(self._seconds)
            await self.flush()

    async def flush(self) -> None:
        """Write what was seen since the last time; while the database is gone it is kept."""
        if not self._writer.is_connected:
            return
        seen, self._ids = self._ids, {}
        for tenant, ids in seen.items():
            rest = iter(ids)
            while chunk := list(islice(rest, IDS_PER_REPORT)):
                body = msgspec.json.encode({"vehicles": chunk})
                self._writer.mention(Report(tenant, "", "seen", body))
                await asyncio.sleep(0)
