"""No process outlives the one that answers for it, however that one ends.

A supervised child reads its standard input, a pipe that the supervisor never writes to: it ends
with the supervisor, even by SIGKILL. Granian's workers watch granian's main process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable

GRACE_SECONDS = 8


def follow_supervisor() -> None:
    """Stop when standard input ends."""
    _when(lambda: os.read(0, 1))


def follow_main_process() -> None:
    """Stop when the process that multiprocessing made this one from is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        _when(parent.join)


def _when(wait: Callable[[], object]) -> None:
    def leave() -> None:
        wait()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=leave, name="leash", daemon=True).start()
