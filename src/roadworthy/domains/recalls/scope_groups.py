"""Many VINs, patterns and ranges of a scope at once: looked up in a table, not tried one by one.

A recall may name hundreds of ranges, and the fleet has millions of vehicles. What is compared at
the same places of a VIN forms a group; of a group one look finds the clause for a vehicle. Ranges
that overlap are in groups of their own, so that there is one clause at most in each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from roadworthy.domains.recalls.scope import Clause, VinBetween, VinIs
from roadworthy.domains.recalls.scope_vin import ANY, Pattern, VinRange

FEWEST: Final = 4  # patterns and ranges from which on to look them up costs less
_MOST: Final = 12  # groups; what would need more is tried one by one

_Places = tuple[tuple[int, ...], tuple[int, ...]]  # that must be the same; that are compared


@dataclass(frozen=True, slots=True)
class _Entry:
    """From ``low`` to ``high`` a VIN with this ``key`` is meant by clause ``number``."""

    key: str
    low: str
    high: str
    number: int


@dataclass(slots=True)
class Group:
    """What is compared at the same places; no VIN is meant by two of its entries."""

    name: str  # in SQL
    same: tuple[int, ...]
    compared: tuple[int, ...]
    entries: list[_Entry] = field(default_factory=list)

    @property
    def join(self) -> str:
        """Return the join of its entries to the vehicles ``v``; ``parameters`` go with it."""
        serial = f'({_taken(self.compared)}) COLLATE "C"'
        bounds = f"{self.name}.low AND {self.name}.high"
        return (
            "LEFT JOIN unnest(%s::text[], %s::text[], %s::text[], %s::int[]) "
            f"AS {self.name}(key, low, high, n) ON {self.name}.key = {_taken(self.same)}"
            + (f" AND {serial} BETWEEN {bounds}" if self.compared else "")
        )

    @property
    def parameters(self) -> list[Any]:
        """Return its entries as arrays."""
        return [
            [one.key for one in self.entries],
            [one.low for one in self.entries],
            [one.high for one in self.entries],
            [one.number for one in self.entries],
        ]


def grouped(clauses: Sequence[Clause], name: str) -> tuple[list[Group], frozenset[int]]:
    """Return groups for those clauses that name VINs only, and the numbers of these clauses.

    There are none if it would not pay.
    """
    meant = [one for one in clauses if isinstance(one.term, VinBetween | VinIs)]
    found: dict[_Places, list[_Entry]] = defaultdict(list)
    for clause in meant:
        for places, entry in _entries(clause):
            found[places].append(entry)
    if sum(map(len, found.values())) < FEWEST:
        return [], frozenset()
    groups = [
        Group(f"{name}{layer}_{place}", *places, entries)
        for place, (places, every) in enumerate(found.items())
        for layer, entries in enumerate(_layers(every))
    ]
    if len(groups) > _MOST:
        return [], frozenset()
    return groups, frozenset(one.number for one in meant)


def _entries(clause: Clause) -> Iterator[tuple[_Places, _Entry]]:
    if isinstance(clause.term, VinBetween):
        yield _of_range(clause.term.range, clause.number)
    elif isinstance(clause.term, VinIs):
        for one in clause.term.patterns:
            yield _of_pattern(one, clause.number)


def _of_range(one: VinRange, number: int) -> tuple[_Places, _Entry]:
    same = _said(one.head)
    key = "".join(one.head[index] for index in same)
    return (same, one.places), _Entry(key, one.serial(one.low), one.serial(one.high), number)


def _of_pattern(one: Pattern, number: int) -> tuple[_Places, _Entry]:
    same = _said(one.text)
    return (same, ()), _Entry("".join(one.text[index] for index in same), "", "", number)


def _said(text: str) -> tuple[int, ...]:
    return tuple(index for index, character in enumerate(text) if character != ANY)


def _layers(entries: Iterable[_Entry]) -> list[list[_Entry]]:
    """Share entries out so that of one key none overlap; earlier clauses come first."""
    layers: list[list[_Entry]] = []
    ordered = sorted(entries, key=lambda one: (one.key, one.low, one.number))
    for _key, some in groupby(ordered, key=lambda one: one.key):
        ends: list[str] = []  # of each layer for this key
        seen: set[tuple[str, str]] = set()
        for one in some:
            if (one.low, one.high) in seen:
                continue  # the same range of a later clause: the earlier one decides
            seen.add((one.low, one.high))
            layer = next((n for n, end in enumerate(ends) if end < one.low), len(ends))
            ends[layer : layer + 1] = [one.high]
            layers.extend([] for _ in range(layer + 1 - len(layers)))
            layers[layer].append(one)
    return layers


def _taken(places: Sequence[int]) -> str:
    """Return what stands at some places of ``v.vin``."""
    stretches = runs(places)
    return " || ".join(f"substr(v.vin, {a + 1}, {n})" for a, n in stretches) or "''"


def runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """Return stretches of neighbouring places as (first, length)."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and found[-1][0] + found[-1][1] == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((place, 1))
    return found
