"""Keep entries, one or fifty thousand: all that are right, each whole, in one transaction.

* An entry is checked together with what it replaces and what replaces it, as all of them will be.
* Of a file, a row that is refused takes along only the rows that rest on it.
* What is the same as before is left alone.
* A file reports where a standard stands; ``states.reported`` says whether the table leads there,
  and the change is named after that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Model, Prefetch, QuerySet

from roadworthy.domains.standards import chains, entries, errors, finding
from roadworthy.domains.standards.entries import ClauseText, Entry, Link, Place
from roadworthy.domains.standards.models import (
    Adoption,
    Change,
    Clause,
    Placement,
    Standard,
    SubArea,
    Supersession,
)
from roadworthy.domains.standards.states import State, reported
from roadworthy.kernel import standard_number
from roadworthy.kernel.errors import DomainError

_BATCH: Final = 1000
_RELATIONS: Final = {"places", "supersedes", "adopts", "clauses"}
_FIELDS: Final = tuple(one.name for one in fields(Entry) if one.name not in _RELATIONS)


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry that somebody wants kept; ``row`` is where it stands in their file."""

    row: int
    entry: Entry


@dataclass(slots=True)
class Kept:
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
    refused: list[tuple[int, DomainError]] = field(default_factory=list)


def with_relations(found: QuerySet[Standard]) -> QuerySet[Standard]:
    """Add what ``entries.of`` reads."""
    return found.prefetch_related(
        Prefetch(
            "placements",
            Placement.objects.select_related("sub_area__area__version__framework"),
        ),
        Prefetch("replaced", Supersession.objects.select_related("predecessor")),
        "adoptions",
        "clauses",
    )


def places() -> dict[str, int]:
    """Return every sub-area's id by its path, its code alone for the final security system."""
    rows = SubArea.objects.select_related("area__version__framework")
    return {entries.path_of(one): one.pk for one in rows}


