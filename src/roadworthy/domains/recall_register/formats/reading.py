"""What all kinds of files share: named columns, the rest kept, one reading for each row."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from roadworthy.domains.recall_register.records import Details, LineIn
from roadworthy.kernel import tabular
from roadworthy.kernel.tabular import Table


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row says: a line of a recall, and how to learn the recall's details."""

    recall: uuid.UUID
    details: Callable[[], Details]
    line: LineIn


class Reader(ABC):
    """Reads the rows of one kind of file."""

    columns: ClassVar[Mapping[str, Sequence[str]]]  # field -> the names it may go by
    required: ClassVar[Sequence[str]]
    tells: ClassVar[Sequence[str]]  # columns that no other kind has, by their first names

    def __init__(self, table: Table) -> None:
        """Find the columns.

        Raises:
            ColumnMissing: a required one is not there.
        """
        self.is_csv = table.kind == "csv"
        if self.is_csv:
            self.at = tabular.columns(table, self.columns, self.required)
        else:
            # JSON names the fields of each record; what one lacks another may have.
            self.at = {field: names[0] for field, names in self.columns.items()}
        self.known = set(self.at.values())
        self.unknown = [name for name in table.columns if name and name not in self.known]

    @classmethod
    def recognises(cls, names: set[str]) -> bool:
        """Say whether a file with these columns (casefolded) is of this kind."""
        return all(
            any(name.casefold() in names for name in cls.columns[field]) for field in cls.tells
        )

    def rest(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return what stands in columns that have no meaning here."""
        if self.is_csv:
            return {name: cells[name] for name in self.unknown if cells[name]}
        other = {n: v for n, v in cells.items() if n not in self.known and v not in (None, "")}
        for name in other:
            if name not in self.unknown:
                self.unknown.append(name)
        return other

    @abstractmethod
    def read(self, cells: Mapping[str, Any]) -> Reading:
        """Return what a row says.

        Raises:
            Fault: a cell cannot be used.
            Invalid: the cells are right one by one and make no recall together.
        """
