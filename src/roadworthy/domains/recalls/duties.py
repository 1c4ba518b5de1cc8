"""What a defect and its recall owe by when: the rulebook says it, on what is known here.

* Scheduling is idempotent: asked again on the same facts, it changes nothing.
* The rules about the analysis and the stop belong to the defect; those about the plan belong to
  the recall (its first version), so that a second recall of one defect has days of its own.
* A duty that no longer applies is no duty; one that was fulfilled stays as a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from roadworthy.domains.recalls.models import Defect, Duty, RecallNotice, RecallPlan, StopOrder
from roadworthy.domains.recalls.states import (
    LOCKING,
    NoticeState,
    Outcome,
    PlanState,
    State,
    StopState,
)
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.engine import Finding, Obligation

OF_DEFECT = ("RCL-01", "RCL-02", "RCL-03", "RCL-11")
OF_RECALL = ("RCL-04", "RCL-05", "RCL-06", "RCL-07", "RCL-08", "RCL-09", "RCL-10", "RCL-13")
_STOPS = {"production": "production_stopped", "sale": "sale_stopped", "import": "import_stopped"}
_GONE = (PlanState.WITHDRAWN,)


def settle(defect: Defect, at: datetime) -> int:
    """Bring the duties of a defect and its recalls in line with the rulebook of today.

    Runs inside the caller's transaction; returns how many came, changed or went.
    """
    today = legal_day(at)
    Defect.objects.filter(pk=defect.pk).update(settled_on=today)
    rows = list(Duty.objects.select_for_update(no_key=True).filter(defect=defect))
    changed = _settle(defect, None, defect_facts(defect, today), OF_DEFECT, rows, at)
    recalls = _recalls(defect)
    if not recalls and defect.state in LOCKING:
        known = {"today": today, **_obliged(defect, None)}
        changed += _settle(defect, None, known, ("RCL-04",), rows, at)
    elif recalls:
        changed += _drop((row for row in rows if row.plan_id is None), {"RCL-04"})
    for first, versions in recalls.items():
        known = recall_facts(defect, versions, today)
        changed += _settle(defect, first, known, OF_RECALL, rows, at)
    return changed


def defect_facts(defect: Defect, today: date) -> dict[str, Any]:
    """Return what is known of an analysis and its stop, by the rulebook's names."""
    known: dict[str, Any] = {
        "today": today,
        "possible_defect_learned_on": legal_day(defect.opened_at),
        "defect_investigation_started": defect.state != State.OPEN,
        "investigation_result_reported": defect.reported_on is not None,
    }
    if defect.decided_at is not None and defect.concluded_at is not None:
        known["investigation_concluded_on"] = legal_day(defect.concluded_at)
        known["investigation_outcome"] = defect.analysis.get("outcome", Outcome.DEFECT)
        known["no_defect_report_fields"] = [
            name
            for name in ("process", "method", "risk_assessment", "conclusion")
            if defect.analysis.get(name)
        ]
    if defect.state in LOCKING:
        known |= _obliged(defect, None) | stops(defect)
    return known | _notice(defect)


def stops(defect: Defect) -> dict[str, Any]:
    """Return which stops are carried out and shown; of plants and dealers some must be known.

    Who has no importer imports nothing: that stop is met (the fact says so itself).
    """
    found: dict[str, list[bool]] = {}
    orders = StopOrder.objects.filter(defect=defect).exclude(state=StopState.LIFTED)
    lifted = StopOrder.objects.filter(defect=defect, state=StopState.LIFTED)
    for part, state in orders.values_list("part", "state"):
        found.setdefault(part, []).append(state == StopState.EXECUTED)
    for part in lifted.values_list("part", flat=True):
        found.setdefault(part, []).append(True)
    known: dict[str, Any] = {_STOPS[part]: all(done) for part, done in found.items()}
    known.setdefault("import_stopped", True)
    known["stop_evidence"] = sorted(
        {part for part, done in found.items() if all(done)} | ({"import"} - found.keys())
    )
    return known


def recall_facts(defect: Defect, versions: list[RecallPlan], today: date) -> dict[str, Any]:
    """Return what is known of one recall; what the platform does not know is not stated."""
    first, latest = versions[0], versions[-1]
    filed = [one for one in versions if one.filed_at is not None]
    known: dict[str, Any] = {"today": today, "removes_defect": True, **_obliged(defect, first)}
    if filed and filed[0].filed_at:
        known["recall_plan_filed_on"] = legal_day(filed[0].filed_at)
    for name, field in (
        ("sellers_informed_on", "dealers_told_on"),
        ("recall_published_on", "published_on"),
        ("owners_notified_on", "owners_told_on"),
        ("recall_started_on", "started_on"),
        ("recall_completed_on", "completed_on"),
        ("recall_final_report_filed_on", "final_report_on"),
    ):
        days = [day for one in versions if (day := getattr(one, field)) is not None]
        if days:
            known[name] = min(days)
    if filed and filed[-1].dealers_stopped is not None:
        known["sellers_stopped_sale"] = filed[-1].dealers_stopped
    reported = sorted({day for one in versions for day in one.stage_reports_on})
    if reported:
        known["recall_stage_reports_filed_on"] = [date.fromisoformat(day) for day in reported]
    return known | _changed(latest) | _effect(first)


