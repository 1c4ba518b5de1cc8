"""Image bytes in a directory, each file named by its SHA-256; a file is there whole or not."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Digests:
    """What a device may compare: SHA-256 carries the trust, SHA-1 and MD5 serve old clients."""

    length: int
    sha256: str
    sha1: str
    md5: str


class ImageStore:
    """Images and evidence below one directory: ``ab/abcd...`` by SHA-256."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, sha256: str) -> Path:
        """Return where the bytes of that digest lie, or would lie."""
        return self._directory / sha256[:2] / sha256

    def add(self, chunks: Iterable[bytes]) -> Digests:
        """Store the bytes durably and return their digests; storing them again changes nothing."""
        self._directory.mkdir(parents=True, exist_ok=True)
        hashes = [
            hashlib.sha256(),
            hashlib.sha1(usedforsecurity=False),
            hashlib.md5(usedforsecurity=False),
        ]
        length = 0
        with tempfile.NamedTemporaryFile(dir=self._directory, delete=False) as file:
            partial = Path(file.name)
            try:
                for chunk in chunks:
                    file.write(chunk)
                    length += len(chunk)
                    for each in hashes:
                        each.update(chunk)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                partial.unlink()
                raise
        digests = Digests(length, *(each.hexdigest() for each in hashes))
        target = self.path(digests.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.chmod(0o644)
        partial.replace(target)
        return digests
