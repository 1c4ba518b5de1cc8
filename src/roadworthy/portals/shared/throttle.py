"""How often somebody may try: to sign in, to open an owner's link, to answer.

Counted in the process's cache: with several web processes each allows this many. Enough against
guessing; docs/architecture.md says what a deployment of several sets at its load balancer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


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


def machine_of(request: HttpRequest) -> str:
    """Return the address of who asks; behind a proxy it is what the proxy adds last."""
    if settings.ROADWORTHY.behind_proxy:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))


BY_ACCOUNT = Throttle("account", attempts=8, seconds=15 * 60)
BY_MACHINE = Throttle("machine", attempts=40, seconds=15 * 60)
UNKNOWN_LINKS = Throttle("link", attempts=40, seconds=15 * 60)  # by machine
UNKNOWN_FEEDS = Throttle("feed", attempts=40, seconds=15 * 60)  # by machine
FEEDS = Throttle("feed-use", attempts=60, seconds=15 * 60)  # by address: programs ask often
ANSWERS = Throttle("answer", attempts=20, seconds=60 * 60)  # by link: each one is in the log
QUESTIONS = Throttle("question", attempts=600, seconds=60)  # to the rulebook, by machine
