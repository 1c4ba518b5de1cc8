"""A standard's page put into shape: facts with their sources, the graph of what replaced what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.organisations.roles import KIND_OF_ROLE, Kind
from roadworthy.domains.standards import asking, queries, services
from roadworthy.domains.standards import states as standards
from roadworthy.domains.standards.life import Stands
from roadworthy.portals.shared import presenting
from roadworthy.portals.shared import standard_words as words
from roadworthy.portals.shared.shapes import Button, Crumb

_SHOWN = (
    *("title_zh", "title_en", "raw", "kind", "issuer", "plan_number", "planned_on"),
    *("comment_from", "comment_until", "approved_on", "published_on", "in_force_on"),
    *("withdrawn_on", "stated_on", "note"),
)
_RIGHTS = ("kind", "stated_on", "note", "raw")  # said by us: no evidence of their own


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact with where it comes from."""

    label: Any
    value: Any
    is_day: bool
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A standard that this one replaces, or that replaces it."""

    number: str
    title: str
    href: str
    on: date | None
    is_partial: bool
    raw: str
    source: str
    grade: str


def rows(found: Iterable[Any], space: str) -> list[dict[str, Any]]:
    """Return the lines of the list."""
    return [
        {
            "one": one,
            "title": words.title(one),
            "kind": words.KINDS[standards.Kind(one.kind)],
            "chip": words.STANDS[Stands(one.stands)],
            "href": reverse(f"{space}:standard", args=[one.pk]),
            "own": one.manufacturer_id is not None,
        }
        for one in found
    ]


def context(found: Any, who: Any, space: str, today: date) -> dict[str, Any]:
    """Return everything that the page shows."""
    mine = reader_of(who)
    around = queries.around(mine, found.pk)
    before = [one for one in around if one.successor_id == found.pk]
    after = [one for one in around if one.predecessor_id == found.pk]
    position = queries.standing_of([found], today, manufacturer_id=mine)[found.pk]
    asked = asking.about(found, after, position.stands, today).to_json()
    answered = presenting.findings(asked)
    may = may_edit(found, who)
    return {
        "standard": found,
        "title": words.title(found),
        "crumbs": [Crumb(_("Standards"), reverse(f"{space}:standards")), Crumb(found.number)],
        "chip": words.STANDS[position.stands],
        "position": position,
        "missing": [words.FIELDS[name] for name in position.missing],
        "facts": facts(found),
        "placements": found.placements.all(),
        "before": [_neighbour(one, one.predecessor, space) for one in before],
        "after": [_neighbour(one, one.successor, space) for one in after],
        "current": [
            one
            for one in queries.successors(found.number, today, manufacturer_id=mine)
            if one != found.number
        ]
        if after
        else [],
        "adoptions": [
            (one, words.DEGREES[standards.Degree(one.degree)]) for one in found.adoptions.all()
        ],
        "clauses": found.clauses.all(),
        "findings": answered,
        "folded": presenting.folded(answered),
        "actions": _actions(found, who, space) if may else (),
    }


def reader_of(who: Any) -> int | None:
    """Return whose own entries a reader sees beside everybody's."""
    if who is None or KIND_OF_ROLE[who.role] != Kind.MANUFACTURER:
        return None
    return int(who.organisation_id)


def may_edit(found: Any, who: Any) -> bool:
    """Say whether an entry is the reader's to change."""
    if who is None or who.role not in services.EDITORS:
        return False
    return bool(services.scope(who.actor) == found.manufacturer_id)


def facts(found: Any) -> Sequence[Fact]:
    """Return the facts that are known, each with source and grade."""
    return [_fact(found, name) for name in _SHOWN if getattr(found, name)]


def _fact(found: Any, name: str) -> Fact:
    told: Mapping[str, str] = found.evidence.get(name, {})
    value = words.value(name, getattr(found, name))
    return Fact(
        words.FIELDS[name],
        value,
        isinstance(value, date),
        "" if name in _RIGHTS else words.source(told.get("source", found.source)),
        "" if name in _RIGHTS else told.get("grade", found.grade),
    )


def _neighbour(link: Any, other: Any, space: str) -> Neighbour:
    return Neighbour(
        other.number,
        words.title(other),
        reverse(f"{space}:standard", args=[other.pk]),
        link.from_on or link.successor.in_force_on,
        link.is_partial,
        link.raw,
        words.source(link.source),
        link.grade,
    )


def _actions(found: Any, who: Any, space: str) -> Sequence[Button]:
    acts = standards.STANDARD.available(standards.State(found.state), who.role)
    return [
        Button(_("Edit"), reverse(f"{space}:standard-edit", args=[found.pk])),
        *(
            Button(
                words.STEPS[act], reverse(f"{space}:standard-act", args=[found.pk, act]), "quiet"
            )
            for act in acts
        ),
    ]
