"""Cells read into values of the neutral record (law.md 7.2a). A reader says no or gives a value.

* ``""`` and ``" "`` are not given. What a publisher blacked out is a ``Redacted``, never text.
* What comes out is text as PostgreSQL's COPY reads it, so that it is made once for each value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Self

from roadworthy.domains.surveillance import errors

NULL: Final = "\\N"
LONGEST_KEY: Final = 120
LONGEST_NAME: Final = 200  # of what counts are made by
_FIRST_YEAR: Final = 1950  # earlier ones are what spreadsheets make of an empty cell
_CENTURY, _PIVOT = 100, 69  # as strptime reads two digits
_SHANGHAI: Final = timezone(timedelta(hours=8))  # a legal day is one in Asia/Shanghai
_REDACTION: Final = re.compile(
    r"\[\s*(?:REDACTED|MAY CONTAIN|XXX|已脱敏|已隐去)[^\]]*\]", re.IGNORECASE
)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_UNKNOWN: Final = frozenset({"unknown", "unk", "n/a", "na", "-", "--", "未知", "不详"})


class Redacted(str):
    """What COPY is to write where a value was blacked out, and why it was."""

    __slots__ = ("why",)
    why: str

    def __new__(cls, text: str, why: str) -> Self:
        """Make one that writes ``text``."""
        made = super().__new__(cls, text)
        made.why = why
        return made


class Warned(str):
    """What COPY is to write for a value that is kept although something about it is unusual."""

    __slots__ = ("fault",)
    fault: errors.RowFault

    def __new__(cls, text: str, fault: errors.RowFault) -> Self:
        """Make one that writes ``text``."""
        made = super().__new__(cls, text)
        made.fault = fault
        return made


Reader = Callable[[str], str]


def escaped(text: str) -> str:
    """Return text as COPY reads it."""
    return text.translate(_ESCAPES)


def redaction(raw: str) -> str | None:
    """Say why a value was blacked out ("personal", "business", "unnamed"); None if it was not."""
    if "[" not in raw:
        return None
    found = _REDACTION.match(raw.strip())
    if found is None or found.end() != len(raw.strip()):
        return None
    return reason_of(found.group())


def reason_of(literal: str) -> str:
    """Return the reason that a redaction gives."""
    upper = literal.upper()
    if "PERSONALLY" in upper:
        return "personal"
    return "business" if "BUSINESS" in upper else "unnamed"


def text(raw: str) -> str:
    """Read words; of a text with a redaction in it the rest is kept."""
    why = redaction(raw)
    return Redacted("", why) if why else escaped(raw.strip())


def name(raw: str) -> str:
    """Read words that counts are made by: white space told apart by nobody, no more than fit."""
    why = redaction(raw)
    if why:
        return Redacted("", why)
    plain = " ".join(raw.split())
    if plain.casefold() in _UNKNOWN:
        return ""
    if len(plain) > LONGEST_NAME:
        cut = escaped(plain[:LONGEST_NAME])
        return Warned(cut, errors.CutShort(longest=LONGEST_NAME))
    return escaped(plain)


def key(raw: str) -> str:
    """Read what a report is known by; it must be there.

    Raises:
        ValueMissing, TooLong.
    """
    plain = raw.strip()
    if not plain:
        raise errors.ValueMissing
    if len(plain) > LONGEST_KEY:
        raise errors.TooLong(length=len(plain), longest=LONGEST_KEY)
    return escaped(plain)


def optional_key(raw: str) -> str:
    """Read what an incident is known by; white space is no id.

    Raises:
        TooLong.
    """
    plain = raw.strip()
    if not plain or redaction(plain):
        return NULL
    return key(plain)


def version(raw: str) -> str:
    """Read the version of a report; "0" stands for: not numbered.

    Raises:
        NotAVersion.
    """
    plain = raw.strip().removesuffix(".0")
    if not plain:
        return "0"
    if not (plain.isascii() and plain.isdigit() and 0 < int(plain) < 1 << 31):
        raise errors.NotAVersion
    return str(int(plain))


def year(raw: str) -> str:
    """Read a model year; what is none is not known."""
    plain = raw.strip().removesuffix(".0")
    return plain if len(plain) == 4 and plain.isascii() and plain.isdigit() else NULL


def vin(raw: str) -> str:
    """Read a VIN, whole or cut to 11 characters; what is neither is kept and warned of."""
    if VIN.fullmatch(raw):
        return raw
    why = redaction(raw)
    if why:
        return Redacted("", why)
    plain = "".join(raw.split()).upper()
    if plain.casefold() in _UNKNOWN or not plain or VIN.fullmatch(plain):
        return "" if plain.casefold() in _UNKNOWN else plain
    return Warned(escaped(plain[:LONGEST_KEY]), errors.NotAVin())


VIN: Final = re.compile(r"[0-9A-HJ-NPR-Z]{17}|[0-9A-HJ-NPR-Z]{11}")


def word_of(words: Mapping[str, str], *, otherwise: str | None = "unknown") -> Reader:
    """Make a reader of a vocabulary: the first key that the value begins with says what it is.

    ``otherwise`` is what other values are; None refuses them (``UnknownWord``).
    """

    def read(raw: str) -> str:
        plain = " ".join(raw.split()).casefold()
        if plain in words:
            return words[plain]
        for begin, meant in words.items():
            if begin and plain.startswith(begin):
                return meant
        if otherwise is None:
            raise errors.UnknownWord(words=", ".join(sorted({*words.values()})))
        return otherwise

    return read


_TIME = r"(?:[T/\s]+(?P<time>\d{1,2}:\d{2}(?::\d{2})?)\S*(?:\s*[AP]M)?)?"
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ISO: Final = re.compile(
    rf"(?P<y>\d{{4}})\s*[-./年]\s*(?P<m>\d{{1,2}})\s*[-./月]\s*(?P<d>\d{{1,2}})\s*[日.]?{_TIME}"
)
_ZONED: Final = re.compile(r"\d:\d\d(?:\.\d+)?\s*(?:[zZ]|[+-]\d\d:?\d\d)$")
_COMPACT: Final = re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?P<time>)")
_AMERICAN: Final = re.compile(
    rf"(?P<m>\d{{1,2}})[/-](?P<d>\d{{1,2}})[/-](?P<y>\d{{4}}|\d\d){_TIME}", re.IGNORECASE
)
_NAMED_DAY: Final = re.compile(
    rf"(?P<d>\d{{1,2}})[-/\s](?P<m>[A-Za-z]{{3}})[a-z]*[-/\s](?P<y>\d{{4}}|\d\d){_TIME}"
)
_DAY_NAMED: Final = re.compile(
    rf"(?P<m>[A-Za-z]{{3}})[a-z]*\.?\s(?P<d>\d{{1,2}}),?\s(?P<y>\d{{4}}){_TIME}"
)
_MONTH: Final = re.compile(r"(?P<m>[A-Za-z]{3})[A-Za-z]*[-/\s](?P<y>\d{4}|\d\d)")
_ISO_MONTH: Final = re.compile(r"(?P<y>\d{4})\s*[-/年]\s*(?P<m>\d{1,2})月?")
_DAYS: Final = (_ISO, _COMPACT, _NAMED_DAY, _DAY_NAMED)


def day_of(*, is_american: bool, required: bool) -> Reader:
    """Make a reader of days; it gives three columns: the day, how exact it is, the time.

    Raises (the reader):
        NoDate: there is something, and it is no date.
        NotYet: it lies ahead.
        ValueMissing: nothing is there and it must be.
    """
    patterns = (*_DAYS, _AMERICAN) if is_american else _DAYS

    def read(raw: str) -> str:
        plain = raw.strip()
        why = redaction(plain)
        if why or not plain or plain.casefold() in _UNKNOWN:
            if required:
                raise errors.ValueMissing
            return Redacted(f"{NULL}\t\t", why) if why else f"{NULL}\t\t"
        if _ZONED.search(plain):
            return _instant(plain)
        for pattern in patterns:
            if found := pattern.fullmatch(plain):
                return _day(found["y"], found["m"], found["d"], "day", found["time"] or "")
        for pattern in (_MONTH, _ISO_MONTH):
            if found := pattern.fullmatch(plain):
                return _day(found["y"], found["m"], "1", "month", "")
        raise errors.NoDate

    return read


def _instant(plain: str) -> str:
    try:
        found = datetime.fromisoformat(plain.upper())
    except ValueError:
        raise errors.NoDate from None
    if found.tzinfo is None:
        raise errors.NoDate
    local = found.astimezone(_SHANGHAI)
    return f"{local.date()}\tday\t{local:%H:%M:%S}"


def _day(year: str, month: str, day: str, precision: str, time: str) -> str:
    number = int(year)
    if number < _CENTURY:
        number += 2000 if number < _PIVOT else 1900
    try:
        of_year = int(month) if month.isdigit() else _MONTHS[month.casefold()]
        found = date(number, of_year, int(day))
    except (KeyError, ValueError):
        raise errors.NoDate from None
    if found.year < _FIRST_YEAR:
        return Warned(f"{NULL}\t\t", errors.NoRealDate())
    if found > datetime.now(UTC).date() + timedelta(days=1):
        raise errors.NotYet
    return f"{found}\t{precision}\t{time}"


def submitted(raw: str) -> str:
    """Read the day on which a report was handed in; what cannot be read is not known."""
    try:
        return _SUBMITTED(raw).split("\t", 1)[0]
    except errors.RowFault:
        return NULL


_SUBMITTED: Final = day_of(is_american=True, required=False)
