"""What goes around the script of a demonstration: a folder of its own before, an end after."""

from __future__ import annotations

import shutil
import signal
import threading
from pathlib import Path
from types import FrameType

from roadworthy.config.failures import CannotStart

MARKER = ".roadworthy-demo"  # only a folder that says it is the demonstration's is emptied


def emptied(folder: Path) -> Path:
    """Make the demonstration's folder, without what an earlier run left in it.

    Raises:
        CannotStart: something else is in it.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise CannotStart(
            f"{folder} is in the way: it is not a folder of the demonstration. "
            "Move it, or set ROADWORTHY_HOME to another place."
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o711)
    (folder / MARKER).touch()
    return folder


def until_asked_to_stop() -> threading.Event:
    """Return what is set when somebody asks the process to end; asked twice, it breaks off."""
    over = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        if over.is_set():
            raise KeyboardInterrupt
        over.set()

    signal.signal(signal.SIGTERM, leave)
    return over
