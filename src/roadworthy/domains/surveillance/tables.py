"""Records of a file, CSV or JSON alike: a header, and rows of as many cells.

* Rows are numbered as a reader of the file counts them: the header is row 1, a JSON file has none;
  blank ones are counted, and a row may span several lines.
* A row that cannot be read costs only itself.
* Lines before the header (a title, "sep=;") are passed over.
"""

from __future__ import annotations

import csv
import itertools
import json
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import ijson

from roadworthy.domains.surveillance import errors, forms
from roadworthy.domains.surveillance.containers import Opened

_LARGEST_CELL: Final = 1 << 22
_PREAMBLE: Final = 10  # rows in which a header is looked for
_SAMPLE: Final = 1000  # records by whose names a JSON file has its columns
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Bad:
    """A row of which no cell is known."""

    value: str
    fault: errors.RowFault


@dataclass(frozen=True, slots=True)
class Extra:
    """A JSON record with members that the columns do not have."""

    cells: list[str]
    more: dict[str, str]


Record = list[str] | Bad | Extra


@dataclass(frozen=True, slots=True)
class Table:
    """A header and what follows it."""

    header: list[str]
    records: Iterator[Record]
    first: int  # the number of the first record


def table(file: Opened, on_progress: Callable[[int], None] = lambda _: None) -> Table:
    """Open a file's records.

    Raises:
        NothingInside, WrongEncoding, BrokenJson.
    """
    if file.container == "csv":
        return _csv(file, on_progress)
    objects = _json_lines(file, on_progress) if file.container == "jsonl" else _json(file)
    return _of_objects(file, objects)


def _csv(file: Opened, on_progress: Callable[[int], None]) -> Table:
    csv.field_size_limit(_LARGEST_CELL)
    lines = _lines(file.text(on_progress))
    first = next(lines, "")
    if first.casefold().startswith("sep="):
        first = next(lines, "")
    delimiter = max(",;\t", key=first.count)
    records = _records(csv.reader(itertools.chain([first], lines), delimiter=delimiter))
    before: list[Record] = []
    for record in itertools.islice(records, _PREAMBLE):
        if not isinstance(record, list):
            break
        if forms.is_header(record):
            return Table([_plain(cell) for cell in record], records, 2)
        before.append(record)
    if not before:
        raise errors.NothingInside(file=file.name)
    header = next((one for one in before if isinstance(one, list) and any(one)), [])
    return Table([_plain(cell) for cell in header], records, 2)


def _records(reader: Iterator[list[str]]) -> Iterator[Record]:
    while True:
        try:
            yield from reader
        except csv.Error as wrong:
            yield Bad("", errors.NotReadable(reason=wrong))
        else:
            return


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    """Cut text into lines, as the csv module wants them: at LF, or at CR where there is no LF."""
    rest, end = "", ""
    for piece in pieces:
        text = rest + piece
        if not end:
            if "\n" not in text and "\r" not in text[:-1]:
                rest = text
                continue
            end = "\n" if "\n" in text else "\r"
        lines = text.split(end)
        rest = lines.pop()
        yield from map(operator.add, lines, itertools.repeat(end))
    if rest:
        yield rest


def _plain(cell: str) -> str:
    return " ".join(cell.replace("\ufeff", " ").split())


class _Source(Protocol):
    def read(self, size: int) -> bytes: ...


class _Encoded:
    """Text of any encoding as the UTF-8 bytes that the JSON reader wants."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest += piece.removeprefix("\ufeff").encode()
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def _json(file: Opened) -> Iterator[Any]:
    """Return the objects of a list, which may stand in an object under any one name."""
    path = "item"
    for prefix, event, _value in _parsed(file, ijson.parse):
        if event == "start_array":
            path = f"{prefix}.item" if prefix else "item"
            break
    else:
        raise errors.BrokenJson(file=file.name, reason="it holds no list of records")
    yield from _parsed(file, lambda source: ijson.items(source, path, use_float=True))


def _parsed(file: Opened, parse: Callable[[_Source], Iterator[Any]]) -> Iterator[Any]:
    try:
        yield from parse(_Encoded(file.text()))
    except ijson.JSONError as wrong:
        raise errors.BrokenJson(file=file.name, reason=_plain(str(wrong))[:_SHOWN]) from None


def _json_lines(file: Opened, on_progress: Callable[[int], None]) -> Iterator[Any]:
    for line in _lines(file.text(on_progress)):
        plain = line.strip().removeprefix("\ufeff")
        if not plain:
            yield {}
            continue
        try:
            yield json.loads(plain)
        except ValueError as wrong:
            yield Bad(plain[:_SHOWN], errors.NotReadable(reason=wrong))


def _of_objects(file: Opened, objects: Iterator[Any]) -> Table:
    first = list(itertools.islice(objects, _SAMPLE))
    header: dict[str, None] = {}
    for one in first:
        if isinstance(one, dict):
            header.update(dict.fromkeys(one))
    if not header:
        raise errors.NothingInside(file=file.name)
    names = list(header)
    records = (_record(one, names) for one in itertools.chain(first, objects))
    return Table(names, records, 1)


def _record(one: Any, names: Sequence[str]) -> Record:
    if isinstance(one, Bad):
        return one
    if not isinstance(one, dict):
        return Bad(str(one)[:_SHOWN], errors.NotReadable(reason="it is no object"))
    cells = [_cell(one.get(name)) for name in names]
    more = {name: _cell(value) for name, value in one.items() if name not in names}
    return Extra(cells, more) if more else cells


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Y" if value else "N"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
