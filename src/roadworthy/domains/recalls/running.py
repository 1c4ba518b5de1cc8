"""A plan that is carried out: what was done on which day, and what SAMR's desk decided.

* Days are entered by who manages the recall, or come from ``remedies``; none lies in the future.
* ``follow`` brings plans in line with their filings; asked again, it changes nothing.
* That a vehicle is remedied ``remedies`` writes into ``Remedied``, by proof; that unlocks it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.filings import known_defects
from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import duties, errors, records, stopping
from roadworthy.domains.recalls.models import (
    Defect,
    InScope,
    PlanRelease,
    RecallPlan,
    Remedied,
)
from roadworthy.domains.recalls.moving import move
from roadworthy.domains.recalls.states import Act, PlanAct, PlanState, State
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State as Life
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.transitions import WrongRole

FAILURES = ("remedy_ineffective", "remedy_made_new_defect", "recall_scope_inaccurate")
_HANDED_IN = frozenset({FilingState.SUBMITTED, FilingState.ACCEPTED})
_CAME_BACK = frozenset({FilingState.RETURNED, FilingState.REFUSED, FilingState.WITHDRAWN})
_WRITERS = frozenset({Role.RECALL, Role.COMPLIANCE_OFFICER, Role.PLATFORM})


@transaction.atomic(durable=True)
def follow(*, at: datetime) -> int:
    """Bring every plan in line with its filing; return how many moved."""
    waiting = (
        RecallPlan.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        .select_related("defect", "filing", "first")
        .filter(state__in=[PlanState.PREPARED, PlanState.FILED], filing__isnull=False)
        .order_by("pk")
    )
    return sum(_follow(plan, plan.filing, at) for plan in waiting if plan.filing is not None)


@transaction.atomic(durable=True)
def take(
    act: PlanAct, *, plan_id: int, on: date, actor: Actor, at: datetime, word: str = ""
) -> RecallPlan:
    """Start a recall, complete it, or note its final report, on a day.

    Raises:
        NoSuchPlan, NotAMember, WrongState, WrongRole, WrongDay.
        DealersNotTold: it cannot start before the dealers know of it.
        NotAllRemedied: it is not complete, and nothing is said about the rest.
    """
    plan, by = records.locked_plan(plan_id, actor)
    defect = Defect.objects.select_for_update(no_key=True).get(pk=plan.defect_id)
    plan.defect = defect
    field = {
        PlanAct.START: "started_on",
        PlanAct.COMPLETE: "completed_on",
        PlanAct.REPORT: "final_report_on",
    }[act]
    _check_day(plan, field, on, at)
    if act == PlanAct.START and plan.dealers_told_on is None:
        raise errors.DealersNotTold
    if act == PlanAct.COMPLETE and not word.strip():
        left = not_remedied(plan)
        if left:
            raise errors.NotAllRemedied(count=left)
    setattr(plan, field, on)
    step = move(plan, act, actor.role, field)
    records.log_plan("recall-plan:changed", plan, by, at, on=on.isoformat(), **step)
    if act == PlanAct.REPORT and defect.state == State.RECALL_PLANNED:
        defect.closed_at = at
        moved = move(defect, Act.CLOSE, Role.PLATFORM, "closed_at")
        records.log("defect:changed", defect, witnessed(PLATFORM), at, **moved)
    _tell(plan, by, at)
    return plan


@transaction.atomic(durable=True)
def note(
    *,
    plan_id: int,
    actor: Actor,
    at: datetime,
    dealers_told_on: date | None = None,
    dealers_stopped: bool | None = None,
    published_on: date | None = None,
    owners_told_on: date | None = None,
    stage_report_on: date | None = None,
) -> RecallPlan:
    """Note what was done on which day; what is not given stays as it is.

    Raises:
        NoSuchPlan, NotAMember, WrongRole, WrongDay.
    """
    plan, _ = records.locked_plan(plan_id, actor)
    given = {
        "dealers_told_on": dealers_told_on,
        "published_on": published_on,
        "owners_told_on": owners_told_on,
        "stage_report_on": stage_report_on,
    }
    days = {name: day for name, day in given.items() if day is not None}
    return noted(plan, days, stopped=dealers_stopped, actor=actor, at=at)


def noted(
    plan: RecallPlan,
    days: dict[str, date],
    *,
    stopped: bool | None = None,
    actor: Actor,
    at: datetime,
) -> RecallPlan:
    """Note days inside the caller's transaction; ``remedies`` notes that all owners were told."""
    by = witnessed(actor)
    if actor.role not in _WRITERS:
        raise WrongRole(roles=", ".join(sorted(_WRITERS - {Role.PLATFORM})), action="note")
    for name, day in days.items():
        _check_day(plan, name, day, at)
        if name == "stage_report_on":
            plan.stage_reports_on = sorted({*plan.stage_reports_on, day.isoformat()})
        else:
            setattr(plan, name, day)
    if stopped is not None:
        plan.dealers_stopped = stopped
    plan.save()
    told = {name: day.isoformat() for name, day in days.items()}
    records.log_plan(
        "recall-plan:noted", plan, by, at, dealers_stopped=plan.dealers_stopped, **told
    )
    _tell(plan, by, at)
    return plan


