"""What the public is not shown, so that no figure speaks of a handful of people.

* Primary: a cell with fewer vehicles or cases behind it than the policy asks is hidden.
* Complementary: where parts sum to a total that is shown, the hidden parts of a line could be
  worked out. So a line hides at least two parts, and together they are no small cell either;
  the next smallest goes with them. Where a line has too few parts for that, all of it is hidden.
* A share is hidden where those it speaks of, or the others, are few: 95 % of 20 is one person.
* A zero is no small cell: it speaks of nobody.
* Two tables of one indicator, split in different ways, are protected each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table. ``value`` is None where it is hidden, or not defined."""

    year: int
    of: str | None  # what it is split by; None: all
    value: float | None
    base: int | None
    hidden: bool = False


def suppressed(
    cells: Sequence[Cell], smallest: int, *, additive: bool, share: bool = False
) -> list[Cell]:
    """Hide small cells, and what would give them away. ``cells`` is one table of one indicator.

    Of a ``share`` in per cent neither those it speaks of nor the others may be a small number.
    """
    hidden = {
        place
        for place, one in enumerate(cells)
        if any(0 < n < smallest for n in _spoken_of(one, share=share))
    }
    if additive:
        for year in {one.year for one in cells}:
            parts = [p for p, one in enumerate(cells) if one.year == year and one.of is not None]
            hidden |= _complement(cells, parts, hidden, smallest)
    return [
        replace(one, value=None, base=None, hidden=True) if place in hidden else one
        for place, one in enumerate(cells)
    ]


def _spoken_of(one: Cell, *, share: bool) -> tuple[int, ...]:
    base = one.base or 0
    if not share or one.value is None:
        return (base,)
    part = round(one.value * base / _PERCENT)
    return (base, part, base - part)


def _complement(
    cells: Sequence[Cell], parts: Sequence[int], hidden: set[int], smallest: int
) -> set[int]:
    taken = [place for place in parts if place in hidden]
    if not taken:
        return set()
    rest = sorted(
        (place for place in parts if place not in hidden and cells[place].base),
        key=lambda place: cells[place].base or 0,
    )
    while rest and (len(taken) == 1 or sum(cells[p].base or 0 for p in taken) < smallest):
        taken.append(rest.pop(0))
    if len(taken) == 1 or sum(cells[p].base or 0 for p in taken) < smallest:
        total = next(
            (p for p, one in enumerate(cells) if one.year == cells[taken[0]].year and not one.of),
            None,
        )
        taken += [] if total is None else [total]
    return set(taken)
