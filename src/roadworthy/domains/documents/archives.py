"""Archives are read to their end before they are kept, and never unpacked.

What an archive says of itself is checked first and believed never: the members are decompressed
block by block against one budget, archives within it too, so a bomb is found when it has cost no
more than an honest archive of the largest size.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roadworthy.domains.documents.errors import ArchiveTooLarge, BrokenDocument
from roadworthy.domains.documents.limits import MEGABYTE, Limits

_BLOCK = 1 << 18
_ENCRYPTED = 0x1
_SIGNATURE = b"PK\x03\x04"
_IN_MEMORY = 4 * MEGABYTE
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression that nobody uses
    RuntimeError,
    ValueError,
    OSError,
)


@dataclass
class _Budget:
    """What may still be unpacked."""

    filename: str
    limits: Limits
    unpacked: int = 0
    members: int = 0

    def spend(self, *, unpacked: int = 0, members: int = 0) -> None:
        self.unpacked += unpacked
        self.members += members
        if self.unpacked > self.limits.unpacked or self.members > self.limits.members:
            raise self.exceeded()

    def exceeded(self) -> ArchiveTooLarge:
        return ArchiveTooLarge(
            filename=self.filename,
            megabytes=self.limits.unpacked // MEGABYTE,
            members=self.limits.members,
        )


def check(path: Path, filename: str, *, limits: Limits) -> frozenset[str]:
    """Read an archive to its end and return the names of its members.

    Raises:
        ArchiveTooLarge: it holds too much, too many, too deep or too tightly packed.
        BrokenDocument: it is damaged, protected, or names places outside itself.
    """
    budget = _Budget(filename, limits)
    with path.open("rb") as file:
        return _read(file, path.stat().st_size, budget, depth=1)


def _read(file: BinaryIO, packed: int, budget: _Budget, *, depth: int) -> frozenset[str]:
    if depth > budget.limits.depth:
        raise budget.exceeded()
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _declared(members, packed, budget)
            for member in members:
                _drain(archive, member, budget, depth)
            return frozenset(member.filename for member in members)
    except _BROKEN:
        raise BrokenDocument(filename=budget.filename) from None


def _declared(members: list[zipfile.ZipInfo], packed: int, budget: _Budget) -> None:
    budget.spend(members=len(members))
    said = sum(member.file_size for member in members)
    # A little text packs very tightly and harms nobody.
    is_tight = said > packed * budget.limits.ratio and said > MEGABYTE
    if said > budget.limits.unpacked or is_tight:
        raise budget.exceeded()
    for member in members:
        place = PurePosixPath(member.filename.replace("\\", "/"))
        if member.flag_bits & _ENCRYPTED or place.is_absolute() or ".." in place.parts:
            raise BrokenDocument(filename=budget.filename)


def _drain(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget, depth: int) -> None:
    with archive.open(member) as stream:
        block = stream.read(_BLOCK)
        is_archive = block.startswith(_SIGNATURE)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as inner:
            while block:
                budget.spend(unpacked=len(block))
                if is_archive:
                    inner.write(block)
                block = stream.read(_BLOCK)
            if is_archive:
                length = inner.tell()
                inner.seek(0)
                _read(inner, length, budget, depth=depth + 1)  # type: ignore[arg-type]
