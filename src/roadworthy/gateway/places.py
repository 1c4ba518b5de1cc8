"""The files of a gateway host. They can all be made anew from the database.

LMDB is told not to wait for the disk: killing any process leaves the files whole, but a crash of
the machine may not. So files that were written before the machine last started are thrown away.
"""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb

from roadworthy.gateway.settings import Settings

MODEL = "model.lmdb"
OUTCOMES = "outcomes.lmdb"
READERS = 1022  # processes and threads that may read at a time
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def prepare(settings: Settings) -> None:
    """Make sure the files exist and were written since the machine started."""
    folder = settings.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(folder / "prepare.lock"):
        boot, kept = _boot(), folder / "boot"
        if not kept.exists() or kept.read_text() != boot:
            for name in (MODEL, OUTCOMES):
                (folder / name).unlink(missing_ok=True)
                (folder / f"{name}-lock").unlink(missing_ok=True)
            kept.write_text(boot)
        open_model(settings, writable=True).close()
        open_outcomes(settings).close()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock that no other process holds; it goes with the process, however it ends."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def open_model(settings: Settings, *, writable: bool = False) -> lmdb.Environment:
    size = settings.model_bytes
    if writable:
        size = max(size, _size(settings.folder / MODEL))
    environment = lmdb.open(
        str(settings.folder / MODEL), subdir=False, readonly=not writable, map_size=size,
        max_dbs=3, max_readers=READERS, sync=False, metasync=False, mode=0o600,
    )  # fmt: skip
    if writable:
        for name in (b"vehicles", b"common", b"consents"):
            environment.open_db(name)
    return environment


def open_outcomes(settings: Settings) -> lmdb.Environment:
    environment = lmdb.open(
        str(settings.folder / OUTCOMES), subdir=False, map_size=settings.outcomes_bytes,
        max_dbs=2, max_readers=READERS, sync=False, metasync=False, mode=0o600,
    )  # fmt: skip
    for name in (b"actions", b"registered"):
        environment.open_db(name)
    return environment


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _boot() -> str:
    try:
        return BOOT_ID.read_text()
    except OSError:
        return str(uuid.uuid4())  # unknown: take it that the machine has started anew
