"""What can be asked about standards.

Whose eyes: a manufacturer reads what everybody reads and its own entries; None is everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import F, Prefetch, Q, QuerySet

from roadworthy.domains.standards import chains, errors, finding, life, standing_sql
from roadworthy.domains.standards.chains import Replaces
from roadworthy.domains.standards.life import Dates, Stands
from roadworthy.domains.standards.models import (
    Change,
    Clause,
    Placement,
    Standard,
    Supersession,
)
from roadworthy.domains.standards.states import State
from roadworthy.kernel import standard_number

ORDERS: Final = {
    "number": "sort_key",
    "published": "published_on",
    "in_force": "in_force_on",
    "changed": "changed_at",
}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a standard stands on a day, and what stands in its place."""

    number: str
    stands: Stands
    since: date | None
    missing: tuple[str, ...]  # names of the dates without which it cannot be told
    successors: tuple[str, ...]  # what replaced it by then, directly


def visible(manufacturer_id: int | None) -> QuerySet[Standard]:
    """Return what somebody may read."""
    return Standard.objects.filter(Q(manufacturer=None) | _own(manufacturer_id))


def standards(  # noqa: PLR0913 - the filters of one list
    manufacturer_id: int | None,
    *,
    as_of: date,
    search: str = "",
    kind: str = "",
    stands: str = "",
    version_id: int | None = None,
    area: str = "",
    own_only: bool = False,
    sort: str = "number",
) -> Any:
    """Return the list, each with ``stands`` on the day; ``area`` an area's or sub-area's code."""
    found = standing_sql.with_standing(visible(manufacturer_id), as_of)
    if own_only:
        found = found.filter(manufacturer__isnull=False)
    if kind:
        found = found.filter(kind=kind)
    if stands:
        found = found.filter(stands=stands)
    if version_id is not None:
        found = found.filter(_placed(version_id, area))
    for word in finding.words(search):
        found = found.filter(search__contains=word)
    key = F(ORDERS.get(sort.removeprefix("-"), "sort_key"))
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "sort_key", "pk")


def search(text: str, *, manufacturer_id: int | None = None) -> QuerySet[Standard]:
    """Return what a number, a title in Chinese or English, or pinyin finds, by number."""
    found = visible(manufacturer_id)
    wanted = finding.words(text)
    if not wanted:
        return found.none()
    for word in wanted:
        found = found.filter(search__contains=word)
    return found.order_by("sort_key", "pk")


