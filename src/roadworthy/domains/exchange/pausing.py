"""How long to wait before something is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=5)


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts in vain; with jitter, capped."""
    longest: timedelta = min(FIRST * 2 ** min(attempts - 1, 16), LONGEST)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, hides nothing
