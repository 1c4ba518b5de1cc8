"""Rows of a file that others wrote, by the names of its columns; CSV and JSON look alike.

* Columns are found by name, never by position. A name is compared without case, line breaks or
  doubled spaces.
* A row that cannot be read costs only itself; it is told with its number, and nothing is guessed.
* Rows are numbered as a reader of the file counts them: the header is row 1, a JSON file has none.
* Blank rows are counted and left out. A cell of spaces is an empty cell.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from roadworthy.kernel import filetext
from roadworthy.kernel.errors import Invalid
from roadworthy.kernel.filetext import FileUnreadable, WrongEncoding

LONGEST_FIELD: Final = 4_000_000  # characters; beyond it a quotation mark was never closed
_LONGEST_DOCUMENT: Final = 100_000_000  # bytes of a JSON file that is one object
_STEP: Final = 2000  # rows between two reports of progress
_CHUNK: Final = 1 << 16
_SHOWN: Final = 200  # characters of a refused value


class FileEmpty(Invalid):
    code = "file-empty"
    message = "The file {path} is empty. The first row must name the columns."


class ColumnMissing(Invalid):
    code = "column-missing"
    message = 'The column "{column}" is missing. The file has: {columns}.'


class ColumnTwice(Invalid):
    code = "column-twice"
    message = 'The column "{column}" stands twice in the header.'


class TooManyCells(Invalid):
    code = "too-many-cells"
    message = "The row has {count} values, the header {columns} columns."


class NotText(Invalid):
    code = "row-not-text"
    message = "The row holds a NUL byte: it is not text."


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken; ``error`` is for the person who has the file."""

    row: int
    column: str
    value: str
    error: Invalid

    @property
    def reason(self) -> str:
        """Return why, untranslated."""
        return str(self.error)


@dataclass(frozen=True, slots=True)
class Row:
    """One record. Cells of a CSV file are stripped text, those of a JSON file what JSON says."""

    number: int
    cells: Mapping[str, Any]


def name_of(header: str) -> str:
    """Return a column's name as it is shown: on one line, single spaces."""
    return " ".join(header.split())


