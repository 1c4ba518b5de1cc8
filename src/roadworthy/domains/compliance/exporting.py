"""A table written as CSV or as a workbook: what offices open."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from roadworthy.kernel.errors import NotFound

FORMS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WIDEST: Final = 60  # characters of a column
_FORMULA: Final = ("=", "+", "-", "@", "\t")


class NoSuchForm(NotFound):
    code = "no-such-form"
    message = "A table comes as csv or xlsx."


@dataclass(frozen=True, slots=True)
class Table:
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def written(table: Table, form: str) -> tuple[bytes, str]:
    """Return a table's bytes and their media type.

    Raises:
        NoSuchForm: it is neither csv nor xlsx.
    """
    if form not in FORMS:
        raise NoSuchForm
    return (_workbook(table) if form == "xlsx" else _csv(table)), FORMS[form]


def _csv(table: Table) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(table.heads)
    writer.writerows([_harmless(value) for value in row] for row in table.rows)
    return buffer.getvalue().encode("utf-8-sig")  # spreadsheets take it for Latin text otherwise


def _harmless(value: str) -> str:
    """Keep a spreadsheet from taking what somebody typed for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _workbook(table: Table) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"
    sheet.append(list(table.heads))
    for row in table.rows:
        sheet.append([_harmless(value) for value in row])
    for head in sheet[1]:
        head.font = Font(bold=True)
    for number, column in enumerate(sheet.columns, start=1):
        widest = max(len(str(one.value or "")) for one in column)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = min(widest + 2, _WIDEST)
        for one in column:
            one.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