def keep(
    asked: Iterable[Asked],
    *,
    manufacturer_id: int | None,
    role: str,
    at: datetime,
    bundled: bool = False,
) -> Kept:
    """Keep what can be kept, inside the caller's transaction; refuse the rest with reasons."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("entries are kept inside the transaction that writes them down")
    scene = _Scene(manufacturer_id)
    told = Kept()
    good = scene.admit(asked, told)
    fresh = [one for one in good if one.number not in scene.own]
    altered = []
    for one in good:
        before = scene.own.get(one.number)
        if before is None:
            continue
        if bundled and not before.bundled:
            told.same += 1  # somebody has worked on it: the bundle does not take that back
        elif entries.of(before) == one:
            told.same += 1
        else:
            altered.append((before, one))
    _write(scene, fresh, altered, role=role, at=at, bundled=bundled)
    told.added = [one.number for one in fresh]
    told.changed = [one.number for _, one in altered]
    return told


class _Scene:
    """What is there already, as far as the entries can touch it."""

    def __init__(self, manufacturer_id: int | None) -> None:
        self.manufacturer_id = manufacturer_id
        mine = Standard.objects.filter(manufacturer_id=manufacturer_id)
        self.own = {one.number: one for one in with_relations(mine)}
        others = Standard.objects.filter(manufacturer=None) if manufacturer_id else ()
        self.others = {one.number: one for one in others}
        self.places = places()

    def ids(self) -> dict[str, int]:
        return {one.number: one.pk for one in (*self.others.values(), *self.own.values())}

    def admit(self, asked: Iterable[Asked], told: Kept) -> list[Entry]:
        """Return the entries that are right by themselves and together."""
        rows: dict[str, Asked] = {}
        for one in asked:
            try:
                entry = self._alone(one.entry)
                if entry.number in rows:
                    first = rows[entry.number].row
                    raise errors.TwiceInFile(number=entry.number, first=first)
                rows[entry.number] = Asked(one.row, entry)
            except DomainError as wrong:
                told.refused.append((one.row, wrong))
        told.refused.extend(self._together(rows))
        told.refused.sort(key=lambda one: one[0])
        return [one.entry for one in rows.values()]

    def _alone(self, entry: Entry) -> Entry:
        entry = entries.checked(entry)
        if entry.number in self.others:
            raise errors.NumberTaken(number=entry.number)
        for place in entry.places:
            if place.path not in self.places:
                raise errors.NoSuchPlace(place=place.path)
        return entry

    def _together(self, rows: dict[str, Asked]) -> list[tuple[int, DomainError]]:
        """Take rows out until those that are left agree with each other; return them."""
        refused: list[tuple[int, DomainError]] = []
        while True:
            wrong = self._disagreeing(rows)
            if not wrong:
                return refused
            for number, reason in wrong.items():
                refused.append((rows.pop(number).row, reason))

    def _disagreeing(self, rows: Mapping[str, Asked]) -> dict[str, DomainError]:
        first_days = {
            one.number: one.in_force_on for one in (*self.others.values(), *self.own.values())
        }
        first_days.update({one.entry.number: one.entry.in_force_on for one in rows.values()})
        pairs = [
            (one.number, link.predecessor.number)
            for one in self.own.values()
            if one.number not in rows
            for link in one.replaced.all()
        ]
        graph = _Graph(pairs)
        wrong: dict[str, DomainError] = {}
        for number, one in rows.items():
            reason = _link_fault(one.entry, first_days, graph)
            if reason is not None:
                wrong[number] = reason
        for after, before in pairs:
            if before in rows and before not in wrong:
                reason = _too_early(after, first_days.get(after), before, first_days[before])
                if reason is not None:
                    wrong[before] = reason
        return wrong


class _Graph:
    """Who replaces whom; grows by the pairs that are let in."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.before: dict[str, list[str]] = defaultdict(list)
        for after, before in pairs:
            self.before[after].append(before)

    def way_back(self, successor: str, predecessor: str) -> tuple[str, ...] | None:
        reached = _reach(self.before, predecessor)
        pairs = [(one, to) for one in reached for to in self.before.get(one, ())]
        return chains.cycle(pairs, successor, predecessor)


def _reach(before: Mapping[str, list[str]], start: str) -> set[str]:
    seen, open_ = {start}, [start]
    while open_:
        for following in before.get(open_.pop(), ()):
            if following not in seen:
                seen.add(following)
                open_.append(following)
    return seen


def _link_fault(
    entry: Entry, first_days: Mapping[str, date | None], graph: _Graph
) -> DomainError | None:
    for link in entry.supersedes:
        if link.number not in first_days:
            return _unknown(entry.number, link.number, first_days)
        way = graph.way_back(entry.number, link.number)
        if way is not None:
            return errors.Cycle(number=entry.number, path=" → ".join(way))
        begins = link.from_on or entry.in_force_on
        wrong = _too_early(entry.number, begins, link.number, first_days[link.number])
        if wrong is not None:
            return wrong
    graph.before[entry.number].extend(link.number for link in entry.supersedes)
    return None


def _unknown(number: str, predecessor: str, known: Mapping[str, date | None]) -> DomainError:
    likely = standard_number.neighbours(standard_number.parse(predecessor)) & known.keys()
    if likely:
        near = ", ".join(sorted(likely))
        return errors.PerhapsMeant(number=number, predecessor=predecessor, near=near)
    return errors.NoSuchPredecessor(number=number, predecessor=predecessor)


def _too_early(
    number: str, begins: date | None, predecessor: str, earlier: date | None
) -> DomainError | None:
    if begins is None or earlier is None or begins >= earlier:
        return None
    return errors.BeforePredecessor(
        number=number, on=begins, predecessor=predecessor, earlier=earlier
    )


