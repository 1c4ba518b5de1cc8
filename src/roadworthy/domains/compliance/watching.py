"""What a manufacturer is told about standards: comments, first days, successors of what it cites.

* A notice is made once for a standard, a kind and a day; a day that moves makes another.
* It stays until somebody has read it: in the work list, the calendar and the mail of the day.
* A type cites a standard when a clause of it speaks of the type, or a report to it is on file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from roadworthy.domains.compliance import asking, errors, gaps, queries
from roadworthy.domains.compliance.models import Notice, Visit
from roadworthy.domains.compliance.states import (
    NOTICE,
    CellState,
    NoticeAction,
    NoticeKind,
    NoticeState,
)
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, NotAMember, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.standards.models import Change, Standard, Supersession
from roadworthy.domains.standards.states import Kind, State
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import PRC, SHANGHAI, legal_day
from roadworthy.law.evaluation import Finding

Cites = Mapping[str, tuple[str, ...]]  # codes of types, by the number of a standard


@dataclass(frozen=True, slots=True)
class Told:
    standard_id: int
    kind: NoticeKind
    day: date
    types: tuple[str, ...]


def settle_all(*, at: datetime) -> int:
    """Tell every manufacturer what there is to tell; return how many notices are new."""
    makers = Organisation.objects.filter(kind=Party.MANUFACTURER).order_by("pk")
    return sum(settle(manufacturer_id=one.pk, at=at) for one in makers)


@transaction.atomic(durable=True)
def settle(*, manufacturer_id: int, at: datetime) -> int:
    """Make the notices that a manufacturer does not have yet; return how many."""
    Organisation.objects.select_for_update(no_key=True).get(pk=manufacturer_id)
    today = legal_day(at)
    cited = cites(manufacturer_id, today)
    there = set(
        Notice.objects.filter(manufacturer_id=manufacturer_id).values_list(
            "standard_id", "kind", "day"
        )
    )
    fresh = [
        one
        for one in _told(manufacturer_id, cited, today)
        if (one.standard_id, str(one.kind), one.day) not in there
    ]
    for one in fresh:
        made = Notice.objects.create(
            manufacturer_id=manufacturer_id,
            standard_id=one.standard_id,
            kind=one.kind,
            day=one.day,
            types=list(one.types),
            noticed_at=at,
        )
        _log("standard:noticed", made, witnessed(PLATFORM), at)
    return len(fresh)


@transaction.atomic(durable=True)
def read(*, notice_id: int, actor: Actor, at: datetime) -> Notice:
    """Say that a notice was read.

    Raises:
        NotAMember, NoSuchNotice, WrongState, WrongRole.
    """
    by = witnessed(actor)
    found = (
        Notice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("standard")
        .filter(pk=notice_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchNotice
    after = NOTICE.next_state(NoticeState(found.state), NoticeAction.READ, actor.role)
    found.state = after
    found.seen_by_id, found.seen_at = actor.person_id, at
    found.save(update_fields=["state", "seen_by", "seen_at"])
    _log("standard:notice:read", found, by, at)
    return found


@transaction.atomic(durable=True)
def visited(*, actor: Actor, at: datetime) -> None:
    """Remember when a person saw the page of changes, so that it begins there the next time.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
    """
    witnessed(actor)
    if actor.organisation_id is None:
        raise NotAMember(role=actor.role)
    Visit.objects.update_or_create(
        user_id=actor.person_id,
        organisation_id=actor.organisation_id,
        defaults={"seen_at": at},
    )


def cites(manufacturer_id: int, as_of: date) -> Cites:
    """Return which standards a manufacturer's types cite on a day, and which types cite each."""
    every = tuple(queries.requirements())
    found: dict[str, list[str]] = {}
    for kind in VehicleType.objects.filter(manufacturer_id=manufacturer_id).order_by("code"):
        matrix = queries.of_type(kind, as_of, every)
        numbers = {
            one.requirement.standard.number
            for one in matrix.cells
            if one.state not in {CellState.NOT_APPLICABLE, CellState.UNDETERMINED} or one.evidence
        }
        numbers |= {one["standard"] for one in matrix.profile.reports if one["standard"]}
        for number in numbers:
            found.setdefault(number, []).append(kind.code)
    return {number: tuple(codes) for number, codes in found.items()}


def changes(
    manufacturer_id: int, since: date, *, search: str = "", mine: bool = False
) -> QuerySet[Change]:
    """Return what changed in the part of the catalogue that a manufacturer reads, newest first."""
    found = Change.objects.select_related("standard").filter(
        Q(standard__manufacturer=None) | Q(standard__manufacturer_id=manufacturer_id),
        at__gte=datetime.combine(since, datetime.min.time(), tzinfo=SHANGHAI),
    )
    if search:
        found = found.filter(
            Q(standard__number__icontains=search)
            | Q(standard__title_zh__icontains=search)
            | Q(standard__title_en__icontains=search)
        )
    if mine:
        found = found.filter(standard__number__in=cites(manufacturer_id, since))
    return found.order_by("-at", "-pk")


def successors(notice: Notice, as_of: date) -> Finding | None:
    """Return what the rulebook says of citing a standard that has successors (SYS-05)."""
    rows = Supersession.objects.select_related("successor").filter(predecessor=notice.standard_id)
    numbers = [row.successor.number for row in rows]
    return asking.superseded(numbers, notice.day, as_of, listed=False)


def _told(manufacturer_id: int, cited: Cites, today: date) -> Iterator[Told]:
    visible = Standard.objects.filter(Q(manufacturer=None) | Q(manufacturer_id=manufacturer_id))
    for one in visible.filter(state=State.COMMENT, comment_until__gte=today):
        yield Told(one.pk, NoticeKind.COMMENT, _day(one.comment_until), cited.get(one.number, ()))
    last = PRC.months_after(today, gaps.AHEAD_MONTHS, roll=False).day
    for one in visible.filter(in_force_on__gt=today, in_force_on__lte=last):
        if one.number in cited or one.kind == Kind.MANDATORY:
            codes = cited.get(one.number, ())
            yield Told(one.pk, NoticeKind.IN_FORCE, _day(one.in_force_on), codes)
    yield from _replaced(visible, cited)


def _replaced(visible: QuerySet[Standard], cited: Cites) -> Iterator[Told]:
    rows = Supersession.objects.select_related("successor", "predecessor").filter(
        predecessor__in=visible.filter(number__in=cited), is_partial=False
    )
    first: dict[int, tuple[date, str]] = {}
    for row in rows:
        day = row.from_on or row.successor.in_force_on
        known = first.get(row.predecessor_id)
        if day is not None and (known is None or day < known[0]):
            first[row.predecessor_id] = (day, row.predecessor.number)
    for standard_id, (day, number) in first.items():
        yield Told(standard_id, NoticeKind.SUPERSEDED, day, cited[number])


def _day(day: date | None) -> date:
    assert day is not None, "asked for with its day"
    return day


def _log(event: str, notice: Notice, by: ledger.Named, at: datetime) -> None:
    ledger.record(
        event=event,
        subject=f"standard-notice/{notice.pk}",
        actor=by,
        at=at,
        data={
            "standard": notice.standard.number,
            "kind": notice.kind,
            "day": notice.day.isoformat(),
        },
    )
