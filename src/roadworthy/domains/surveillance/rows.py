"""Rows of a file as lines for COPY, in the neutral record, or why they cannot be taken.

* One line holds every column of the staging table, in the order of ``COLUMNS``.
* What a form does not know is kept with the report under its own name, and reported once.
* Reports without a number of their own are known by what they say. Two that say the same in one
  file are two: the second is known by that, too.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, cast

from roadworthy.domains.surveillance import errors, values
from roadworthy.domains.surveillance.fields import Field, Values
from roadworthy.domains.surveillance.forms import Form, normal
from roadworthy.domains.surveillance.tables import Bad, Extra, Record
from roadworthy.domains.surveillance.values import Reader, Redacted, Warned

COLUMNS: Final = (
    "report_key",
    "version",
    "kind",
    "incident_key",
    "reporter",
    "make",
    "model",
    "model_year",
    "vin",
    "function",
    "software",
    "occurred_on",
    "precision",
    "occurred_time",
    "submitted_on",
    "region",
    "city",
    "trigger",
    "severity",
    "cdas_state",
    "narrative",
    "redacted",
    "content",
    "digest",
)
_SHOWN: Final = 200
_SILENT: Final = ("kind",)  # kept as the file has them besides what is read of them
_NOTHING: Final = "{}"
_TOGETHER: Final = 1000  # records read column by column
_LONGEST_TIME: Final = len("23:59:59")
_LONGEST_CLOCK: Final = 1 << 16
_EVENT: Final = "event"
# The places of some fields among those that a form reads (``Form.readers``).
_KEY, _VERSION, _KIND, _OCCURRED, _TRIGGER = 0, 1, 2, 11, 15


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, or unusual about it."""

    row: int
    column: str
    value: str
    error: errors.RowFault
    is_warning: bool = False


# Fields of which a batch tells its values beside the lines.
TOLD: Final = (
    "report_key", "version", "kind", "incident_key", "reporter", "function", "software",
    "occurred", "region", "trigger", "severity",
)  # fmt: skip


@dataclass
class Batch:
    """Some rows, ready for the database. Everything is as COPY reads it.

    ``lines`` holds ``COLUMNS``; ``told`` the values of ``TOLD``, by field, in the same order.
    """

    lines: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in TOLD})
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    blank: int = 0
    refused: int = 0