def _write(
    scene: _Scene,
    fresh: Sequence[Entry],
    altered: Sequence[tuple[Standard, Entry]],
    *,
    role: str,
    at: datetime,
    bundled: bool,
) -> None:
    made = Standard.objects.bulk_create(
        [
            Standard(
                manufacturer_id=scene.manufacturer_id,
                entered_at=at,
                changed_at=at,
                bundled=one.digest if bundled else "",
                **_row(one),
            )
            for one in fresh
        ],
        batch_size=_BATCH,
    )
    changes = [Change(standard=one, what="entered", by_role=role, at=at) for one in made]
    for standard, entry in altered:
        told, after = _difference(entries.of(standard), entry), State(entry.state)
        what = reported(State(standard.state), after)
        changes.append(Change(standard=standard, what=what, facts=told, by_role=role, at=at))
        for name, value in _row(entry).items():
            if name != "state":
                setattr(standard, name, value)
        standard.state = after
        standard.changed_at, standard.bundled = at, entry.digest if bundled else ""
    if altered:
        names = [*_row(altered[0][1]), "changed_at", "bundled"]
        Standard.objects.bulk_update([one for one, _ in altered], names, batch_size=_BATCH)
        for model in (Placement, Adoption, Clause):
            model.objects.filter(standard__in=[one for one, _ in altered]).delete()
        Supersession.objects.filter(successor__in=[one for one, _ in altered]).delete()
    pairs = [*zip(made, fresh, strict=True), *altered]
    ids = scene.ids() | {one.number: one.pk for one in made}
    _relate(pairs, ids, scene.places)
    Change.objects.bulk_create(changes, batch_size=_BATCH)


def _relate(
    pairs: Sequence[tuple[Standard, Entry]], ids: Mapping[str, int], places: Mapping[str, int]
) -> None:
    told: dict[type[Model], list[Model]] = {
        Placement: [_placed(one, at, places) for one, entry in pairs for at in entry.places],
        Supersession: [_link(one, to, ids) for one, entry in pairs for to in entry.supersedes],
        Adoption: [
            Adoption(
                standard=one,
                adopted=each.number,
                degree=each.degree,
                source=each.source,
                grade=each.grade,
            )
            for one, entry in pairs
            for each in entry.adopts
        ],
        Clause: [
            _clause(one, each, position)
            for one, entry in pairs
            for position, each in enumerate(entry.clauses)
        ],
    }
    for model, made in told.items():
        model._default_manager.bulk_create(made, batch_size=_BATCH)  # noqa: SLF001 - any model's


def _placed(standard: Standard, place: Place, places: Mapping[str, int]) -> Placement:
    return Placement(
        standard=standard,
        sub_area_id=places[place.path],
        is_ours=place.is_ours,
        source=place.source,
        grade=place.grade,
    )


def _link(standard: Standard, link: Link, ids: Mapping[str, int]) -> Supersession:
    return Supersession(
        successor=standard,
        predecessor_id=ids[link.number],
        from_on=link.from_on,
        is_partial=link.is_partial,
        raw=link.raw,
        source=link.source,
        grade=link.grade,
    )


def _clause(standard: Standard, clause: ClauseText, position: int) -> Clause:
    return Clause(
        standard=standard,
        number=clause.number,
        position=position,
        title=clause.title,
        text=clause.text,
        source=clause.source,
        grade=clause.grade,
    )


def _row(entry: Entry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in _FIELDS}
    number = standard_number.parse(entry.number)
    return {
        **values,
        "sort_key": number.sort_key,
        "search": finding.folded(
            entry.number, entry.title_zh, entry.title_en, entry.raw, entry.plan_number
        ),
    }


def _difference(before: Entry, after: Entry) -> dict[str, Any]:
    """Return which fields changed: [before, after]; of lists only that they did."""
    old, new = before.as_json(), after.as_json()
    return {
        name: ["", ""] if name in _RELATIONS else [old.get(name, ""), new.get(name, "")]
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    }