@transaction.atomic(durable=True)
def recall_again(
    *, plan_id: int, failure: str, reason: str, actor: Actor, at: datetime
) -> RecallPlan:
    """Find that a recall does not do: its defect is confirmed again, and a new plan is due.

    ``failure`` is one of ``FAILURES``.

    Raises:
        NoSuchPlan, NotAMember, WrongState, WrongRole, WordsMissing, WrongFailure.
    """
    plan, by = records.locked_plan(plan_id, actor)
    if failure not in FAILURES:
        raise errors.WrongFailure
    said = records.said(reason)
    defect = Defect.objects.select_for_update(no_key=True).get(pk=plan.defect_id)
    RecallPlan.objects.filter(manufacturer_id=plan.manufacturer_id, number=plan.number).update(
        failure=failure
    )
    defect.confirmed_at, defect.word = at, said
    step = move(defect, Act.RECALL_AGAIN, actor.role, "confirmed_at", "word")
    records.log("defect:changed", defect, by, at, plan=plan.number, failure=failure, **step)
    stopping.issue(defect, by, at)
    plan.refresh_from_db()
    plan.defect = defect
    _tell(plan, by, at)
    return plan


def not_remedied(plan: RecallPlan) -> int:
    """Return how many vehicles in scope are not proven to be remedied."""
    done = Remedied.objects.filter(recall_id=plan.recall_id).values("vehicle_id")
    return (
        InScope.objects.filter(plan_id=plan.pk, included=True).exclude(vehicle_id__in=done).count()
    )


def _follow(plan: RecallPlan, filing: Filing, at: datetime) -> bool:
    by = witnessed(PLATFORM)
    if filing.state in _HANDED_IN and plan.state == PlanState.PREPARED:
        plan.filed_at = filing.submitted_at or at
        step = move(plan, PlanAct.FILE, Role.PLATFORM, "filed_at")
        _supersede_earlier(plan, at)
        _planned(plan.defect, at)
    elif filing.state in _CAME_BACK:
        step = move(plan, PlanAct.RETURN, Role.PLATFORM)
    else:
        return False
    records.log_plan("recall-plan:changed", plan, by, at, filing=filing.number, **step)
    _tell(plan, by, at)
    return True


def _supersede_earlier(plan: RecallPlan, at: datetime) -> None:
    earlier = RecallPlan.objects.select_for_update(no_key=True).filter(
        manufacturer_id=plan.manufacturer_id,
        number=plan.number,
        version__lt=plan.version,
        state__in=[PlanState.FILED, PlanState.RUNNING, PlanState.COMPLETED],
    )
    for one in earlier:
        one.defect = plan.defect
        step = move(one, PlanAct.SUPERSEDE, Role.PLATFORM)
        records.log_plan("recall-plan:changed", one, witnessed(PLATFORM), at, **step)


def _planned(defect: Defect, at: datetime) -> None:
    if defect.state == State.CONFIRMED:
        step = move(defect, Act.PLAN, Role.PLATFORM)
        records.log("defect:changed", defect, witnessed(PLATFORM), at, **step)


def _tell(plan: RecallPlan, by: ledger.Named, at: datetime) -> None:
    """Settle the duties, and tell the releases of the plan what the rulebook asks of a recall."""
    duties.settle(plan.defect, at)
    versions = RecallPlan.objects.filter(
        manufacturer_id=plan.manufacturer_id, number=plan.number
    ).exclude(state=PlanState.WITHDRAWN)
    known: dict[str, Any] = duties.recall_facts(
        plan.defect, list(versions.order_by("version")), legal_day(at)
    )
    # Production and sale are stated with what shows them, and by hand as well: ``stopping``.
    of_stops = duties.stops(plan.defect)
    known |= {name: of_stops[name] for name in ("import_stopped", "stop_evidence")}
    del known["today"]
    stopping.tell(plan.defect, by, at)
    rows = PlanRelease.objects.filter(plan=plan).values("release_id")
    out = Release.objects.filter(pk__in=rows).exclude(state=Life.WITHDRAWN)
    for release_id in out.values_list("pk", flat=True):
        filings.reassess(release_id, stated=known, by=by, at=at)
    if plan.state == PlanState.REPORTED:
        defect = plan.defect
        for release_id in known_defects.end(defect.manufacturer_id, defect.number, at=at):
            filings.reassess(release_id, stated={}, by=by, at=at)


def _check_day(plan: RecallPlan, name: str, day: date, at: datetime) -> None:
    """Refuse a day that is to come, or that lies before what it follows."""
    after = {
        "completed_on": plan.started_on,
        "final_report_on": plan.completed_on,
        "stage_report_on": plan.started_on,
        "started_on": plan.obliged_on,
    }.get(name, plan.obliged_on)
    if day > legal_day(at) or (after is not None and day < after):
        raise errors.WrongDay(day=day)
