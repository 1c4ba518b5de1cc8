"""Cells of a row as values: a day, a number, a yes or no. What cannot be read says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_noop as _m

from roadworthy.kernel.errors import Invalid

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_BRITISH: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{2}|\d{4})")
_CHINESE: Final = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_CENTURY: Final = 100
_PIVOT: Final = 69  # POSIX: 69-99 are of the last century, 00-68 of this one
_YES: Final = frozenset({"yes", "true", "y", "1", "是"})
_NO: Final = frozenset({"no", "false", "n", "0", "否"})

NOT_A_DAY = _m('"{value}" is no date: write YYYY-MM-DD or DD/MM/YYYY.')
NOT_A_NUMBER = _m('"{value}" is no whole number.')
NOT_YES_OR_NO = _m('"{value}" is neither yes nor no.')
NOT_A_YEAR = _m('"{value}" is no model year.')
TOO_LONG = _m("This has {length} characters; {longest} are kept.")


class CellRefused(Invalid):
    """What is wrong with a cell; each column has its own sentence, a msgid."""

    code = "cell-refused"
    message = ""

    def __init__(self, message: str, **data: Any) -> None:
        """``message`` is the sentence, ``data`` what it names."""
        self.message = message  # type: ignore[misc]
        super().__init__(**data)


class Fault(Exception):
    """A cell that cannot be used; its row is refused."""

    def __init__(self, column: str, value: Any, reason: str, **data: Any) -> None:
        super().__init__(column)
        self.column, self.value = column, str(value)
        self.error = CellRefused(reason, value=value, **data)


def text(cells: Mapping[str, Any], column: str | None, longest: int | None = None) -> str:
    """Return a cell's words; nothing where there is no such column.

    Raises:
        Fault: it is longer than it may be.
    """
    value = cells.get(column) if column else None
    words = "" if value is None else str(value).strip()
    if longest is not None and len(words) > longest:
        raise Fault(column or "", words[:80], TOO_LONG, length=len(words), longest=longest)
    return words


def day(cells: Mapping[str, Any], column: str | None) -> date | None:
    """Return a cell as a day.

    Raises:
        Fault: it is not empty and no date.
    """
    words = text(cells, column)
    if not words:
        return None
    try:
        if found := _ISO.fullmatch(words) or _CHINESE.fullmatch(words):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _BRITISH.fullmatch(words):
            return date(_year(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise Fault(column or "", words, NOT_A_DAY)


def whole(cells: Mapping[str, Any], column: str | None) -> int | None:
    """Return a cell as a whole number, its thousands separated or not.

    Raises:
        Fault: it is not empty and no whole number.
    """
    words = text(cells, column)
    if not words:
        return None
    plain = re.sub(r"(?<=\d)[,， ](?=\d{3}(?!\d))", "", words)
    if not plain.isascii() or not plain.isdigit() or len(plain) > 15:
        raise Fault(column or "", words, NOT_A_NUMBER)
    return int(plain)


def yes_or_no(cells: Mapping[str, Any], column: str | None) -> bool | None:
    """Return a cell as yes or no; nothing where it is empty.

    Raises:
        Fault: it is neither.
    """
    words = text(cells, column).casefold()
    if not words:
        return None
    if words in _YES:
        return True
    if words in _NO:
        return False
    raise Fault(column or "", words, NOT_YES_OR_NO)


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    this = 20 if year < _PIVOT else 19
    return this * _CENTURY + year
