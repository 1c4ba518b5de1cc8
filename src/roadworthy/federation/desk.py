"""What comes is kept before what came takes effect: a peer waits for the one, nobody for the other.

Both need the same processor. Whoever lets messages take effect makes way while messages are being
kept, but never for long: under a load without end it still goes on, slowly.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_SECONDS = 0.05


class Desk:
    """Counts the requests whose messages are being kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = 0
        self._idle = threading.Event()
        self._idle.set()

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Say that messages are being kept meanwhile."""
        with self._lock:
            self._busy += 1
            self._idle.clear()
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                if not self._busy:
                    self._idle.set()

    def make_way(self) -> None:
        """Wait while messages are being kept, a moment at most."""
        self._idle.wait(LONGEST_SECONDS)
