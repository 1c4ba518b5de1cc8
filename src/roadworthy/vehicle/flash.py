"""What a vehicle keeps when its power is cut: its memory, and images.

* ``Memory`` is replaced as a whole or not at all, so what runs, what was done and what is still
  to be reported never contradict each other. Replacing it is the moment of installation: an image
  runs when the memory names it.
* An image that is being downloaded is kept as far as it came.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec

PIECE = 1 << 20
ENDINGS_KEPT = 256


class Report(msgspec.Struct, frozen=True):
    """Something to tell the server, until it has acknowledged it."""

    resource: str  # deploymentBase or cancelAction
    action_id: int
    sequence: int  # of this vehicle; a report that is sent again keeps it
    execution: str
    finished: str
    details: tuple[str, ...] = ()
    timestamp: int = 0  # the vehicle's clock, in ms

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        return {
            "sequence": self.sequence,
            "timestamp": self.timestamp,
            "status": {
                "execution": self.execution,
                "result": {"finished": self.finished},
                "details": list(self.details),
            },
        }


class Software(msgspec.Struct, frozen=True):
    version: str
    sha256: str = ""  # of the image; none: as it left the factory


class Trial(msgspec.Struct, frozen=True):
    """New software runs, but has not shown yet that it works."""

    action_id: int
    before: dict[str, Software]


class Memory(msgspec.Struct):
    software: dict[str, Software]  # by ECU label
    trial: Trial | None = None
    installs: list[int] = []  # actions, at the moment their software was switched on
    endings: dict[int, Report] = {}  # how each action ended for this vehicle; never done again
    outbox: list[Report] = []  # oldest first
    sequence: int = 0
    is_announced: bool = False  # the server knows what runs

    def end(self, report: Report) -> None:
        """Note how an action ended and that the server has to be told."""
        self.endings[report.action_id] = report
        self.outbox.append(report)
        while len(self.endings) > ENDINGS_KEPT:
            self.endings.pop(next(iter(self.endings)))


class Staging(Protocol):
    """An image on its way into the vehicle."""

    @property
    def size(self) -> int: ...

    def write(self, place: int, piece: bytes) -> None:
        """Keep a piece; everything from ``place`` on is replaced."""

    def sha256(self) -> str: ...


class Flash(Protocol):
    def load(self) -> Memory | None: ...

    def save(self, memory: Memory) -> None:
        """Replace the memory, all of it or nothing."""

    def staging(self, sha256: str) -> Staging: ...

    def settle(self, memory: Memory) -> None:
        """Keep as images only what runs; nothing is staged any more."""


class RamFlash:
    """For simulated vehicles: survives the agent, not the process."""

    def __init__(self) -> None:
        self._memory = b""
        self._staged: dict[str, RamStaging] = {}

    def load(self) -> Memory | None:
        return msgspec.json.decode(self._memory, type=Memory) if self._memory else None

    def save(self, memory: Memory) -> None:
        self._memory = msgspec.json.encode(memory)

    def staging(self, sha256: str) -> RamStaging:
        return self._staged.setdefault(sha256, RamStaging())

    def settle(self, memory: Memory) -> None:  # noqa: ARG002 - nothing that runs is kept in RAM
        self._staged.clear()


class RamStaging:
    def __init__(self) -> None:
        self._content = bytearray()

    @property
    def size(self) -> int:
        return len(self._content)

    def write(self, place: int, piece: bytes) -> None:
        self._content[place:] = piece

    def sha256(self) -> str:
        return hashlib.sha256(self._content).hexdigest()


class DirectoryFlash:
    """In files; ``is_durable`` outlives a power cut, otherwise only the end of the process."""

    def __init__(self, directory: Path, *, is_durable: bool = True) -> None:
        self._directory = directory
        self._images = directory / "images"
        self._images.mkdir(parents=True, exist_ok=True)
        self._file = directory / "memory.json"
        self._is_durable = is_durable

    def load(self) -> Memory | None:
        if not self._file.exists():
            return None
        return msgspec.json.decode(self._file.read_bytes(), type=Memory)

    def save(self, memory: Memory) -> None:
        draft = self._file.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(memory))
            if self._is_durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(self._file)
        if self._is_durable:
            _sync_directory(self._directory)

    def staging(self, sha256: str) -> FileStaging:
        return FileStaging(self._images / sha256, is_durable=self._is_durable)

    def image(self, sha256: str) -> bytes | None:
        """Return an image that runs or is staged, whatever became of its bytes."""
        try:
            return (self._images / sha256).read_bytes()
        except OSError:
            return None

    def settle(self, memory: Memory) -> None:
        running = {software.sha256 for software in memory.software.values()}
        for image in self._images.iterdir():
            if image.name not in running:
                image.unlink()


class FileStaging:
    def __init__(self, path: Path, *, is_durable: bool) -> None:
        self._path = path
        self._is_durable = is_durable

    @property
    def size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    def write(self, place: int, piece: bytes) -> None:
        with self._path.open("r+b" if self._path.exists() else "w+b") as file:
            file.seek(place)
            file.truncate()
            file.write(piece)

    def sha256(self) -> str:
        digest = hashlib.sha256()
        for piece in self._pieces():
            digest.update(piece)
        return digest.hexdigest()

    def _pieces(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            if self._is_durable:  # what is checked now has to be there after a power cut
                os.fsync(file.fileno())
            while piece := file.read(PIECE):
                yield piece


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
