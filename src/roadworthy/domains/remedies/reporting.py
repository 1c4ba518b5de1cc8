"""Stage and final reports of a recall: filed with SAMR like everything else that is filed.

IMP176 30 asks for a stage report every three months and a final report after the plan is completed;
when each is due stands with the plan's duties. Figures are those of proofs, never of sendings, and
nobody types them. The report is a draft at the filing desk; handed in there, its day is noted on
the plan, and a final report that SAMR accepts ends the recall.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from roadworthy.domains.filings import preparing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.organisations.actors import PLATFORM, Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import records, running
from roadworthy.domains.recalls.models import RecallPlan
from roadworthy.domains.recalls.states import PlanAct, PlanState
from roadworthy.domains.remedies import errors, queries, rights
from roadworthy.domains.remedies.models import Report
from roadworthy.kernel.calendar import legal_day

STAGE, FINAL = "stage", "final"
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    STAGE: ("problems", "measures", "outlook"),
    FINAL: ("problems", "measures", "conclusion"),
}
_KINDS: Final = {STAGE: Kind.RECALL_STAGE_REPORT, FINAL: Kind.RECALL_FINAL_REPORT}
_NOTED: Final = {STAGE: "stage_report_on", FINAL: "final_report_on"}
_UNDER_WAY: Final = (FilingState.DRAFT, FilingState.SUBMITTED)
_BACK: Final = (FilingState.RETURNED, FilingState.REFUSED, FilingState.WITHDRAWN)


@transaction.atomic(durable=True)
def file_report(
    *,
    plan_id: int,
    kind: str,
    words: Mapping[str, str],
    effect: Mapping[str, Any],
    actor: Actor,
    at: datetime,
) -> Report:
    """Compose a report with today's figures; it waits at the filing desk to be handed in.

    ``words``: those of ``WORDS`` for its kind. ``effect``: what is known of the remedy's effect.

    Raises:
        NoSuchPlan, NotAMember, NotYourTask, NotInForce.
        NotCompleted: a final report of a recall that goes on.
        ReportUnderWay: one of its kind waits to be handed in, or for SAMR.
        DetailMissing: some words are missing.
    """
    plan, by = rights.plan_in_force(plan_id, actor, (Role.RECALL,))
    kind = FINAL if kind == FINAL else STAGE
    if kind == FINAL and plan.state != PlanState.COMPLETED:
        raise errors.NotCompleted
    before = _last(plan, kind)
    if before is not None and before.filing is not None and before.filing.state in _UNDER_WAY:
        raise errors.ReportUnderWay(number=before.filing.number)
    today = legal_day(at)
    told = figures(plan.pk, today) | {"effect": dict(effect)}
    said = {name: words.get(name, "").strip() for name in WORDS[kind]}
    (filing,) = preparing.prepared(
        kind=_KINDS[kind],
        manufacturer_id=plan.manufacturer_id,
        details={
            "plan": plan.number,
            "version": plan.version,
            "defect_number": plan.defect.number,
            "as_of": today.isoformat(),
            "figures": told,
            **said,
        },
        actor=actor,
        at=at,
        enclosed=preparing.Enclosed(follows_id=_returned(before)),
    )
    made, _new = Report.objects.update_or_create(
        plan=plan,
        kind=kind,
        as_of=today,
        defaults={
            "figures": told,
            "words": said,
            "filing": filing,
            "filed_on": None,
            "made_at": at,
            "made_by_id": actor.person_id,
        },
    )
    records.log_plan("recall:report:drafted", plan, by, at, kind=kind, filing=filing.number)
    return made


def follow_reports(*, at: datetime) -> int:
    """Note on its plan what was handed in, and end the recalls whose final report is accepted."""
    handed_in = Report.objects.select_related("filing", "plan").filter(
        filed_on__isnull=True, filing__submitted_at__isnull=False
    )
    for one in handed_in.order_by("pk"):
        _note(one, at)
    accepted = Report.objects.filter(
        kind=FINAL, filing__state=FilingState.ACCEPTED, plan__state=PlanState.COMPLETED
    ).exclude(filed_on=None)
    done = list(accepted.order_by("pk").values_list("plan_id", "filed_on"))
    for plan_id, on in done:
        assert on is not None  # excluded above
        running.take(PlanAct.REPORT, plan_id=plan_id, on=on, actor=PLATFORM, at=at)
    return len(done)


@transaction.atomic(durable=True)
def _note(report: Report, at: datetime) -> None:
    plan, _by = records.locked_plan(report.plan_id, PLATFORM)
    assert report.filing is not None
    assert report.filing.submitted_at is not None
    on = legal_day(report.filing.submitted_at)
    running.noted(plan, {_NOTED[report.kind]: on}, actor=PLATFORM, at=at)
    Report.objects.filter(pk=report.pk).update(filed_on=on)


def _last(plan: RecallPlan, kind: str) -> Report | None:
    """Return the newest report of a kind, of any version of the plan."""
    versions = RecallPlan.objects.filter(
        manufacturer_id=plan.manufacturer_id, number=plan.number
    ).values("pk")
    found = Report.objects.select_related("filing").filter(plan__in=versions, kind=kind)
    return found.exclude(filing=None).order_by("-pk").first()


def _returned(before: Report | None) -> int | None:
    """Return the filing that SAMR sent back: the new report is its next version."""
    if before is None or before.filing is None or before.filing.state not in _BACK:
        return None
    return before.filing_id


def figures(plan_id: int, today: date) -> dict[str, Any]:
    """Return what a report says in numbers, as JSON."""
    told = queries.progress(plan_id)
    return {
        "as_of": today.isoformat(),
        "vehicles": told.vehicles,
        "remedied": told.remedied,
        "by_running_version": told.by_version,
        "by_workshop": told.by_workshop,
        "completion_percent": str(told.percent),
        "notices_sent": told.sent,
        "notices_bounced": told.bounced,
        "accepted": told.accepted,
        "declined": told.declined,
        "unreachable": told.unreachable,
        "to_follow_up": told.follow_up,
        "curve": [[point.on.isoformat(), point.total] for point in queries.curve(plan_id)],
    }
