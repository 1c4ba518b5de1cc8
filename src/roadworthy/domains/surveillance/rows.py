"""Rows of a file as lines for COPY, in the neutral record, or why they cannot be taken.

* One line holds every column of the staging table, in the order of ``COLUMNS``.
* What a form does not know is kept with the report under its own name, and reported once.
* Reports without a number of their own are known by what they say. Two that say the same in one
  file are two: the second is known by that, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from roadworthy.domains.surveillance import errors, values
from roadworthy.domains.surveillance.forms import Form, normal
from roadworthy.domains.surveillance.tables import Bad, Extra, Record
from roadworthy.domains.surveillance.values import Reader, Redacted, Warned

COLUMNS: Final = (
    "row",
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
_CACHED: Final = 1 << 16  # values remembered of a column
_SHOWN: Final = 200
_KEY: Final = 0  # the place of the report's number among the fields
_SHORT: Final = 64  # characters; longer values are seldom repeated
_EACH_ITS_OWN: Final = frozenset({"report_key", "incident_key", "vin", "narrative"})
_SILENT: Final = ("kind",)  # kept as the file has them besides what is read of them
_NOTHING: Final = "{}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, or unusual about it."""

    row: int
    column: str
    value: str
    error: errors.RowFault
    is_warning: bool = False


@dataclass
class Batch:
    """Some rows, ready for the database."""

    lines: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    blank: int = 0
    refused: int = 0
    unnumbered: bool = False  # some versions are not numbered by the source


class _Field:
    """One field of the record: where it stands in the row and what its values mean.

    Most columns say few things again and again: plain values that were read once are looked up.
    """

    __slots__ = ("is_repeated", "name", "places", "plain", "read")

    def __init__(self, name: str, places: Sequence[int], read: Reader) -> None:
        self.name, self.places, self.read = name, tuple(places), read
        self.is_repeated = name not in _EACH_ITS_OWN
        self.plain: dict[str, str] = {}

    def raw(self, cells: Sequence[str]) -> str:
        """Return the first of its columns that says something."""
        for place in self.places:
            if (raw := cells[place]) and not raw.isspace():
                return raw
        return ""

    def value(self, cells: Sequence[str]) -> str:
        """Read a value that is not among those looked up."""
        raw = self.raw(cells)
        found = self.read(raw)
        if self.is_repeated and type(found) is str and raw and len(raw) < _SHORT:
            if len(self.plain) >= _CACHED:
                self.plain.clear()
            self.plain[raw] = found
        return found


class Rows:
    """Reads the records of one file in one form."""

    def __init__(self, form: Form, header: Sequence[str]) -> None:
        self.form, self.header = form, list(header)
        names = [normal(one) for one in header]
        self._fields = [self._field(name, read, names) for name, read in form.readers().items()]
        self._blank = ["" if one.places else one.read("") for one in self._fields]
        self._plan = [
            (index, one.plain.get, one.places[0], one)
            for index, one in enumerate(self._fields)
            if one.places
        ]
        used = {place for one in self._fields if one.name not in _SILENT for place in one.places}
        self._kept = [place for place in range(len(header)) if place not in used]
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

    def batches(self, records: Iterator[Record], *, size: int) -> Iterator[Batch]:
        """Return the rows in batches of at most ``size`` records, blank and refused included."""
        batch, number = Batch(), 0
        for number, record in enumerate(records, start=1):
            self._take(batch, number, record)
            if batch.rows >= size:
                yield batch
                batch = Batch()
        if batch.rows or not number:
            yield batch

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
            line = self._line(batch, number, cells, more)
        except _Refused as wrong:
            batch.refused += 1
            batch.faults.append(Fault(number, wrong.column, wrong.value[:_SHOWN], wrong.fault))
        else:
            batch.lines.append(line)

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

    def _line(self, batch: Batch, number: int, cells: list[str], more: Mapping[str, str]) -> str:
        read = self._blank.copy()
        redacted = _NOTHING
        for index, looked_up, place, one in self._plan:
            found = looked_up(cells[place])
            if found is None:
                try:
                    found = one.value(cells)
                except errors.RowFault as wrong:
                    raise _Refused(self._told(one), one.raw(cells), wrong) from None
                if type(found) is not str:
                    redacted = self._mark(batch, number, one, found, cells, redacted)
            read[index] = found
        content = self._content(cells, more)
        if self._times and (time := self._time(cells)):
            read[_OCCURRED] = read[_OCCURRED].rpartition("\t")[0] + "\t" + time
        if read[_VERSION] == "0":
            batch.unnumbered = True
        said = "\t".join(read)
        digest = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
        if not self.form.is_numbered:
            said = self._numbered(read, cells)
        line = f"{number}\t{said}\t{redacted}\t{content}\t{digest}\n"
        if "\0" in line or "\\u0000" in content:
            raise _Refused("", "", errors.NotText())
        return line

    def _mark(
        self,
        batch: Batch,
        number: int,
        one: _Field,
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

    def _time(self, cells: Sequence[str]) -> str:
        raw = cells[self._times[0]].strip()
        return raw if len(raw) <= 8 and raw.replace(":", "").isdigit() else ""

    def _numbered(self, read: list[str], cells: Sequence[str]) -> str:
        whole = hashlib.blake2b("\x1f".join(map(_squeezed, cells)).encode(), digest_size=12)
        before = self._seen.get(whole.digest(), 0)
        self._seen[whole.digest()] = before + 1
        read[_KEY] = whole.hexdigest() + (f"-{before + 1}" if before else "")
        read[_VERSION] = "1"
        return "\t".join(read)

    def _field(self, name: str, read: Reader, names: Sequence[str]) -> _Field:
        wanted = self.form.columns.get(name, ())
        places = [names.index(one) for one in wanted if one in names]
        if name == "trigger" and self.form.trigger:
            read = _always(self.form.trigger)
        return _Field(name, places, read)

    def _needs(self) -> list[_Field]:
        return [one for one in self._fields if one.name in self.form.needs]

    def _told(self, one: _Field) -> str:
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


_ORDER: Final = COLUMNS[1:13]
_VERSION: Final = _ORDER.index("version")
_OCCURRED: Final = _ORDER.index("occurred_on")
