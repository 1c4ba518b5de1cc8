"""Ask an indicator: its cells as the reader may see them, and the query that made them.

* Scope comes first and fails closed: an authority sees the nation, a manufacturer itself, the
  public the national figures with small cells hidden; anybody else nothing.
* An answer says until when the facts reach, and carries the SQL that ibis made.
* Asked again, it is not computed again until facts are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

from roadworthy.domains.insight import engines, errors, exporting
from roadworthy.domains.insight.policy import policy
from roadworthy.domains.insight.register import Indicator, Shape, indicator
from roadworthy.domains.insight.suppression import Cell, suppressed
from roadworthy.domains.organisations.roles import Kind
from roadworthy.kernel.calendar import legal_day

_REMEMBERED: Final = 512
_PERCENT: Final = 100
_ALONE: Final = Lock()  # of a process: the policy's memory is for one question at a time


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see. Made by ``PUBLIC`` and ``of_organisation`` only."""

    everything: bool  # no cell is hidden, every split is open
    manufacturer: str | None  # short name; None: all of them


PUBLIC: Final = Scope(everything=False, manufacturer=None)


def of_organisation(kind: Kind, slug: str) -> Scope:
    """Return what an organisation's people may see.

    Raises:
        NotYours: neither an authority nor a manufacturer.
    """
    if kind in (Kind.MIIT, Kind.SAMR):
        return Scope(everything=True, manufacturer=None)
    if kind == Kind.MANUFACTURER and slug:
        return Scope(everything=True, manufacturer=slug)
    raise errors.NotYours


@dataclass(frozen=True, slots=True)
class Answer:
    """An indicator as it stands: all years, or all years split by one column."""

    indicator: Indicator
    by: str  # "": not split
    cells: Sequence[Cell]
    sql: str  # DuckDB's; empty where nothing is computed
    until: date | None  # last day of the facts; None: nothing is computed
    end: int  # leaves of the log behind it

    @property
    def years(self) -> list[int]:
        """Return the years that have a value, oldest first."""
        return sorted({one.year for one in self.cells})

    def change(self, year: int) -> float | None:
        """Return the change against the year before in per cent, of what is not split."""
        known = {one.year: one.value for one in self.cells if one.of is None}
        now, before = known.get(year), known.get(year - 1)
        return None if now is None or not before else (now - before) * _PERCENT / before


def splits(one: Indicator, scope: Scope) -> Sequence[str]:
    """Return the columns that this reader may split an indicator by."""
    if not scope.everything:
        return one.public_by
    return [name for name in one.by if name != "manufacturer" or scope.manufacturer is None]


def ask(scope: Scope, key: str, *, folder: Path, by: str = "") -> Answer:
    """Return what an indicator is in ``scope``.

    Raises:
        NoSuchIndicator: the register has no such key.
        NotSplitSo: this reader may not split it by this column.
    """
    one = indicator(key)
    if by and by not in splits(one, scope):
        raise errors.NotSplitSo(key=key, by=by)
    if not one.measure:
        return Answer(one, by, (), "", None, 0)
    try:
        mark = exporting.written(folder)
    except errors.NoFacts:
        return Answer(one, by, (), "", None, 0)
    found = _computed(scope.manufacturer, key, by, folder, mark)
    if scope.everything or not one.protect:
        return found
    cells = suppressed(
        found.cells,
        policy().smallest_cell,
        additive=one.additive,
        share=one.shape == Shape.PERCENT,
    )
    return replace(found, cells=tuple(cells))


@lru_cache(maxsize=_REMEMBERED)
def _computed(
    manufacturer: str | None, key: str, by: str, folder: Path, mark: exporting.Written
) -> Answer:
    import ibis  # noqa: PLC0415 - heavy

    one = indicator(key)
    until = legal_day(mark.at)
    with _ALONE, engines.duckdb() as backend:
        made = expression(backend, one, folder, until, manufacturer)
        parts = made(by) if by else None
        cells = [*run(made("")), *(run(parts, by) if parts is not None else ())]
        sql = str(ibis.to_sql(parts if parts is not None else made(""), dialect="duckdb"))
    return Answer(one, by, tuple(cells), sql, until, mark.end)


def expression(
    backend: Any, one: Indicator, folder: Path, until: date, manufacturer: str | None = None
) -> Any:
    """Return a function that makes an indicator's expression, split by a column or not."""
    from roadworthy.domains.insight import measures  # noqa: PLC0415 - heavy

    first = engines.first_year(backend, folder, until) if "fleet" in one.facts else until.year
    tables = engines.tables(backend, folder, one.facts, manufacturer)
    facts = measures.Facts(tables, until, first)

    def made(by: str) -> Any:
        columns = (by,) if by else ()
        found = measures.MEASURES[one.measure](facts, columns, one.numbers)
        return found.order_by("year", *columns)

    return made


def run(made: Any, by: str = "") -> list[Cell]:
    """Return the cells of an expression, on whatever engine it was made for."""
    return [
        Cell(row["year"], str(row[by]) if by else None, row["value"], row["base"])
        for row in made.to_pyarrow().to_pylist()
    ]
