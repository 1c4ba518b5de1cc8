"""What can be asked of work lists; the organisation always comes first.

The number of queries does not depend on how much there is to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from django.db.models import QuerySet

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import sources
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.errors import NoSuchDuty, NoSuchItem
from roadworthy.domains.worklists.items import Kind, Person, WorkItem
from roadworthy.domains.worklists.models import Assignment, TypeDuty
from roadworthy.domains.worklists.states import State
from roadworthy.kernel.citation import Citation
from roadworthy.law.rulebook import NoSuchProvision, NoSuchRule, rulebook
from roadworthy.rules.instruments import Cited


class Whose(StrEnum):
    """Which part of the organisation's work somebody looks at."""

    MINE = "mine"  # given to me
    ROLE = "role"  # what my role may do and nobody else was given
    ALL = "all"


def open_items(organisation_id: int, party: Party, *, today: date) -> list[WorkItem]:
    """Return everything that an organisation has to do, the most urgent first."""
    asked = Asked(organisation_id, today)
    found = [item for source in sources.BY_PARTY[party].values() for item in source(asked)]
    given = _given(organisation_id)
    held = [_held(item, given) for item in found] if given else found
    return sorted(held, key=lambda item: item.order(today))


def items_of(actor: Actor, party: Party, *, today: date, whose: Whose) -> list[WorkItem]:
    """Return the work that somebody wants to see, the most urgent first."""
    if actor.organisation_id is None:
        return []
    found = open_items(actor.organisation_id, party, today=today)
    return [item for item in found if concerns(item, actor, whose)]


def concerns(item: WorkItem, actor: Actor, whose: Whose) -> bool:
    """Say whether an item belongs to that part of the work."""
    mine = item.person is not None and item.person.id == actor.user_id
    if whose == Whose.MINE:
        return mine
    if whose == Whose.ROLE:
        return mine or (item.person is None and actor.role in item.roles)
    return True


def find(organisation_id: int, party: Party, key: str, *, today: date) -> WorkItem:
    """Return one open item of the organisation.

    Raises:
        NoSuchItem: there is none, it is another's, or it is done.
    """
    name, _, number = key.partition("/")
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise NoSuchItem
    asked = Asked(organisation_id, today, only=int(number))
    for kinds, source in sources.BY_PARTY[party].items():
        if name in kinds:
            for item in source(asked):
                if item.kind == name:
                    return _held(item, _given(organisation_id, item.key))
    raise NoSuchItem


def done_between(organisation_id: int, party: Party, first: date, last: date) -> list[WorkItem]:
    """Return the dated duties of these days that are done: for looking back."""
    if party != Party.MANUFACTURER:
        return []
    asked = Asked(organisation_id, first, done=True, between=(first, last))
    found = [*sources.obligations(asked), *sources.type_duties(asked)]
    return [item for item in found if item.day is not None]


def duties(
    manufacturer_id: int, *, today: date, search: str = "", which: str = "open"
) -> list[WorkItem]:
    """Return what a manufacturer owes, for releases and for types; the most urgent first."""
    asked = Asked(manufacturer_id, today, done=which == "done")
    found = [*sources.obligations(asked), *sources.type_duties(asked)]
    if which == "overdue":
        found = [item for item in found if item.is_late(today)]
    if search:
        wanted = search.lower()
        found = [
            item
            for item in found
            if wanted in item.subject.lower() or wanted in item.rule_id.lower()
        ]
    return sorted(found, key=lambda item: item.order(today))


def team(organisation_id: int, roles: Iterable[Role]) -> tuple[Person, ...]:
    """Return who acts for the organisation in one of the roles, by name."""
    rows = organisations.people(organisation_id, roles).values_list("user_id", "user__name")
    return tuple(Person(*row) for row in sorted(set(rows), key=lambda row: (row[1], row[0])))


def party_of(organisation_id: int) -> Party:
    """Return what an organisation is before the law."""
    return Party(Organisation.objects.values_list("kind", flat=True).get(pk=organisation_id))


@dataclass(frozen=True, slots=True)
class HandOver:
    """One link of the chain: who gave it to whom, and when."""

    at: datetime
    by: str
    to: str  # empty: taken back


def history(organisation_id: int, item: WorkItem) -> tuple[HandOver, ...]:
    """Return who had an item, newest first."""
    rows = Assignment.objects.filter(organisation_id=organisation_id, item=item.key)
    return tuple(
        HandOver(row.at, row.by.name, row.to.name if row.to else "")
        for row in rows.select_related("by", "to").order_by("-number")
    )


def type_duties(manufacturer_id: int) -> QuerySet[TypeDuty]:
    """Return what the manufacturer's types owe and owed by themselves, dated ones first."""
    return (
        TypeDuty.objects.select_related("type", "filing", "fulfilled_by")
        .filter(manufacturer_id=manufacturer_id)
        .order_by("due_on", "type__code", "key")
    )


def open_type_duties(manufacturer_id: int) -> int:
    """Count what the manufacturer's types owe."""
    return TypeDuty.objects.filter(manufacturer_id=manufacturer_id, state=State.OPEN).count()


def type_duty(manufacturer_id: int, duty_id: int) -> TypeDuty:
    """Return one duty of a type.

    Raises:
        NoSuchDuty: there is none, or it is another's.
    """
    found = type_duties(manufacturer_id).filter(pk=duty_id).first()
    if found is None:
        raise NoSuchDuty
    return found


def evidence(duty: TypeDuty) -> Document | None:
    """Return the document that shows that a duty was done, if there is one."""
    found = documents.by_digest(duty.manufacturer_id, [duty.evidence_sha256])
    return found.get(duty.evidence_sha256)


def same_rule(duty: TypeDuty) -> Sequence[TypeDuty]:
    """Return all that the same rule asks for the same type, done or not."""
    rows = TypeDuty.objects.filter(type_id=duty.type_id, rule_id=duty.rule_id)
    return tuple(rows.order_by("key"))


@lru_cache(maxsize=512)
def article(rule_id: str, basis: Citation | None) -> Cited | None:
    """Return the place in the law from which an item comes, if the rulebook has its words."""
    try:
        if rule_id:
            return rulebook().rule(rule_id).source
        return rulebook().cited(basis) if basis else None
    except (NoSuchRule, NoSuchProvision):
        return None


def _given(organisation_id: int, key: str = "") -> dict[str, tuple[int, Person | None]]:
    """Return the last link of each chain."""
    rows = Assignment.objects.filter(organisation_id=organisation_id)
    rows = rows.filter(item=key) if key else rows
    newest = rows.order_by("item", "-number").distinct("item")
    return {
        item: (number, Person(person_id, name) if person_id else None)
        for item, number, person_id, name in newest.values_list(
            "item", "number", "to_id", "to__name"
        )
    }


def _held(item: WorkItem, given: dict[str, tuple[int, Person | None]]) -> WorkItem:
    number, person = given.get(item.key, (0, None))
    return replace(item, given=number, person=person) if number else item


__all__ = ["Kind", "Person", "Whose", "WorkItem"]