def standard(manufacturer_id: int | None, standard_id: int) -> Standard:
    """Return one standard with its clauses, places and adoptions.

    Raises:
        NoSuchStandard: there is none that may be read.
    """
    found = (
        visible(manufacturer_id)
        .prefetch_related(
            Prefetch("clauses", Clause.objects.order_by("position", "pk")),
            Prefetch("placements", placed()),
            "adoptions",
        )
        .filter(pk=standard_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchStandard
    return found


def placed() -> QuerySet[Placement]:
    """Return placements with their area, version and framework."""
    return Placement.objects.select_related("sub_area__area__version__framework").order_by(
        "sub_area__area__version__framework__position", "sub_area__area__version__key", "pk"
    )


def by_number(number: str, *, manufacturer_id: int | None = None) -> Standard | None:
    """Return the standard of that number; a manufacturer's own entry only if there is no other.

    Raises:
        NotANumber, SeveralNumbers: it is no number of one standard.
    """
    wanted = standard_number.normal(number)
    found = visible(manufacturer_id).filter(number=wanted)
    return found.order_by(F("manufacturer_id").asc(nulls_first=True)).first()


def clauses(number: str, *, manufacturer_id: int | None = None) -> QuerySet[Clause]:
    """Return a standard's clauses in their order."""
    found = by_number(number, manufacturer_id=manufacturer_id)
    return Clause.objects.filter(standard=found).order_by("position", "pk")


def standing(number: str, as_of: date, *, manufacturer_id: int | None = None) -> Position:
    """Return where a standard stands on a day.

    Raises:
        NotANumber, SeveralNumbers: it is no number of one standard.
        NoSuchStandard: the catalogue has no such standard.
    """
    found = by_number(number, manufacturer_id=manufacturer_id)
    if found is None:
        raise errors.NoSuchStandard
    return standing_of([found], as_of, manufacturer_id=manufacturer_id)[found.pk]


def standing_of(
    entries: Iterable[Standard], as_of: date, *, manufacturer_id: int | None = None
) -> Mapping[int, Position]:
    """Return where several standards stand on a day, by id; one query for all."""
    wanted = {one.pk: one for one in entries}
    links: dict[int, list[Supersession]] = defaultdict(list)
    for link in (
        Supersession.objects.select_related("successor")
        .filter(predecessor_id__in=list(wanted))
        .filter(_readable("successor", manufacturer_id))
        .order_by("successor__sort_key")
    ):
        links[link.predecessor_id].append(link)
    return {pk: _position(one, links[pk], as_of) for pk, one in wanted.items()}


def successors(number: str, as_of: date, *, manufacturer_id: int | None = None) -> tuple[str, ...]:
    """Return what stands at the end of the chain on a day: itself, while nothing replaced it.

    Raises:
        NotANumber, SeveralNumbers, NoSuchStandard.
    """
    found = by_number(number, manufacturer_id=manufacturer_id)
    if found is None:
        raise errors.NoSuchStandard
    return chains.current(links(manufacturer_id), found.number, as_of)


def links(manufacturer_id: int | None) -> tuple[Replaces, ...]:
    """Return every supersession that may be read, by numbers."""
    rows = (
        Supersession.objects.filter(_readable("successor", manufacturer_id))
        .filter(_readable("predecessor", manufacturer_id))
        .values_list(
            "successor__number",
            "predecessor__number",
            "from_on",
            "successor__in_force_on",
            "is_partial",
        )
    )
    return tuple(
        Replaces(after, before, from_on or first_day, is_partial=partial)
        for after, before, from_on, first_day, partial in rows
    )


def around(manufacturer_id: int | None, standard_id: int) -> tuple[Supersession, ...]:
    """Return what one standard replaces and what replaces it, directly, in order of numbers."""
    return tuple(
        Supersession.objects.select_related("successor", "predecessor")
        .filter(Q(successor_id=standard_id) | Q(predecessor_id=standard_id))
        .filter(_readable("successor", manufacturer_id))
        .filter(_readable("predecessor", manufacturer_id))
        .order_by("predecessor__sort_key", "successor__sort_key")
    )


def changes(manufacturer_id: int | None, *, since: datetime) -> QuerySet[Change]:
    """Return what changed in entries that may be read, newest first."""
    return (
        Change.objects.select_related("standard")
        .filter(_readable("standard", manufacturer_id), at__gt=since)
        .order_by("-at", "-pk")
    )


def dates(entry: Standard) -> Dates:
    """Return an entry's life as ``life`` reads it."""
    return Dates(
        State(entry.state),
        entry.stated_on,
        entry.planned_on,
        entry.comment_from,
        entry.comment_until,
        entry.approved_on,
        entry.published_on,
        entry.in_force_on,
        entry.withdrawn_on,
    )


def _position(entry: Standard, replaced: list[Supersession], as_of: date) -> Position:
    begins = {one: one.from_on or one.successor.in_force_on for one in replaced}
    whole = [day for one, day in begins.items() if day is not None and not one.is_partial]
    stands = life.standing(dates(entry), whole, as_of)
    by_then = [
        one.successor.number
        for one, day in begins.items()
        if not one.is_partial and day is not None and day <= as_of
    ]
    return Position(entry.number, stands.stands, stands.since, stands.missing, tuple(by_then))


def _own(manufacturer_id: int | None) -> Q:
    return Q(manufacturer_id=manufacturer_id) if manufacturer_id is not None else Q(pk__in=())


def _readable(path: str, manufacturer_id: int | None) -> Q:
    everybodys = Q(**{f"{path}__manufacturer__isnull": True})
    if manufacturer_id is None:
        return everybodys
    return everybodys | Q(**{f"{path}__manufacturer_id": manufacturer_id})


def _placed(version_id: int, area: str) -> Q:
    wanted: dict[str, Any] = {"sub_area__area__version_id": version_id}
    if area:
        wanted["sub_area__code" if "." in area else "sub_area__area__code"] = area
    return Q(pk__in=Placement.objects.filter(**wanted).values("standard_id"))


def year_of(number: str) -> int | None:
    """Return the year in a number; None for an undated one."""
    return standard_number.parse(number).year