class Rows:
    """Reads the records of one file in one form."""

    def __init__(self, form: Form, header: Sequence[str]) -> None:
        self.form, self.header = form, list(header)
        names = [normal(one) for one in header]
        self._fields = [self._field(name, read, names) for name, read in form.readers().items()]
        self._blank = ["" if one.places else one.read("") for one in self._fields]
        self._plan = [(index, one) for index, one in enumerate(self._fields) if one.places]
        used = {place for one in self._fields if one.name not in _SILENT for place in one.places}
        self._kept = [place for place in range(len(header)) if place not in used]
        self._beside = [(one.name, i) for i, one in enumerate(self._fields) if one.name in TOLD]
        self._unusual = 0
        self._clock = _Clock()
        self._needed = max(place for one in self._needs() for place in one.places[:1])
        self._times = [
            names.index(one) for one in form.columns.get("occurred_time", ()) if one in names
        ]
        self._others = {
            place
            for place in self._kept
            if names[place] not in form.known
            and place not in self._times
            and not any(place in one.places for one in self._fields)
        }
        if form.key == "generic":  # the forms of others are kept whole
            self._kept = [place for place in self._kept if place not in self._times[:1]]
        self._without_value = set(self._others)
        self._seen: dict[bytes, int] = {}
        self._more: dict[str, None] = {}

    @property
    def unknown_columns(self) -> list[str]:
        """Return the columns that the form does not know and that have a value somewhere."""
        here = self._others - self._without_value
        return [self._name(place) for place in sorted(here)] + list(self._more)

    def batches(self, records: Iterator[Record], *, size: int, first: int = 1) -> Iterator[Batch]:
        """Return the rows in batches of at most ``size`` records, blank and refused included.

        ``first`` is the number of the first record.
        """
        batch, number = Batch(), first
        while some := list(itertools.islice(records, min(_TOGETHER, size - batch.rows))):
            self._take_all(batch, number, some)
            number += len(some)
            if batch.rows >= size:
                yield batch
                batch = Batch()
        if batch.rows or number == first:
            yield batch

    def _take_all(self, batch: Batch, number: int, records: Sequence[Record]) -> None:
        """Take runs of usual rows together, and the others one by one."""
        read = self._columns(records)
        odd = range(len(records)) if read is None else self._odd(read)
        begin = 0
        for place in itertools.chain(odd, [len(records)]):
            if read and begin < place:
                part = [one[begin:place] for one in read] if odd else read
                self._take_usual(batch, number + begin, records[begin:place], part)
            if place < len(records):
                self._take(batch, number + place, records[place])
            begin = place + 1

    def _columns(self, records: Sequence[Record]) -> list[Values] | None:
        """Read records column by column.

        None: the records are not of one width, or not known by a number of their own.
        """
        if not self.form.is_numbered or {*map(type, records)} != {list}:
            return None
        rows = cast(Sequence[list[str]], records)
        if {*map(len, rows)} != {len(self.header)}:
            return None
        cells = list(zip(*rows, strict=True))
        read: list[Values] = [[one] * len(rows) for one in self._blank]
        for index, one in self._plan:
            read[index] = one.column(rows, cells)
        if self._times:
            times = map(self._clock.__getitem__, cells[self._times[0]])
            read[_OCCURRED] = list(map(_with_time, read[_OCCURRED], times))
        return read

    def _odd(self, read: Sequence[Values]) -> list[int]:
        """Return the places of the rows that are to be looked at one by one."""
        unusual = sum(one.unusual for one in self._fields)
        if unusual == self._unusual and {*read[_KIND]} == {_EVENT}:
            return []
        self._unusual = unusual
        odd = {place for place, kind in enumerate(read[_KIND]) if kind != _EVENT}
        for values_ in read:
            odd.update(place for place, value in enumerate(values_) if value is None)
        return sorted(odd)

    def _take_usual(
        self, batch: Batch, number: int, records: Sequence[Record], read: list[Values]
    ) -> None:
        said = list(map("\t".join, zip(*cast(list[list[str]], read), strict=True)))
        digests = [blake2b(one.encode(), digest_size=16).hexdigest() for one in said]
        rows = cast(Sequence[list[str]], records)
        if any(one[place] for place in self._kept for one in rows):
            contents = [self._content(one, {}) for one in rows]
            ends = [f"{{}}\t{one}\t{digest}" for one, digest in zip(contents, digests, strict=True)]
        else:
            ends = [f"{{}}\t{{}}\t{digest}" for digest in digests]
        lines = [f"{one}\t{end}\n" for one, end in zip(said, ends, strict=True)]
        whole = "".join(lines)
        if "\0" in whole or "\\u0000" in whole:
            for place, record in enumerate(records):
                self._take(batch, number + place, record)
            return
        batch.rows += len(rows)
        self._add(batch, lines, digests, cast(list[list[str]], read))

    def _add(
        self,
        batch: Batch,
        lines: Sequence[str],
        digests: Sequence[str],
        read: Sequence[Sequence[str]],
    ) -> None:
        batch.lines += lines
        batch.digests += digests
        for name, index in self._beside:
            batch.told[name] += read[index]

    def _take(self, batch: Batch, number: int, record: Record) -> None:
        batch.rows += 1
        more: Mapping[str, str] = {}
        if isinstance(record, Extra):
            more = record.more
            record = record.cells
            self._more.update(dict.fromkeys(more))
        if isinstance(record, list) and not any(map(str.strip, record)):
            batch.blank += 1
            return
        try:
            cells = self._checked(record)
            line, digest, read = self._line(batch, number, cells, more)
        except _Refused as wrong:
            batch.refused += 1
            batch.faults.append(Fault(number, wrong.column, wrong.value[:_SHOWN], wrong.fault))
        else:
            self._add(batch, [line], [digest], [[one] for one in read])

    def _checked(self, record: list[str] | Bad) -> list[str]:
        if isinstance(record, Bad):
            raise _Refused("", record.value, record.fault)
        wide = len(self.header)
        if len(record) != wide:
            if len(record) > wide and any(map(str.strip, record[wide:])):
                wrong = errors.TooManyCells(count=len(record), columns=wide)
                raise _Refused("", ",".join(record), wrong)
            if len(record) <= self._needed:
                short = errors.TooFewCells(count=len(record), columns=wide)
                raise _Refused("", ",".join(record), short)
            record = record[:wide] + [""] * (wide - len(record))
        return record

    def _line(
        self, batch: Batch, number: int, cells: list[str], more: Mapping[str, str]
    ) -> tuple[str, str, list[str]]:
        read = self._blank.copy()
        redacted = _NOTHING
        for index, one in self._plan:
            try:
                read[index] = found = one.value(cells)
            except errors.RowFault as wrong:
                raise _Refused(self._told(one), one.raw(cells), wrong) from None
            if type(found) is not str:
                redacted = self._mark(batch, number, one, found, cells, redacted)
        content = self._content(cells, more)
        if self._times:
            read[_OCCURRED] = cast(
                str, _with_time(read[_OCCURRED], self._clock[cells[self._times[0]]])
            )
        digest = blake2b("\t".join(read).encode(), digest_size=16).hexdigest()
        if read[_KIND] != _EVENT:  # what did not happen has no trigger
            read[_TRIGGER] = ""
        if not self.form.is_numbered:
            self._number(read, cells)
        line = "\t".join((*read, redacted, content, digest)) + "\n"
        if "\0" in line or "\\u0000" in content:
            raise _Refused("", "", errors.NotText())
        return line, digest, read

    def _mark(
        self,
        batch: Batch,
        number: int,
        one: Field,
        found: str,
        cells: Sequence[str],
        redacted: str,
    ) -> str:
        """Keep what is unusual about a value; return the redactions known of the row so far."""
        if isinstance(found, Redacted):
            return json.dumps({**json.loads(redacted), one.name: found.why})
        if isinstance(found, Warned):
            raw = one.raw(cells)[:_SHOWN]
            fault = Fault(number, self._told(one), raw, found.fault, is_warning=True)
            batch.faults.append(fault)
        return redacted

    def _content(self, cells: Sequence[str], more: Mapping[str, str]) -> str:
        kept: dict[str, Any] = {}
        for place in self._kept:
            raw = cells[place]
            if raw and not raw.isspace():
                self._without_value.discard(place)
                kept[self._name(place)] = _plain(raw)
        kept.update((name, _plain(raw)) for name, raw in more.items() if raw.strip())
        if not kept:
            return _NOTHING
        return values.escaped(json.dumps(kept, ensure_ascii=False))

    def _number(self, read: list[str], cells: Sequence[str]) -> None:
        whole = blake2b("\x1f".join(map(_squeezed, cells)).encode(), digest_size=12)
        before = self._seen.get(whole.digest(), 0)
        self._seen[whole.digest()] = before + 1
        read[_KEY] = whole.hexdigest() + (f"-{before + 1}" if before else "")
        read[_VERSION] = "1"

    def _field(self, name: str, read: Reader, names: Sequence[str]) -> Field:
        wanted = self.form.columns.get(name, ())
        places = [names.index(one) for one in wanted if one in names]
        if name == "trigger" and self.form.trigger:
            read = _always(self.form.trigger)
        return Field(name, places, read)

    def _needs(self) -> list[Field]:
        return [one for one in self._fields if one.name in self.form.needs]

    def _told(self, one: Field) -> str:
        return self._name(one.places[0]) if one.places else one.name

    def _name(self, place: int) -> str:
        return self.header[place].strip() or f"({place + 1})"


@dataclass
class _Refused(Exception):
    column: str
    value: str
    fault: errors.RowFault


def _always(text: str) -> Callable[[str], str]:
    return lambda _raw: text


def _squeezed(cell: str) -> str:
    return " ".join(cell.split())


def _plain(raw: str) -> Any:
    why = values.redaction(raw)
    return {"redacted": why} if why else raw.strip()


class _Clock(dict[str, str]):
    """Times of day as they stand in a column of their own; "" for what is none."""

    def __missing__(self, raw: str) -> str:
        time = raw.strip()
        is_time = len(time) <= _LONGEST_TIME and time.replace(":", "").isdigit()
        if len(self) >= _LONGEST_CLOCK:
            self.clear()
        self[raw] = found = time if is_time else ""
        return found


def _with_time(occurred: str | None, time: str) -> str | None:
    """Put the time that a column of its own gives beside the day."""
    if occurred is None or not time:
        return occurred
    if occurred.endswith("\t"):
        return occurred + time
    return occurred.rpartition("\t")[0] + "\t" + time
