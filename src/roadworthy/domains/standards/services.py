"""What people do with the catalogue. The only place that moves a standard's state.

MIIT keeps what everybody reads; a manufacturer keeps entries that only it reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, Kind, Role
from roadworthy.domains.standards import analysis, entries, errors, keeping
from roadworthy.domains.standards.entries import Entry
from roadworthy.domains.standards.keeping import Asked
from roadworthy.domains.standards.models import Analysis, Change, Standard, Supersession
from roadworthy.domains.standards.states import STANDARD, Action, State
from roadworthy.kernel.calendar import legal_day

EDITORS: Final = (Role.MIIT_REVIEWER, Role.COMPLIANCE_OFFICER, Role.HOMOLOGATION)
# Which day a step sets, and by what name it is asked for.
_DAY_OF: Final[Mapping[Action, str]] = {
    Action.INVITE: "comment_from",
    Action.APPROVE: "approved_on",
    Action.PUBLISH: "published_on",
    Action.WITHDRAW: "withdrawn_on",
}


def scope(actor: Actor) -> int | None:
    """Return whose entries the actor keeps: None is what everybody reads.

    Raises:
        NotYoursToChange: the actor keeps none.
    """
    if actor.role not in EDITORS:
        raise errors.NotYoursToChange
    return actor.organisation_id if KIND_OF_ROLE[actor.role] == Kind.MANUFACTURER else None


@transaction.atomic(durable=True)
def enter(*, entry: Entry, actor: Actor, at: datetime) -> Standard:
    """Enter a standard.

    Raises:
        NotAMember, NotYoursToChange.
        NumberTaken: the catalogue has it.
        and what ``entries.checked`` and ``keeping`` refuse an entry for.
    """
    by, manufacturer_id = witnessed(actor), scope(actor)
    if Standard.objects.filter(manufacturer_id=manufacturer_id, number=entry.number).exists():
        raise errors.NumberTaken(number=entry.number)
    return _keep(entry, manufacturer_id, actor, by, at, "standard:entered")


@transaction.atomic(durable=True)
def amend(*, standard_id: int, entry: Entry, actor: Actor, at: datetime) -> Standard:
    """Change what is said of a standard; its number stays.

    Raises:
        NotAMember, NotYoursToChange, NoSuchStandard, and what an entry is refused for.
    """
    by, manufacturer_id = witnessed(actor), scope(actor)
    found = _locked(standard_id, manufacturer_id)
    whole = replace(entry, number=found.number, state=found.state)
    return _keep(whole, manufacturer_id, actor, by, at, "standard:amended")


@transaction.atomic(durable=True)
def move(
    *,
    action: Action,
    standard_id: int,
    on: date | None = None,
    until: date | None = None,
    actor: Actor,
    at: datetime,
) -> Standard:
    """Take a step in a standard's life; ``on`` is its day, ``until`` the other day it needs.

    ``until``: of comments their last day, of a publication the first day in force.

    Raises:
        NotAMember, NotYoursToChange, NoSuchStandard, WrongState, WrongRole.
        DateMissing: the step needs a day that is not given.
        DatesOutOfOrder: the day does not fit to the others.
    """
    by = witnessed(actor)
    found = _locked(standard_id, scope(actor))
    after = STANDARD.next_state(State(found.state), action, actor.role)
    _set_days(found, action, on, until, legal_day(at))
    entries.in_order(entries.of(found))
    return _moved(found, after, action, by, actor.role, at)


@transaction.atomic(durable=True)
def carry_out(*, at: datetime) -> int:
    """Move what a day has come for: into force, replaced, withdrawn. Returns how many moved."""
    today, moved = legal_day(at), 0
    replaced = Supersession.objects.annotate(
        begins=Coalesce(F("from_on"), F("successor__in_force_on"))
    ).filter(begins__lte=today, is_partial=False)
    live = Q(state__in=[State.PUBLISHED, State.IN_FORCE])
    due = (
        (Action.TAKE_EFFECT, Q(state=State.PUBLISHED, in_force_on__lte=today)),
        (Action.SUPERSEDE, live & Q(pk__in=replaced.values("predecessor_id"))),
        (Action.WITHDRAW, Q(withdrawn_on__lte=today) & ~Q(state=State.WITHDRAWN)),
    )
    for action, wanted in due:
        for found in Standard.objects.select_for_update(no_key=True).filter(wanted):
            after = STANDARD.next_state(State(found.state), action, Role.PLATFORM)
            _moved(found, after, action, witnessed(PLATFORM), Role.PLATFORM, at)
            moved += 1
    return moved


@transaction.atomic(durable=True)
def write_analysis(
    *,
    standard_id: int,
    answers: Mapping[str, object],
    about_on: date,
    hand_in: bool,
    actor: Actor,
    at: datetime,
) -> Analysis:
    """Write down how a standard is carried out; what was handed in stays as it is.

    Raises:
        NotAMember, NoSuchStandard.
        NotEligible: it is not mandatory, or not long enough in force.
        HandedIn: the organisation's analysis was handed in.
    """
    by = witnessed(actor)
    assert actor.organisation_id is not None
    found = Standard.objects.filter(pk=standard_id, manufacturer=None).first()
    if found is None:
        raise errors.NoSuchStandard
    analysis.require_eligible(found, about_on)
    made = _analysis(found, analysis.checked(answers), about_on, actor, at, hand_in=hand_in)
    ledger.record(
        event="standard-analysis:handed-in" if hand_in else "standard-analysis:written",
        subject=f"standard/{found.pk}",
        actor=by,
        at=at,
        data={"number": found.number},
    )
    return made


def _analysis(
    found: Standard,
    answers: Mapping[str, object],
    about_on: date,
    actor: Actor,
    at: datetime,
    *,
    hand_in: bool,
) -> Analysis:
    assert actor.organisation_id is not None  # a member writes it
    mine = Analysis.objects.select_for_update().filter(
        standard=found, organisation_id=actor.organisation_id
    )
    before = mine.first()
    if before is not None and before.is_handed_in:
        raise errors.HandedIn
    values = {
        "author_id": actor.person_id,
        "about_on": about_on,
        "answers": answers,
        "is_handed_in": hand_in,
        "written_at": at,
    }
    made, _ = Analysis.objects.update_or_create(
        standard=found, organisation_id=actor.organisation_id, defaults=values
    )
    return made


def _keep(
    entry: Entry,
    manufacturer_id: int | None,
    actor: Actor,
    by: Witnessed,
    at: datetime,
    event: str,
) -> Standard:
    kept = keeping.keep([Asked(1, entry)], manufacturer_id=manufacturer_id, role=actor.role, at=at)
    for _, wrong in kept.refused:
        raise wrong
    found = Standard.objects.get(
        manufacturer_id=manufacturer_id, number=entries.checked(entry).number
    )
    told = [*kept.added, *kept.changed]
    if told:
        ledger.record(
            event=event,
            subject=f"standard/{found.pk}",
            actor=by,
            at=at,
            data={"number": found.number, "entry": entries.of(found).digest},
        )
    return found


def _locked(standard_id: int, manufacturer_id: int | None) -> Standard:
    found = (
        keeping.with_relations(Standard.objects.select_for_update(no_key=True))
        .filter(pk=standard_id, manufacturer_id=manufacturer_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchStandard
    return found


def _set_days(
    found: Standard, action: Action, on: date | None, until: date | None, today: date
) -> None:
    name = _DAY_OF.get(action)
    if name is not None:
        if on is None:
            raise errors.DateMissing(name=name)
        setattr(found, name, on)
    if action == Action.INVITE:
        found.comment_until = until
    if action == Action.PUBLISH:
        if until is None:
            raise errors.DateMissing(name="in_force_on")
        found.in_force_on = until
    if action == Action.DRAFT and found.comment_from and not _is_over(found, today):
        found.comment_until = today
    found.stated_on = today


def _is_over(found: Standard, today: date) -> bool:
    return found.comment_until is not None and found.comment_until < today


def _moved(
    found: Standard, after: State, action: Action, by: Witnessed, role: str, at: datetime
) -> Standard:
    before = found.state
    found.state = after
    found.changed_at, found.bundled = at, found.bundled if role == Role.PLATFORM else ""
    found.save(update_fields=["state", "changed_at", "bundled", "stated_on", *entries.DAYS])
    Change.objects.create(
        standard=found, what="state", facts={"state": [before, str(after)]}, by_role=role, at=at
    )
    ledger.record(
        event="standard:state:changed",
        subject=f"standard/{found.pk}",
        actor=by,
        at=at,
        data={"number": found.number, "action": action, "before": before, "after": after},
    )
    return found
