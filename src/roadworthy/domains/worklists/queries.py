"""What can be asked of work lists; the organisation always comes first.

The number of queries does not depend on how much there is to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
from roadworthy.domains.recalls.models import Duty as RecallDuty
from roadworthy.domains.worklists import sources, table
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.errors import NoSuchDuty, NoSuchItem
from roadworthy.domains.worklists.items import Kind, Person, WorkItem
from roadworthy.domains.worklists.models import Assignment, TypeDuty
from roadworthy.domains.worklists.states import State
from roadworthy.domains.worklists.table import Part, Table
from roadworthy.kernel.citation import Citation
from roadworthy.law.rulebook import NoSuchProvision, NoSuchRule, rulebook
from roadworthy.rules.instruments import Cited


class Whose(StrEnum):
    """Which part of the organisation's work somebody looks at."""

    MINE = "mine"  # given to me
    ROLE = "role"  # what my role may do and nobody else was given
    ALL = "all"


def work(organisation_id: int, party: Party, *, today: date) -> Table:
    """Return everything that an organisation has to do, the most urgent first, page by page."""
    return Table(Asked(organisation_id, today), sources.BY_PARTY[party])


def month(organisation_id: int, party: Party, *, today: date, days: tuple[date, date]) -> Table:
    """Return everything that is to be done, and the duties of these days that are done."""
    kept = sources.KEPT.get(party, {})
    asked = Asked(organisation_id, today)
    return Table(asked, sources.BY_PARTY[party], kept=kept, between=days)


def duties(manufacturer_id: int, *, today: date, search: str = "", which: str = "open") -> Table:
    """Return what a manufacturer owes, for releases and for types; the most urgent first."""
    asked = Asked(manufacturer_id, today, done=which == "done")
    found = Table(asked, sources.KEPT[Party.MANUFACTURER])
    found = found.only(table.LATE) if which == "overdue" else found
    return found.only(table.saying(search)) if search else found


def part(actor: Actor, whose: Whose) -> Part:
    """Return the condition under which work belongs to that part of the organisation's."""
    if whose == Whose.MINE:
        return table.given_to(actor.user_id)
    return table.open_to(actor.user_id, [actor.role]) if whose == Whose.ROLE else table.EVERYTHING


def open_items(organisation_id: int, party: Party, *, today: date) -> list[WorkItem]:
    """Return everything that an organisation has to do, all at once."""
    return work(organisation_id, party, today=today)[:]


def items_of(actor: Actor, party: Party, *, today: date, whose: Whose) -> list[WorkItem]:
    """Return the work that somebody wants to see, all at once."""
    if actor.organisation_id is None:
        return []
    return work(actor.organisation_id, party, today=today).only(part(actor, whose))[:]


def find(organisation_id: int, party: Party, key: str, *, today: date) -> WorkItem:
    """Return one open item of the organisation.

    Raises:
        NoSuchItem: there is none, it is another's, or it is done.
    """
    name, _, number = key.partition("/")
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise NoSuchItem
    found = {kinds: one for kinds, one in sources.BY_PARTY[party].items() if name in kinds}
    asked = Asked(organisation_id, today, only=frozenset([int(number)]))
    for item in Table(asked, found)[:]:
        if item.kind == name:
            return item
    raise NoSuchItem


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


def open_duties_beside_releases(manufacturer_id: int) -> int:
    """Count what the manufacturer's types owe, and its defects and recalls."""
    types = TypeDuty.objects.filter(manufacturer_id=manufacturer_id, state=State.OPEN)
    recalls = RecallDuty.objects.filter(manufacturer_id=manufacturer_id, fulfilled_at__isnull=True)
    ids = types.order_by().values_list("pk")
    return ids.union(recalls.order_by().values_list("pk"), all=True).count()


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


__all__ = ["Kind", "Person", "Whose", "WorkItem"]
