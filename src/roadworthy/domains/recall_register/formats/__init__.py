"""The kinds of files: which one a file is, and what each of its rows says.

A kind is recognised by the names of its columns, so another year's file of the same kind is read
too. A kind's module knows its columns; nothing else here does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadworthy.domains.recall_register import errors
from roadworthy.domains.recall_register.formats import dvsa, generic, nhtsa, notices
from roadworthy.domains.recall_register.formats.reading import Reader, Reading
from roadworthy.domains.recall_register.states import Format
from roadworthy.kernel.tabular import Table

READERS: Mapping[Format, type[Reader]] = {
    Format.NHTSA: nhtsa.Nhtsa,
    Format.DVSA: dvsa.Dvsa,
    Format.NOTICES: notices.Notices,
    Format.GENERIC: generic.Generic,
}
__all__ = ["READERS", "Reader", "Reading", "reader"]


def reader(table: Table, wanted: Format | None) -> tuple[Format, Reader]:
    """Return what reads this file: the kind asked for, or the one that its columns tell.

    Raises:
        UnknownFormat: no kind has these columns.
        ColumnMissing: the kind asked for lacks one.
    """
    if wanted is not None:
        return wanted, READERS[wanted](table)
    names = {name.casefold() for name in table.columns or _first(table)}
    for kind, made in READERS.items():
        if made.recognises(names):
            return kind, made(table)
    raise errors.UnknownFormat(columns=", ".join(table.columns) or ", ".join(sorted(names)))


def _first(table: Table) -> Iterator[str]:
    """Return the names that the first record of a JSON file has."""
    for row in table.rows(lambda _: None):
        first: Mapping[str, Any] = row.cells
        return iter(first)
    return iter(())
