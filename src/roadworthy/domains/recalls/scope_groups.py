"""Many VINs, patterns and ranges of a scope at once: looked up in a table, not tried one by one.

A recall may name hundreds of ranges, and the fleet has millions of vehicles. What is compared at
the same places of a VIN forms a group. Of a group one look finds the clause for a vehicle: numbers
and patterns by their text, ranges by where a text falls among their ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from roadworthy.domains.recalls.scope import Clause, VinBetween, VinIs
from roadworthy.domains.recalls.scope_vin import ANY, Pattern, VinRange
from roadworthy.kernel.vin import LENGTH

FEWEST: Final = 4  # patterns and ranges from which on to look them up costs less
_MOST: Final = 24  # groups; what would need more is tried one by one
_BEHIND: Final = "!"  # comes before all that a VIN may hold: with it, the next after a text

_Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What is compared at the same places, as a column of SQL and the join that it needs.

    The column says the first clause that means a vehicle; null: none does.
    """

    column: str
    of_column: Sequence[Any]  # parameters
    join: str = ""
    of_join: Sequence[Any] = ()


def grouped(clauses: Sequence[Clause], name: str) -> tuple[list[Group], frozenset[int]]:
    """Return groups for those clauses that name VINs only, and the numbers of these clauses.

    There are none if it would not pay.
    """
    meant = [one for one in clauses if isinstance(one.term, VinBetween | VinIs)]
    texts: dict[_Places, dict[str, int]] = defaultdict(dict)
    ranges: dict[tuple[_Places, _Places], list[tuple[str, str, int]]] = defaultdict(list)
    for number, one in _named(meant):
        if isinstance(one, Pattern):
            places = _said(one.text)
            texts[places].setdefault(_at(one.text, places), number)
        else:
            places = _said(one.head)
            key = _at(one.head, places)
            ends = (key + one.serial(one.low), key + one.serial(one.high) + _BEHIND, number)
            ranges[places, one.places].append(ends)
    if (
        sum(map(len, (*texts.values(), *ranges.values()))) < FEWEST
        or len(texts) + len(ranges) > _MOST
    ):
        return [], frozenset()
    groups = [_of_texts(f"{name}_{n}", *one) for n, one in enumerate(texts.items())]
    groups += [_of_ranges((*same, *serial), some) for (same, serial), some in ranges.items()]
    return groups, frozenset(one.number for one in meant)


def _named(clauses: Iterable[Clause]) -> Iterator[tuple[int, Pattern | VinRange]]:
    for one in clauses:
        if isinstance(one.term, VinBetween):
            yield one.number, one.term.range
        elif isinstance(one.term, VinIs):
            yield from ((one.number, pattern) for pattern in one.term.patterns)


def _of_texts(name: str, places: _Places, meant: dict[str, int]) -> Group:
    return Group(
        column=f"{name}.n",
        of_column=(),
        join=(
            f"LEFT JOIN unnest(%s::text[], %s::int[]) AS {name}(key, n) "
            f"ON {name}.key = {taken(places)}"
        ),
        of_join=(list(meant), list(meant.values())),
    )


def _of_ranges(places: _Places, ranges: Iterable[tuple[str, str, int]]) -> Group:
    """Cut what overlaps at the ends, so that of each piece the first clause is known."""
    begins: dict[str, list[int]] = defaultdict(list)
    ends: dict[str, list[int]] = defaultdict(list)
    for low, behind, number in ranges:
        begins[low].append(number)
        ends[behind].append(number)
    cuts = sorted({*begins, *ends})
    firsts: list[int | None] = []
    inside: set[int] = set()
    for cut in cuts:
        inside -= {*ends[cut]}
        inside |= {*begins[cut]}
        firsts.append(min(inside, default=None))
    # As names: of values of one length PostgreSQL looks at a few in the middle, not at all of them.
    at = f'width_bucket(({taken(places)})::name COLLATE "C", %s::name[])'
    return Group(column=f"(%s::int[])[{at}]", of_column=(firsts, cuts))


def _said(text: str) -> _Places:
    return tuple(index for index, character in enumerate(text) if character != ANY)


def _at(text: str, places: _Places) -> str:
    return "".join(text[index] for index in places)


def taken(places: Sequence[int]) -> str:
    """Return as SQL what stands at some places of ``v.vin``."""
    if len(places) == LENGTH:
        return "v.vin"
    stretches: list[tuple[int, int]] = []  # of neighbouring places: first, length
    for place in places:
        if stretches and sum(stretches[-1]) == place:
            stretches[-1] = (stretches[-1][0], stretches[-1][1] + 1)
        else:
            stretches.append((place, 1))
    return " || ".join(f"substr(v.vin, {a + 1}, {n})" for a, n in stretches) or "''"
