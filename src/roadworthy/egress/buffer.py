"""What waits to be sent, within bounds of memory and of time.

* Nothing is held, or given away, after its period has ended, sent or not.
* At most so many bytes: when there is no room, the oldest make some, and are counted.
* When a consent is withdrawn, what rests on it goes at once.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

DEFAULT_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Held:
    id: str
    body: bytes
    drop_at: datetime
    purpose: str
    items: frozenset[str]


class Buffer:
    def __init__(self, *, most_bytes: int = DEFAULT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[str, Held] = OrderedDict()  # oldest first
        self._ends: list[tuple[datetime, str]] = []
        self.size = 0
        self.expired = 0
        self.crowded_out = 0

    def __len__(self) -> int:
        return len(self._held)

    def put(self, one: Held) -> bool:
        """Hold something until it is sent; say whether there is room for it at all."""
        if len(one.body) > self._most_bytes:
            self.crowded_out += 1
            return False
        self.sent(one.id)
        self._held[one.id] = one
        self.size += len(one.body)
        heapq.heappush(self._ends, (one.drop_at, one.id))
        while self.size > self._most_bytes:
            self.sent(next(iter(self._held)))
            self.crowded_out += 1
        if len(self._ends) > 2 * len(self._held) + 64:  # what was sent leaves its end behind
            self._ends = [(held.drop_at, held.id) for held in self._held.values()]
            heapq.heapify(self._ends)
        return True

    def oldest(self, *, at: datetime) -> Held | None:
        """Return what has waited longest and may still be sent."""
        self.expire(at=at)
        return next(iter(self._held.values()), None)

    def sent(self, held_id: str) -> None:
        """Let go of what has arrived."""
        one = self._held.pop(held_id, None)
        if one is not None:
            self.size -= len(one.body)

    def expire(self, *, at: datetime) -> None:
        """Drop what must be gone."""
        while self._ends and self._ends[0][0] <= at:
            drop_at, held_id = heapq.heappop(self._ends)
            one = self._held.get(held_id)
            if one is not None and one.drop_at == drop_at:
                self.sent(held_id)
                self.expired += 1

    def forget(self, item: str, purpose: str) -> int:
        """Drop what holds an item for a purpose; return how many."""
        concerned = [
            one.id for one in self._held.values() if one.purpose == purpose and item in one.items
        ]
        for held_id in concerned:
            self.sent(held_id)
        return len(concerned)
