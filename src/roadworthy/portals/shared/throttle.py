"""How often somebody may try to sign in: per address of the account and per address of the machine.

Counted in the process's cache: with several web processes each allows this many. Enough against
guessing, and a shared cache makes it exact by setting.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most ``attempts`` within ``seconds`` for one subject."""

    name: str
    attempts: int
    seconds: int

    def allows(self, subject: str) -> bool:
        """Say whether the subject may try (once more)."""
        return int(cache.get(self._key(subject), 0)) < self.attempts

    def count(self, subject: str) -> None:
        """Note a failed try."""
        key = self._key(subject)
        cache.add(key, 0, self.seconds)
        cache.incr(key)

    def forget(self, subject: str) -> None:
        """Begin again: the right person came."""
        cache.delete(self._key(subject))

    def _key(self, subject: str) -> str:
        digest = hashlib.sha256(subject.lower().encode()).hexdigest()
        return f"throttle-{self.name}-{digest}"


BY_ACCOUNT = Throttle("account", attempts=8, seconds=15 * 60)
BY_MACHINE = Throttle("machine", attempts=40, seconds=15 * 60)