def _changed(latest: RecallPlan) -> dict[str, Any]:
    if latest.version == 1:
        return {}
    known: dict[str, Any] = {"recall_plan_changed_on": legal_day(latest.created_at)}
    if latest.filed_at:
        known["changed_plan_filed_on"] = legal_day(latest.filed_at)
        known["plan_change_explained"] = bool(latest.change_reason)
        known["sellers_told_of_change"] = latest.dealers_told_on is not None
    return known


def _effect(first: RecallPlan) -> dict[str, Any]:
    """Return whether it was found that this recall does not do, and whether another follows."""
    again = RecallPlan.objects.filter(again_after__number=first.number, defect=first.defect_id)
    following = again.exclude(state__in=_GONE).order_by("pk").first()
    if not first.failure:
        return {}
    return {first.failure: True, "recalled_again": following is not None}


def _obliged(defect: Defect, plan: RecallPlan | None) -> dict[str, Any]:
    if defect.confirmed_at is None:
        return {}
    day = plan.obliged_on if plan else legal_day(defect.confirmed_at)
    return {
        "recall_ordered_on" if defect.ordered else "defect_confirmed_on": day,
        "removes_defect": True,
    }


def _notice(defect: Defect) -> dict[str, Any]:
    notice = (
        RecallNotice.objects.filter(defect=defect, recall_notice_received_at__isnull=False)
        .order_by("-pk")
        .first()
    )
    if notice is None or notice.recall_notice_received_at is None:
        return {}
    known: dict[str, Any] = {
        "recall_notice_received_on": legal_day(notice.recall_notice_received_at)
    }
    if notice.state == NoticeState.FOLLOWED:
        known["recall_notice_disputed"] = False
    if notice.objected_at is not None:
        known["recall_notice_disputed"] = True
        known["recall_objection_filed_on"] = legal_day(notice.objected_at)
        known["objection_evidence_attached"] = bool(notice.evidence_sha256)
    return known


def _recalls(defect: Defect) -> dict[RecallPlan, list[RecallPlan]]:
    """Return the versions of each recall of a defect under its first, oldest first."""
    found: dict[str, list[RecallPlan]] = {}
    rows = RecallPlan.objects.filter(defect=defect).exclude(state__in=_GONE)
    for one in rows.order_by("pk"):
        found.setdefault(one.number, []).append(one)
    return {versions[0]: versions for versions in found.values()}


def _settle(
    defect: Defect,
    plan: RecallPlan | None,
    known: Mapping[str, Any],
    rules: Iterable[str],
    rows: Iterable[Duty],
    at: datetime,
) -> int:
    plan_id = plan.pk if plan else None
    asked = set(rules)
    mine = {row.key: row for row in rows if row.plan_id == plan_id and row.rule_id in asked}
    result = rulebook().evaluate(known, as_of=legal_day(at), rules=sorted(asked))
    changed, owed = 0, set()
    for finding in result.findings:
        for duty in finding.obligations:
            owed.add(duty.key)
            changed += _keep(defect, plan_id, mine.get(duty.key), duty, finding, at)
    return changed + _drop((row for row in mine.values() if row.key not in owed), asked)


def _drop(rows: Iterable[Duty], rules: set[str]) -> int:
    gone = [row for row in rows if row.rule_id in rules and row.fulfilled_at is None]
    for row in gone:
        row.delete()
    return len(gone)


def _keep(
    defect: Defect,
    plan_id: int | None,
    row: Duty | None,
    duty: Obligation,
    finding: Finding,
    at: datetime,
) -> int:
    told = {
        "title": duty.title.to_json(),
        "why": finding.why.to_json(),
        "outcome": str(finding.outcome),
        "due": duty.due.to_json(),
        "due_on": duty.due.date,
        "fulfilled_at": (row.fulfilled_at if row and row.fulfilled_at else at)
        if duty.fulfilled
        else None,
    }
    if row is None:
        Duty.objects.create(
            manufacturer_id=defect.manufacturer_id,
            defect=defect,
            plan_id=plan_id,
            key=duty.key,
            rule_id=duty.rule_id,
            created_at=at,
            updated_at=at,
            **told,
        )
        return 1
    if all(getattr(row, name) == value for name, value in told.items()):
        return 0
    for name, value in told.items():
        setattr(row, name, value)
    row.updated_at = at
    row.save(update_fields=[*told, "updated_at"])
    return 1