class Table:
    """A file as rows. ``columns`` is known at once; ``rows`` reads the file once through."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        """Look at the file and read its header.

        Raises:
            FileUnreadable, FileEmpty, WrongEncoding, ColumnTwice.
        """
        self.source = filetext.look(path)
        self.path = path
        self.encoding = encoding or filetext.detect_encoding(self.source)
        self.count = 0  # records read so far, blank ones included
        self.blank = 0
        with self._opened() as (_binary, text):
            start = _start(text)
            self.kind = {"{": "object", "[": "array"}.get(start, "csv")
        if self.kind == "object" and self._has_lines():
            self.kind = "lines"
        self.columns: tuple[str, ...] = self._header() if self.kind == "csv" else ()

    @property
    def size(self) -> int:
        """Return how many bytes there are to read."""
        return self.source.size

    def rows(
        self,
        refuse: Callable[[Refused], None],
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> Iterator[Row]:
        """Yield the records; ``on_progress`` is told the bytes read, now and then.

        Raises:
            FileUnreadable, WrongEncoding: reading cannot go on.
        """
        self.count = self.blank = 0
        with self._opened() as (binary, text):
            records = self._from_csv(text, refuse) if self.kind == "csv" else self._json(text)
            for row in records:
                yield row
                if self.count % _STEP == 0:
                    on_progress(binary.tell())
        on_progress(self.size)

    def _from_csv(self, text: io.TextIOBase, refuse: Callable[[Refused], None]) -> Iterator[Row]:
        reader = self._reader(text)
        next(self._records(reader), None)
        width, names = len(self.columns), self.columns
        for cells in self._records(reader):
            self.count += 1
            number = self.count + 1
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                self.blank += 1
            elif len(stripped) > width and any(stripped[width:]):
                wrong = TooManyCells(count=len(cells), columns=width)
                refuse(Refused(number, "", ",".join(cells)[:_SHOWN], wrong))
            elif any("\0" in cell for cell in stripped):
                refuse(Refused(number, "", "", NotText()))
            else:
                if len(stripped) < width:
                    stripped += [""] * (width - len(stripped))
                # An unnamed column at the end of a header holds nothing.
                yield Row(number, dict(zip(names, stripped, strict=False)))

    def _json(self, text: io.TextIOBase) -> Iterator[Row]:
        found = {"array": _elements, "lines": _lines, "object": _records_of}[self.kind](text)
        try:
            for number, one in enumerate(found, start=1):
                self.count += 1
                if not isinstance(one, dict):
                    reason = f"record {number} is not an object"
                    raise FileUnreadable(path=self.path, reason=reason)
                if any(value not in (None, "") for value in one.values()):
                    yield Row(number, {name_of(name): value for name, value in one.items()})
                else:
                    self.blank += 1
        except UnicodeDecodeError:
            raise
        except (ValueError, RecursionError) as wrong:
            raise FileUnreadable(path=self.path, reason=wrong) from None

    def _header(self) -> tuple[str, ...]:
        with self._opened() as (_binary, text):
            names = [name_of(cell) for cell in next(self._records(self._reader(text)), [])]
        if not any(names):
            raise FileEmpty(path=self.path)
        seen: set[str] = set()
        for name in filter(None, names):
            if name.casefold() in seen:
                raise ColumnTwice(column=name)
            seen.add(name.casefold())
        return tuple(names)

    def _reader(self, text: io.TextIOBase) -> Iterator[list[str]]:
        csv.field_size_limit(LONGEST_FIELD)
        first = text.readline()
        delimiter = max(",;\t|", key=first.count)
        return csv.reader(itertools.chain([first], text), delimiter=delimiter)

    def _records(self, reader: Iterator[list[str]]) -> Iterator[list[str]]:
        try:
            yield from reader
        except csv.Error as wrong:
            reason = f"{wrong}, after row {self.count + 1}; is a quotation mark not closed?"
            raise FileUnreadable(path=self.path, reason=reason) from None

    def _has_lines(self) -> bool:
        """Say whether the first line is a whole object: then each line is a record."""
        with self._opened() as (_binary, text):
            first = text.readline(LONGEST_FIELD)
            try:
                json.loads(first)
            except ValueError:
                return False
            # One object alone on one line may also be the object that holds the records.
            return bool(text.readline(_CHUNK).strip())

    @contextmanager
    def _opened(self) -> Iterator[tuple[IO[bytes], io.TextIOWrapper]]:
        with self.source.opened() as binary:
            try:
                yield binary, filetext.reader(binary, self.encoding)
            except LookupError:
                reason = f"there is no encoding {self.encoding}"
                raise FileUnreadable(path=self.path, reason=reason) from None
            except UnicodeDecodeError as wrong:
                raise WrongEncoding(
                    path=self.path, encoding=self.encoding, position=wrong.start
                ) from None


def columns(
    table: Table, wanted: Mapping[str, Sequence[str]], required: Sequence[str]
) -> dict[str, str]:
    """Return which column of a CSV file holds which field, of all the names it may go by.

    Raises:
        ColumnMissing: a required field has no column; the error gives its first name.
    """
    by_name = {name.casefold(): name for name in table.columns if name}
    found = {}
    for field, names in wanted.items():
        for name in names:
            if name.casefold() in by_name:
                found[field] = by_name[name.casefold()]
                break
    for field in required:
        if field not in found:
            has = ", ".join(filter(None, table.columns))
            raise ColumnMissing(column=wanted[field][0], columns=has)
    return found


def _start(text: io.TextIOBase) -> str:
    while chunk := text.read(_CHUNK):
        if rest := chunk.lstrip():
            return rest[0]
    return ""


def _lines(text: io.TextIOBase) -> Iterator[Any]:
    return (json.loads(line) for line in text if line.strip())


def _records_of(text: io.TextIOBase) -> Iterator[Any]:
    """Yield the records of an object: those of its only list, or itself."""
    whole = text.read(_LONGEST_DOCUMENT)
    if text.read(1):
        raise ValueError("one object this long; write a list, or one record a line")
    document = json.loads(whole)
    lists = [value for value in document.values() if isinstance(value, list)]
    objects = [one for one in lists if one and all(isinstance(part, dict) for part in one)]
    yield from objects[0] if len(objects) == 1 else [document]


def _elements(text: io.TextIOBase) -> Iterator[Any]:
    """Yield the elements of a list one by one, however long it is."""
    decoder, rest = json.JSONDecoder(), text.read(_CHUNK).lstrip().removeprefix("[").lstrip()
    while True:
        try:
            if rest.startswith("]"):
                return
            value, end = decoder.raw_decode(rest)
            after = rest[end:].lstrip()
            if not after:
                raise ValueError("unfinished")  # noqa: TRY301 - a number may go on
        except ValueError as wrong:
            more = text.read(max(_CHUNK, len(rest)))
            if not more:
                raise ValueError(f"the list is not well-formed: {wrong}") from None
            rest = rest.lstrip() + more
            continue
        yield value
        rest = after.removeprefix(",").lstrip()
