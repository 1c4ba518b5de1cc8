"""The text of a file that others wrote: packed or plain, in whatever encoding it is.

* Everything is a stream: a file is never in memory as a whole.
* An encoding is believed only if the whole file is in it; a few stray bytes in a file that is
  otherwise UTF-8 are read as Windows-1252, and the name of the encoding says so.
"""

from __future__ import annotations

import codecs
import gzip
import io
import itertools
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

from roadworthy.kernel.errors import Invalid

_CHUNK: Final = 1 << 18
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BEFORE_LEADS: Final = bytes(range(0xC2))  # what does not begin a character of several bytes
_TABLES: Final = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson")
_OF_SPREADSHEETS: Final = "[Content_Types].xml"
_SHOWN: Final = 5  # names of the tables in an archive
STRAYS: Final = "roadworthy-strays"  # name of the error handler below
WITH_STRAYS: Final = "utf-8 with stray cp1252 bytes"


class FileUnreadable(Invalid):
    code = "file-unreadable"
    message = "The file {path} cannot be read: {reason}."


class NoTable(FileUnreadable):
    message = "The archive {path} holds no CSV or JSON file."


class SeveralTables(FileUnreadable):
    message = "The archive {path} holds {count} tables, and one is wanted: {names}."


class Spreadsheet(FileUnreadable):
    message = "The file {path} is a spreadsheet, not text. Save it as CSV."


class WrongEncoding(Invalid):
    code = "wrong-encoding"
    message = "The file {path} is not in {encoding}: byte {position} is none of its characters."


@dataclass(frozen=True, slots=True)
class Packed:
    """A file, or the one table inside an archive. ``size`` counts the bytes unpacked."""

    path: Path
    member: str = ""
    is_gzip: bool = False
    size: int = 0

    @property
    def name(self) -> str:
        """Return the name that tells what is inside."""
        if self.member:
            return self.member
        return self.path.name.removesuffix(".gz") if self.is_gzip else self.path.name

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Give the bytes, unpacked.

        Raises:
            FileUnreadable: no such file, or its archive is damaged or locked.
        """
        try:
            if self.member:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as inside:
                    yield inside
            elif self.is_gzip:
                with gzip.open(self.path, "rb") as unpacked:
                    yield cast(IO[bytes], unpacked)
            else:
                with self.path.open("rb") as plain:
                    yield plain
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as wrong:
            raise FileUnreadable(path=self.path, reason=wrong) from None
        except OSError as wrong:
            raise FileUnreadable(path=self.path, reason=wrong.strerror or wrong) from None


def look(path: Path) -> Packed:
    """Find what is to be read: the file itself, or the only table in it.

    Raises:
        FileUnreadable: no such file; an archive that is damaged, locked, or holds no table or
            several.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
        if head.startswith(b"PK\x03\x04"):
            return _in_zip(path)
        size = path.stat().st_size
    except OSError as wrong:
        raise FileUnreadable(path=path, reason=wrong.strerror or wrong) from None
    return Packed(path, is_gzip=head.startswith(b"\x1f\x8b"), size=size)


def detect_encoding(source: Packed) -> str:
    """Return the first encoding that the whole file is in: UTF-8, GB 18030, Windows-1252.

    GB 18030 can read much that is Windows-1252, so it is believed only if what it reads is mostly
    common Chinese characters (those of GB 2312).

    Raises:
        FileUnreadable: the file cannot be opened.
    """
    head = next(_chunks(source), b"")
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    leads, wrong = _utf8_faults(source)
    if not wrong:
        return "utf-8"
    if wrong * 2 < leads:
        return WITH_STRAYS
    return "gb18030" if _is_chinese(source) else "cp1252"


def reader(binary: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """Decode a stream; what ``detect_encoding`` names always reads.

    Raises:
        LookupError: there is no such encoding.
    """
    if encoding == WITH_STRAYS:
        return io.TextIOWrapper(binary, "utf-8", errors=STRAYS, newline="")
    errors = STRAYS if encoding == "cp1252" else "strict"
    return io.TextIOWrapper(binary, encoding, errors=errors, newline="")


def _strays(wrong: UnicodeError) -> tuple[str, int]:
    if not isinstance(wrong, UnicodeDecodeError):
        raise wrong
    raw = wrong.object[wrong.start : wrong.end]
    try:
        return raw.decode("cp1252"), wrong.end
    except UnicodeDecodeError:
        return raw.decode("latin-1"), wrong.end


codecs.register_error(STRAYS, _strays)


def _in_zip(path: Path) -> Packed:
    try:
        with zipfile.ZipFile(path) as archive:
            every = archive.infolist()
            inside = [
                one
                for one in every
                if PurePosixPath(one.filename).suffix.lower() in _TABLES
                and not one.is_dir()
                and not one.filename.startswith("__MACOSX/")
            ]
    except zipfile.BadZipFile as wrong:
        raise FileUnreadable(path=path, reason=wrong) from None
    if any(one.filename == _OF_SPREADSHEETS for one in every):
        raise Spreadsheet(path=path)
    if not inside:
        raise NoTable(path=path)
    if len(inside) > 1:
        names = ", ".join(one.filename for one in inside[:_SHOWN])
        raise SeveralTables(path=path, count=len(inside), names=names)
    if inside[0].flag_bits & 1:
        raise FileUnreadable(path=path, reason="the archive is locked with a password")
    return Packed(path, inside[0].filename, size=inside[0].file_size)


def _chunks(source: Packed) -> Iterator[bytes]:
    with source.opened() as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _utf8_faults(source: Packed) -> tuple[int, int]:
    """Count the bytes that could begin a longer character, and the places that are not UTF-8."""
    leads = wrong = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for chunk in itertools.chain(_chunks(source), [b""]):
        leads += len(chunk.translate(None, _BEFORE_LEADS))
        # A file may hold U+FFFD itself; then it is three bytes, and counted as a fault too, which
        # only leads to the reading that keeps it.
        wrong += decoder.decode(chunk, final=not chunk).count("\ufffd")
    return leads, wrong


def _is_chinese(source: Packed) -> bool:
    decoder = codecs.getincrementaldecoder("gb18030")()
    common = other = 0
    try:
        for chunk in itertools.chain(_chunks(source), [b""]):
            beyond = "".join(c for c in decoder.decode(chunk, final=not chunk) if not c.isascii())
            known = len(beyond.encode("gb2312", "ignore").decode("gb2312"))
            common, other = common + known, other + len(beyond) - known
    except UnicodeDecodeError:
        return False
    return common > other
