"""How much one vehicle, or one address that guesses tokens, may ask in a while.

Token buckets, in memory, each process for itself. A bucket that was not touched for as long as it
takes to fill up is full, so it can be forgotten: two generations of buckets are enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable


class Buckets:
    def __init__(
        self, *, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._lifetime = burst / rate
        self._young: dict[Hashable, tuple[float, float]] = {}  # tokens left, and when
        self._old: dict[Hashable, tuple[float, float]] = {}
        self._turned_at = clock()

    def take(self, who: Hashable) -> bool:
        """Take one token; False when there is none left."""
        now = self._clock()
        if now - self._turned_at > self._lifetime:
            self._old, self._young, self._turned_at = self._young, {}, now
        bucket = self._young.get(who) or self._old.get(who)
        if bucket is None:
            self._young[who] = (self._burst - 1, now)
            return True
        left = min(self._burst, bucket[0] + (now - bucket[1]) * self._rate)
        is_enough = left >= 1
        self._young[who] = (left - is_enough, now)
        return is_enough
