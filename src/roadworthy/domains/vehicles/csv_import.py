"""Vehicles from a CSV file, read by column names, in bounded memory.

* ``vin``, ``controller_id`` and ``type`` must be there; ``token``, ``built_on`` and any
  ``ecu:<label>`` may be.
  Any other column is kept with the vehicle and reported.
* A bad row costs only itself; good rows are registered in batches, each in its own transaction.
* An encoding is believed only if the whole file is in it.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.vehicles import errors, registration, rights
from roadworthy.domains.vehicles.registration import Registered, Registration
from roadworthy.domains.vehicles.rows import Refusal, VehicleRow, Warned
from roadworthy.kernel.errors import DomainError

REQUIRED: Final = ("vin", "controller_id", "type")
_OPTIONAL: Final = ("token", "built_on")
ECU_PREFIX: Final = "ecu:"
BATCH: Final = 1000
_CHUNK: Final = 1 << 16
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HALF: Final = 0.5


@dataclass
class Summary:
    """What an import did. Only the counts grow with the file; faults are as many as it has."""

    encoding: str
    rows: int = 0
    registered: int = 0
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    unused_columns: tuple[str, ...] = ()
    dry_run: bool = False


def import_csv(
    path: Path,
    *,
    manufacturer_id: int,
    actor: Actor,
    at: datetime,
    encoding: str | None = None,
    dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
    on_registered: Callable[[Sequence[Registered]], None] = lambda _: None,
) -> Summary:
    """Register the vehicles of a file; a dry run finds the same faults and keeps nothing.

    ``on_progress`` is told how many bytes are read. ``on_registered`` gets the tokens, this once,
    batch by batch just before each is durable: what it cannot keep is not registered either.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask: the actor may not.
        FileUnreadable, FileEmpty, WrongEncoding, ColumnMissing, ColumnTwice: nothing can be read.
    """
    by = rights.check(manufacturer_id, actor, rights.VEHICLES)
    summary = Summary(encoding or detect_encoding(path), dry_run=dry_run)
    batches = _batches(_rows(path, summary, on_progress))

    def register(batch: Sequence[VehicleRow]) -> Registration:
        done = registration.register(manufacturer_id, batch, by=by, at=at)
        summary.registered += len(done.registered)
        summary.refused += done.refused
        summary.warnings += done.warnings
        return done

    if dry_run:
        with transaction.atomic(durable=True):
            for batch in batches:
                register(batch)
            transaction.set_rollback(True)
    else:
        for batch in batches:
            with transaction.atomic(durable=True):
                on_registered(register(batch).registered)
    summary.refused.sort(key=lambda refusal: refusal.number)
    return summary


def detect_encoding(path: Path) -> str:
    """Return the first encoding that the whole file is in: UTF-8, GB 18030, Windows-1252.

    GB 18030 can read much that is Windows-1252, so it is believed only if what it reads is
    mostly common Chinese characters (those of GB 2312).

    Raises:
        FileUnreadable: the file cannot be opened.
    """
    head = next(_chunks(path), b"")
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _decodes(path, "gb18030") and _share_of_common_chinese(path) > _HALF:
        return "gb18030"
    return "cp1252"


def _rows(path: Path, summary: Summary, on_progress: Callable[[int], None]) -> Iterator[VehicleRow]:
    lines = _lines(path, summary.encoding, on_progress)
    first = next(lines, "")
    reader = csv.reader(itertools.chain([first], lines), delimiter=_delimiter(first))
    header = [cell.strip() for cell in next(_records(reader, path), [])]
    _check_header(header, path)
    known = {*REQUIRED, *_OPTIONAL}
    summary.unused_columns = tuple(
        name for name in header if name and name not in known and not name.startswith(ECU_PREFIX)
    )
    for number, cells in enumerate(_records(reader, path), start=2):
        if not any(cell.strip() for cell in cells):
            continue
        summary.rows += 1
        fault = _wrong_width(cells, header) or _not_text(cells)
        if fault:
            summary.refused.append(Refusal(number, "", ",".join(cells)[:200], fault))
            continue
        yield _row(number, dict(zip(header, (c.strip() for c in cells), strict=False)))


def _batches(rows: Iterator[VehicleRow]) -> Iterator[list[VehicleRow]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _delimiter(header: str) -> str:
    """Return what separates the columns: spreadsheets write semicolons or tabs as well."""
    return max(",;\t", key=header.count)


def _not_text(cells: Sequence[str]) -> DomainError | None:
    return errors.NotText() if any("\0" in cell for cell in cells) else None


def _row(number: int, cells: Mapping[str, str]) -> VehicleRow:
    return VehicleRow(
        number=number,
        vin=cells["vin"],
        controller_id=cells["controller_id"],
        type_code=cells["type"],
        token=cells.get("token") or None,
        built_on=cells.get("built_on", ""),
        baseline={
            name.removeprefix(ECU_PREFIX).strip(): value
            for name, value in cells.items()
            if name.startswith(ECU_PREFIX) and value
        },
        extra={
            name: value
            for name, value in cells.items()
            if name
            and value
            and name not in (*REQUIRED, *_OPTIONAL)
            and not name.startswith(ECU_PREFIX)
        },
    )


def _check_header(header: Sequence[str], path: Path) -> None:
    if not any(header):
        raise errors.FileEmpty(path=path)
    for name in REQUIRED:
        if name not in header:
            raise errors.ColumnMissing(column=name, columns=", ".join(filter(None, header)))
    for name in header:
        if name and header.count(name) > 1:
            raise errors.ColumnTwice(column=name)


def _wrong_width(cells: Sequence[str], header: Sequence[str]) -> DomainError | None:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return errors.TooManyValues(count=len(cells), columns=len(header))
    if len(cells) < len(header) and len(cells) <= max(map(header.index, REQUIRED)):
        return errors.TooFewValues(count=len(cells), columns=len(header))
    return None


def _records(reader: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as wrong:
        raise errors.FileUnreadable(path=path, reason=wrong) from None


def _lines(path: Path, encoding: str, on_progress: Callable[[int], None]) -> Iterator[str]:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise errors.FileUnreadable(path=path, reason=f"no encoding {encoding}") from None
    done, rest = 0, ""
    for chunk in itertools.chain(_chunks(path), [b""]):
        try:
            text = io.StringIO(rest + decoder.decode(chunk, final=not chunk), newline="")
        except UnicodeDecodeError as wrong:
            raise errors.WrongEncoding(
                path=path, encoding=encoding, position=done + wrong.start
            ) from None
        done += len(chunk)
        lines = text.readlines()
        rest = lines.pop() if lines and chunk else ""
        yield from lines
        on_progress(done)


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as wrong:
        raise errors.FileUnreadable(path=path, reason=wrong.strerror or wrong) from None


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in itertools.chain(_chunks(path), [b""]):
            decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        return False
    return True


def _share_of_common_chinese(path: Path) -> float:
    decoder = codecs.getincrementaldecoder("gb18030")()
    common = other = 0
    for chunk in itertools.chain(_chunks(path), [b""]):
        for character in decoder.decode(chunk, final=not chunk):
            if not character.isascii():
                try:
                    character.encode("gb2312")
                    common += 1
                except UnicodeEncodeError:
                    other += 1
    return common / (common + other or 1)
