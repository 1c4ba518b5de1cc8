"""Document bytes in a directory, each file named by its SHA-256.

* A file is there whole, examined and durable, or not at all: it is written beside its place, looked
  at there, and moved in one step.
* What is held cannot be removed, and has a second name in another directory: who deletes the first
  by hand has deleted nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePath
from typing import BinaryIO

from roadworthy.domains.documents import formats
from roadworthy.domains.documents.errors import DocumentHeld, DocumentTooLarge, EmptyDocument
from roadworthy.domains.documents.limits import MEGABYTE, Limits
from roadworthy.domains.documents.scanning import Scanner

_BLOCK = 1 << 18
_HELD = "held"


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored."""

    sha256: str
    length: int  # bytes
    media_type: str


class DocumentStore:
    """Documents below one directory: ``ab/abcd...`` by SHA-256."""

    def __init__(
        self, directory: Path, *, limits: Limits | None = None, scanner: Scanner | None = None
    ) -> None:
        self._directory = directory
        self.limits = limits or Limits()
        self._scanner = scanner

    def path(self, sha256: str) -> Path:
        """Return where the bytes of that digest lie, or would lie."""
        return self._directory / sha256[:2] / sha256

    def open(self, sha256: str) -> BufferedReader:
        """Open the bytes of that digest.

        Raises:
            FileNotFoundError: they are not here.
        """
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            return self._held(sha256).open("rb")

    def hold(self, sha256: str) -> None:
        """Keep the bytes of that digest from being removed, durably.

        Raises:
            FileNotFoundError: they are not here.
        """
        held = self._held(sha256)
        held.parent.mkdir(parents=True, exist_ok=True)
        if not held.exists():
            os.link(self.path(sha256), held)
            _sync(held.parent)
        self.restore(sha256)

    def restore(self, sha256: str) -> bool:
        """Put held bytes back into their place if somebody has taken them away; say whether."""
        place, held = self.path(sha256), self._held(sha256)
        if place.exists() or not held.exists():
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(held, place)
        _sync(place.parent)
        return True

    def is_held(self, sha256: str) -> bool:
        """Say whether the bytes of that digest cannot be removed now."""
        return self._held(sha256).exists()

    def let_go(self, sha256: str) -> None:
        """End what ``hold`` began; the bytes stay until they are removed."""
        self.restore(sha256)
        self._held(sha256).unlink(missing_ok=True)

    def remove(self, sha256: str) -> None:
        """Remove the bytes of that digest, if they are here.

        Raises:
            DocumentHeld: somebody holds them.
        """
        if self.is_held(sha256):
            raise DocumentHeld(sha256=sha256)
        self.path(sha256).unlink(missing_ok=True)

    def has(self, sha256: str) -> bool:
        """Say whether the bytes of that digest are here, whole."""
        try:
            with self.open(sha256) as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def add(self, content: BinaryIO, filename: str, accept: Collection[str]) -> Stored:
        """Check the bytes and store them durably; storing them again changes nothing.

        Raises:
            EmptyDocument, DocumentTooLarge, NotThatType, BrokenDocument, ArchiveTooLarge,
            DocumentRefused, ScannerFailed: nothing is kept.
        """
        media_type = formats.claimed(filename, accept)
        with self._partial() as partial:
            sha256, length = self._copy(content, partial, filename)
            formats.check(partial, filename, accept=accept, limits=self.limits)
            if self._scanner:
                self._scanner.examine(partial, filename)
            target = self.path(sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            partial.chmod(0o644)
            partial.replace(target)
            _sync(target.parent)
        return Stored(sha256, length, media_type)

    def adopt(self, path: Path, sha256: str, filename: str) -> None:
        """Store a file that is on this host already, after examining it like every other.

        What its name claims is checked; a name that claims nothing known is no reason against it.

        Raises:
            DocumentTooLarge, BrokenDocument, ArchiveTooLarge, DocumentRefused, ScannerFailed:
            nothing is kept.
        """
        target = self.path(sha256)
        if target.exists():
            return
        if path.stat().st_size > self.limits.document:
            raise DocumentTooLarge(filename=filename, megabytes=self.limits.document // MEGABYTE)
        with self._partial() as partial:
            shutil.copyfile(path, partial)
            if PurePath(filename).suffix.lower() in formats.TYPES:
                formats.check(partial, filename, accept=formats.MEDIA_TYPES, limits=self.limits)
            if self._scanner:
                self._scanner.examine(partial, filename)
            with partial.open("rb") as file:
                os.fsync(file.fileno())
            target.parent.mkdir(parents=True, exist_ok=True)
            partial.chmod(0o644)
            partial.replace(target)
            _sync(target.parent)

    def _held(self, sha256: str) -> Path:
        return self._directory / _HELD / sha256[:2] / sha256

    @contextmanager
    def _partial(self) -> Iterator[Path]:
        self._directory.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._directory, prefix=".partial-")
        os.close(handle)
        partial = Path(name)
        # A scanner often runs as another user.
        partial.chmod(0o644)
        try:
            yield partial
        finally:
            partial.unlink(missing_ok=True)

    def _copy(self, content: BinaryIO, partial: Path, filename: str) -> tuple[str, int]:
        digest, length = hashlib.sha256(), 0
        with partial.open("wb") as file:
            while block := content.read(_BLOCK):
                length += len(block)
                if length > self.limits.document:
                    raise DocumentTooLarge(
                        filename=filename, megabytes=self.limits.document // MEGABYTE
                    )
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        if not length:
            raise EmptyDocument(filename=filename)
        return digest.hexdigest(), length


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
