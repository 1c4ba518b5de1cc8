"""The plan of a recall: written, resolved, handed over to the filing desk, changed, done again.

* A plan follows a confirmed defect. While it is a draft its scope can be rewritten; its vehicles
  are then counted anew. What is filed is never changed: a changed plan is the next version.
* No plan is prepared while it is open of a vehicle whether it is in, or while a vehicle would have
  to be updated over the air that cannot be.
* When SAMR has the filing, the plan is in force; the filing's own page does the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.filings import preparing
from roadworthy.domains.filings.dossiers import Amendment
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.recalls import duties, errors, records, scope, stopping
from roadworthy.domains.recalls.models import (
    Defect,
    PlanRelease,
    RecallPlan,
    StopOrder,
)
from roadworthy.domains.recalls.moving import move
from roadworthy.domains.recalls.resolving import BOTH, OTA, WORKSHOP
from roadworthy.domains.recalls.states import PLAN, PlanAct, PlanState, State
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State as Life
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.transitions import WrongRole

TEXTS = ("defect", "consequence", "remedy", "emergency_advice")
REMEDIES = (OTA, WORKSHOP, BOTH)
_UNFINISHED = (PlanState.DRAFT, PlanState.PREPARED, PlanState.FILED, PlanState.RUNNING)


@dataclass(frozen=True, slots=True)
class Content:
    """What a plan says. ``texts``: field of ``TEXTS`` -> words in both languages."""

    scope: str
    texts: Mapping[str, Mapping[str, str]]
    remedy: str
    starts_on: date
    ends_on: date | None = None
    hotline: str = ""
    release_numbers: tuple[str, ...] = field(default=())


@transaction.atomic(durable=True)
def draft(*, defect_id: int, content: Content, actor: Actor, at: datetime) -> RecallPlan:
    """Write the plan of a confirmed defect; after one that did not do, that of the next recall.

    Raises:
        NoSuchDefect, NotAMember, WrongRole.
        NothingToRecall: the defect is not confirmed.
        PlanUnderWay: there is a plan already that is not finished.
        ScopeError, FieldMissing, WrongPlan, NotThatRelease.
    """
    defect, by = records.locked(defect_id, actor)
    _planners_only(actor)
    if defect.state != State.CONFIRMED or defect.confirmed_at is None:
        raise errors.NothingToRecall(number=defect.number)
    earlier = list(RecallPlan.objects.filter(defect=defect).order_by("pk"))
    under_way = [one for one in earlier if one.state in _UNFINISHED and not one.failure]
    if under_way:
        raise errors.PlanUnderWay(number=under_way[-1].number)
    filed = [one for one in earlier if one.filed_at is not None]
    plan = RecallPlan(
        manufacturer_id=defect.manufacturer_id,
        defect=defect,
        number=_number(defect.manufacturer_id, at),
        state=PLAN.initial,
        again_after=filed[-1] if filed else None,
        obliged_on=legal_day(defect.confirmed_at),
        created_at=at,
        created_by_id=actor.user_id,
    )
    _write(plan, content, at)
    records.log_plan("recall-plan:drafted", plan, by, at)
    duties.settle(defect, at)
    stopping.tell(defect, by, at)
    return plan


@transaction.atomic(durable=True)
def rewrite(*, plan_id: int, content: Content, actor: Actor, at: datetime) -> RecallPlan:
    """Write a draft anew; its vehicles are counted again.

    Raises:
        NoSuchPlan, NotAMember, WrongRole, WrongState.
        ScopeError, FieldMissing, WrongPlan, NotThatRelease.
    """
    plan, by = records.locked_plan(plan_id, actor)
    _planners_only(actor)
    PLAN.next_state(PlanState(plan.state), PlanAct.PREPARE, actor.role)
    _write(plan, content, at)
    records.log_plan("recall-plan:rewritten", plan, by, at)
    stopping.tell(plan.defect, by, at)
    return plan


@transaction.atomic(durable=True)
def prepare(*, plan_id: int, actor: Actor, at: datetime) -> RecallPlan:
    """Compose the dossier for SAMR; it waits at the filing desk to be handed in.

    Raises:
        NoSuchPlan, NotAMember, WrongState, WrongRole.
        NotResolved, NobodyInScope, Undecided, NotAllByOta: the scope is not ready.
        What ``filings.services.prepare`` raises.
    """
    plan, by = records.locked_plan(plan_id, actor)
    PLAN.next_state(PlanState(plan.state), PlanAct.PREPARE, actor.role)
    _check_scope(plan)
    before = _filed_before(plan)
    reason = plan.change_reason
    (filing,) = preparing.prepared(
        kind=Kind.RECALL_PLAN,
        manufacturer_id=plan.manufacturer_id,
        details=_details(plan),
        release_id=_release_id(plan),
        actor=actor,
        at=at,
        enclosed=preparing.Enclosed(
            amendment=Amendment(before.pk, reason) if before is not None else None
        ),
    )
    plan.filing, plan.filing_number = filing, filing.number
    step = move(plan, PlanAct.PREPARE, actor.role, "filing", "filing_number")
    records.log_plan("recall-plan:changed", plan, by, at, filing=filing.number, **step)
    duties.settle(plan.defect, at)
    return plan


@transaction.atomic(durable=True)
def amend(*, plan_id: int, reason: str, actor: Actor, at: datetime) -> RecallPlan:
    """Begin the next version of a plan in force, with the reason that SAMR will read.

    Raises:
        NoSuchPlan, NotAMember, WrongRole, WordsMissing.
        PlanUnderWay: it is not in force, or its next version is written already.
    """
    plan, by = records.locked_plan(plan_id, actor)
    _planners_only(actor)
    said = records.said(reason)
    versions = RecallPlan.objects.filter(manufacturer_id=plan.manufacturer_id, number=plan.number)
    latest = versions.exclude(state=PlanState.WITHDRAWN).order_by("-version").first()
    if plan.state not in {PlanState.FILED, PlanState.RUNNING} or latest != plan:
        raise errors.PlanUnderWay(number=plan.number)
    newest = versions.order_by("-version").values_list("version", flat=True)[0]
    following = RecallPlan(
        manufacturer_id=plan.manufacturer_id,
        defect=plan.defect,
        number=plan.number,
        version=newest + 1,
        first_id=plan.recall_id,
        again_after_id=plan.again_after_id,
        change_reason=said,
        state=PLAN.initial,
        scope=plan.scope,
        texts=plan.texts,
        remedy=plan.remedy,
        hotline=plan.hotline,
        obliged_on=plan.obliged_on,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        started_on=plan.started_on,
        created_at=at,
        created_by_id=actor.user_id,
    )
    following.save()
    PlanRelease.objects.bulk_create(
        PlanRelease(plan=following, release_id=one.release_id, priority=one.priority, linked_at=at)
        for one in PlanRelease.objects.filter(plan=plan)
    )
    records.log_plan("recall-plan:amended", following, by, at)
    duties.settle(plan.defect, at)
    return following


@transaction.atomic(durable=True)
def withdraw(*, plan_id: int, actor: Actor, at: datetime) -> RecallPlan:
    """Give up a plan that was not handed in; the duty to file one stays.

    Raises:
        NoSuchPlan, NotAMember, WrongState, WrongRole.
        PlanUnderWay: its filing still stands; withdraw that first.
    """
    plan, by = records.locked_plan(plan_id, actor)
    gone = {FilingState.WITHDRAWN, FilingState.REFUSED}
    if plan.filing is not None and plan.filing.state not in gone:
        raise errors.PlanUnderWay(number=plan.filing.number)
    step = move(plan, PlanAct.WITHDRAW, actor.role)
    records.log_plan("recall-plan:changed", plan, by, at, **step)
    duties.settle(plan.defect, at)
    return plan


def _planners_only(actor: Actor) -> None:
    planners = next(t.roles for t in PLAN.transitions if t.action == PlanAct.PREPARE)
    if actor.role not in planners:
        raise WrongRole(roles=", ".join(planners), action="plan")


def _write(plan: RecallPlan, content: Content, at: datetime) -> None:
    read = scope.parse(content.scope)
    if content.ends_on is not None and content.ends_on < content.starts_on:
        raise errors.WrongPlan
    plan.scope = {"text": content.scope, "clauses": [one.text for one in read.clauses]}
    plan.texts = {one: records.in_both(content.texts.get(one, {}), one) for one in TEXTS}
    plan.remedy = content.remedy if content.remedy in REMEDIES else BOTH
    plan.starts_on, plan.ends_on = content.starts_on, content.ends_on
    plan.hotline = content.hotline.strip()[:40]
    plan.resolved_at = None
    plan.save()
    _link(plan, content.release_numbers, at)


def _link(plan: RecallPlan, numbers: tuple[str, ...], at: datetime) -> None:
    """Link the releases of the plan in the order of their priority."""
    found = {
        one.number: one
        for one in Release.objects.filter(
            manufacturer_id=plan.manufacturer_id,
            number__in=numbers,
            types__in=plan.defect.types.all(),
        ).exclude(state=Life.WITHDRAWN)
    }
    for number in numbers:
        if number not in found:
            raise errors.NotThatRelease(number=number)
    PlanRelease.objects.filter(plan=plan).delete()
    PlanRelease.objects.bulk_create(
        PlanRelease(plan=plan, release=found[number], priority=priority, linked_at=at)
        for priority, number in enumerate(dict.fromkeys(numbers), start=1)
    )


def _check_scope(plan: RecallPlan) -> None:
    if plan.resolved_at is None:
        raise errors.NotResolved
    if plan.undecided:
        raise errors.Undecided(count=plan.undecided)
    if not plan.vehicles:
        raise errors.NobodyInScope
    if plan.remedy == OTA and plan.by_workshop:
        raise errors.NotAllByOta(count=plan.by_workshop)


def _filed_before(plan: RecallPlan) -> Filing | None:
    """Return the accepted filing of the version before; what is not accepted is not amended."""
    before = RecallPlan.objects.select_related("filing").filter(
        manufacturer_id=plan.manufacturer_id, number=plan.number, version__lt=plan.version
    )
    filings = [one.filing for one in before.order_by("-version") if one.filing is not None]
    return next((one for one in filings if one.state == FilingState.ACCEPTED), None)


def _release_id(plan: RecallPlan) -> int | None:
    """Return the release that SAMR countersigns with the plan: the most urgent that is frozen."""
    rows = PlanRelease.objects.select_related("release").filter(plan=plan)
    ready = {Life.FROZEN, Life.SIGNED}
    frozen = (row.release_id for row in rows.order_by("priority") if row.release.state in ready)
    return next(frozen, None)


def _details(plan: RecallPlan) -> dict[str, Any]:
    defect = plan.defect
    orders = StopOrder.objects.filter(defect=defect).select_related("site").order_by("pk")
    return {
        **plan.texts,
        "scope": plan.scope["text"],
        "plan": plan.number,
        "version": plan.version,
        "defect_number": defect.number,
        "defect_confirmed_on": plan.obliged_on.isoformat(),
        "types": sorted(defect.types.values_list("code", flat=True)),
        "vehicles": plan.vehicles,
        "by_ota": plan.by_ota,
        "by_workshop": plan.by_workshop,
        "remedy_by": plan.remedy,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat() if plan.ends_on else "",
        "hotline": plan.hotline,
        "stop_orders": [f"{one.part}: {one.site.code} ({one.state})" for one in orders],
        "again_after": plan.again_after.number if plan.again_after else "",
    }


def _number(manufacturer_id: int, at: datetime) -> str:
    numbers = RecallPlan.objects.filter(manufacturer_id=manufacturer_id)
    return records.next_number("RC", list(numbers.values_list("number", flat=True)), at)


def unplanned(defect: Defect) -> bool:
    """Say whether a confirmed defect has no plan that is written or in force."""
    return not RecallPlan.objects.filter(defect=defect, state__in=_UNFINISHED).exists()
