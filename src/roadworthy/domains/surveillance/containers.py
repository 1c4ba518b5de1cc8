"""What a file is before any of its rows is read: CSV, JSON or lines of JSON, in which encoding.

* A ZIP file is unpacked if it holds exactly one such file (.csv, .json, .jsonl); so is .gz.
* An encoding is believed only if the whole file is in it, a few stray bytes in UTF-8 aside. UTF-16
  is known without a mark, too.
* What is empty, or no text at all, is refused here, by name.
"""

from __future__ import annotations

import codecs
import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import puremagic

from roadworthy.domains.surveillance import errors
from roadworthy.kernel import filetext

CHUNK: Final = 1 << 18
MIXED: Final = "utf-8+cp1252"  # UTF-8 with a few stray bytes, which are read as Windows-1252
_HEAD: Final = 1 << 12
_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FEW: Final = 0.01  # zero bytes that a text may have: each costs its row only
_ASCII_LIKE: Final = 0.4  # of the bytes of UTF-16 with Latin letters nearly half are zero


@dataclass(frozen=True, slots=True)
class Opened:
    """A text file that can be read. ``name`` is what the person called it."""

    path: Path
    name: str
    container: str  # "csv" | "json" | "jsonl"
    encoding: str
    size: int
    sha256: str  # of the file as it was given

    def chunks(self) -> Iterator[bytes]:
        """Return its bytes, piece by piece."""
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def text(self, on_progress: Callable[[int], None] = lambda _: None) -> Iterator[str]:
        """Return its text, piece by piece, telling how many bytes are read.

        Raises:
            WrongEncoding: a byte does not fit.
        """
        encoding = _codec(self.encoding)
        handler = filetext.STRAYS if self.encoding in {MIXED, "cp1252"} else "strict"
        decoder = codecs.getincrementaldecoder(encoding)(handler)
        done = 0
        for chunk in itertools.chain(self.chunks(), [b""]):
            try:
                yield decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as wrong:
                raise errors.WrongEncoding(
                    file=self.name, encoding=self.encoding, position=done + wrong.start
                ) from None
            done += len(chunk)
            on_progress(done)


@contextmanager
def opened(path: Path, *, name: str = "") -> Iterator[Opened]:
    """Find out what a file is, unpacking it if need be.

    Raises:
        NoSuchFile, NothingInside, NotAText, NotOneFile, WrongEncoding.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="roadworthy-import-")))
        try:
            found = _found(path, name or path.name, folder)
        except OSError as wrong:
            reason = wrong.strerror or wrong
            raise errors.NoSuchFile(file=name or path.name, reason=reason) from None
        yield found


def _found(path: Path, name: str, folder: Path) -> Opened:
    sha256 = _sha256(path)
    try:
        packed = filetext.look(path)
        if packed.member or packed.is_gzip:
            name = Path(packed.member).name or name.removesuffix(".gz")
            path = folder / "inside"
            with packed.opened() as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK)
    except filetext.Spreadsheet:
        raise errors.NotAText(file=name, found="xlsx") from None
    except filetext.NoTable:
        raise errors.NotOneFile(file=name, count=0, names="–") from None
    except filetext.SeveralTables as wrong:
        raise errors.NotOneFile(
            file=name, count=wrong.data["count"], names=wrong.data["names"]
        ) from None
    except filetext.FileUnreadable as wrong:
        raise errors.NoSuchFile(file=name, reason=wrong.data["reason"]) from None
    return _described(path, name, sha256)


def _described(path: Path, name: str, sha256: str) -> Opened:
    head = _head(path)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise errors.NothingInside(file=name)
    encoding = _encoding(path, head, name)
    first = head.decode(_codec(encoding), errors="ignore").lstrip("\ufeff \t\r\n")
    container = "csv"
    if first.startswith("["):
        container = "json"
    elif first.startswith("{"):
        # One object a line, or one object that holds the list of them.
        is_lines = name.casefold().endswith((".jsonl", ".ndjson")) or _is_whole(first)
        container = "jsonl" if is_lines else "json"
    return Opened(path, name, container, encoding, path.stat().st_size, sha256)


def _codec(encoding: str) -> str:
    return "utf-8" if encoding == MIXED else encoding


def _is_whole(text: str) -> bool:
    line, more, _rest = text.partition("\n")
    return bool(more) and line.rstrip().endswith("}")


def _encoding(path: Path, head: bytes, name: str) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if head.count(0) > len(head) * _FEW:
        return _of_sixteen(head, name)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if _is_binary(head):
        raise errors.NotAText(file=name, found=_magic(path))
    found = filetext.detect_encoding(filetext.Packed(path))
    return MIXED if found == filetext.WITH_STRAYS else found


def _of_sixteen(head: bytes, name: str) -> str:
    """Tell UTF-16 without a mark from bytes that are no text: every other byte is zero."""
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / (len(head[1::2]) or 1)
    for share, other, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if share > _ASCII_LIKE and not other:
            return encoding
    raise errors.NotAText(file=name, found="binary")


def _is_binary(head: bytes) -> bool:
    controls = sum(0 < byte < 32 and byte not in b"\t\r\n\f\x1a\x1b" for byte in head)
    return controls > len(head) // 64


def _magic(path: Path) -> str:
    try:
        return str(puremagic.from_file(str(path))).lstrip(".") or "binary"
    except (puremagic.PureError, ValueError):
        return "binary"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
