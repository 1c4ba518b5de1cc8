"""Ask the rulebook about a release: gather the facts, keep the answer, schedule what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.access import queries as approvals
from roadworthy.domains.access.states import Standing
from roadworthy.domains.disclosure import queries as disclosure
from roadworthy.domains.filings import dossiers, known_defects
from roadworthy.domains.filings.models import Filing, Obligation, RuleReading
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.software import questionnaire, reports
from roadworthy.domains.software.models import Change, Evaluation, Evidence, Release
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest
from roadworthy.law.evaluation import Evaluation as Answer
from roadworthy.law.rulebook import Topic, rulebook

NONE = "none"
# Entered: approved before the platform; its number is the only thing that is known of it.
_HELD = frozenset({Standing.APPROVED, Standing.ENTERED})
# Of several types in one release, the least advanced filing decides.
_ADVANCE = (
    NONE,
    State.REFUSED,
    State.WITHDRAWN,
    State.DRAFT,
    State.RETURNED,
    State.SUBMITTED,
    State.ACCEPTED,
)


def facts(release: Release, *, at: datetime, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known about a release, by the rulebook's names; unknown facts are absent."""
    filings = _of_release(release)
    # What is known of a defect weighs more than what an engineer answered.
    known = questionnaire.facts_of(release.answers) | known_defects.facts(release)
    known |= _applicant(release)
    known |= _states(release, filings)
    known |= _dates(release, filings)
    known |= _evidence(release, filings)
    known |= _versions(release)
    known |= disclosure.facts(release.pk, release.types.values_list("pk", flat=True))
    known |= _readings(release)
    known["today"] = legal_day(at)
    return known | dict(stated)


def evaluate(
    release: Release,
    *,
    at: datetime,
    stated: Mapping[str, Any] | None = None,
) -> Answer:
    """Return the rulebook's answer as things stand, without keeping it."""
    everything = facts(release, at=at, stated=_carried(release) | dict(stated or {}))
    return rulebook().evaluate(everything, as_of=legal_day(at), about=[Topic.UPDATE])


def assess(
    release: Release,
    *,
    by: ledger.Named,
    at: datetime,
    stated: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Evaluate, keep the answer as evidence, and schedule what the law asks for next.

    Runs inside the caller's transaction. ``stated`` adds facts that only the caller knows, such
    as when a campaign was completed; they stay for later assessments.
    """
    # Whoever assesses waits for a step that is being taken: no answer is older than the one before.
    Release.objects.select_for_update(no_key=True).only("pk").get(pk=release.pk)
    carried = _carried(release) | {k: _plain(v) for k, v in (stated or {}).items()}
    result = evaluate(release, at=at, stated=carried)
    content = result.to_json()
    sha256 = digest(content)
    latest = Evaluation.objects.filter(release=release).order_by("-id").first()
    if latest and latest.sha256 == sha256 and latest.stated == carried:
        return latest
    evaluation = Evaluation.objects.create(
        release=release,
        as_of=result.as_of,
        at=at,
        stated=carried,
        decision=result.decision,
        result=content,
        sha256=sha256,
    )
    release.labels = sorted(str(label) for label in result.labels)
    release.save(update_fields=["labels"])
    _schedule(release, result, at)
    ledger.record(
        event="release:evaluated",
        subject=f"release/{release.pk}",
        actor=by,
        at=at,
        release_id=release.pk,
        data={
            "decision": str(result.decision),
            "labels": release.labels,
            "evaluation_sha256": sha256,
            "pack_digest": result.pack_digest,
        },
    )
    return evaluation


def _schedule(release: Release, result: Answer, at: datetime) -> None:
    for duty in result.obligations:
        title, due = duty.title.to_json(), duty.due.to_json()
        row, _ = Obligation.objects.get_or_create(
            release=release,
            key=duty.key,
            defaults={
                "manufacturer_id": release.manufacturer_id,
                "title": title,
                "due": due,
                "rule_id": duty.rule_id,
                "updated_at": at,
            },
        )
        row.title, row.due, row.updated_at = title, due, at
        row.due_on = duty.due.date
        if duty.fulfilled and row.fulfilled_at is None:
            row.fulfilled_at = at
        if duty.fulfilled is False:
            row.fulfilled_at = None
        row.save()
    keys = [duty.key for duty in result.obligations]
    # A duty that no longer applies, because an answer changed, is no duty; the log keeps it.
    Obligation.objects.filter(release=release).exclude(key__in=keys).delete()


def standing(found: QuerySet[Filing]) -> QuerySet[Filing]:
    """Leave out what a later filing has replaced, and the amendments of what still stands.

    An accepted filing stands until its amendment is accepted too.
    """
    return found.exclude(state=State.SUPERSEDED).exclude(supersedes__state=State.ACCEPTED)


def _carried(release: Release) -> dict[str, Any]:
    latest = Evaluation.objects.filter(release=release).order_by("-id").first()
    return dict(latest.stated) if latest else {}


def _of_release(release: Release) -> list[Filing]:
    found = Filing.objects.select_related("dossier", "authority", "supersedes").filter(
        dossier__release=release
    )
    return list(standing(found).exclude(state=State.WITHDRAWN).order_by("id"))


def _readings(release: Release) -> dict[str, Any]:
    """Return how the manufacturer reads what can be read in two ways; else the rules' default."""
    chosen = RuleReading.objects.filter(manufacturer_id=release.manufacturer_id).first()
    return {"samr_package_reading": chosen.samr_package} if chosen else {}


def _applicant(release: Release) -> dict[str, Any]:
    types = list(release.types.all())
    standing = approvals.standing([one.pk for one in types])
    held = [bool(t.approval_number) and standing[t.pk] in _HELD for t in types]
    return {"applicant_holds_permit": bool(types) and all(held)}


def _states(release: Release, filings: Iterable[Filing]) -> dict[str, Any]:
    def latest(kind: Kind, party: Party) -> str:
        states = [f.state for f in filings if f.dossier.kind == kind and f.authority.kind == party]
        return states[-1] if states else NONE

    miit, samr = latest(Kind.ACTIVITY, Party.MIIT), latest(Kind.ACTIVITY, Party.SAMR)
    return {
        "capability_filing": _best(_levels(release, Kind.CAPABILITY)),
        "type_filing": _types_filed(release),
        "miit_filing": miit,
        "samr_filing": samr,
        "product_change": _permitted(release, filings, Kind.PRODUCT_CHANGE),
        "access_permit": _permitted(release, filings, Kind.ACCESS_PERMIT),
        "recall_plan": latest(Kind.RECALL_PLAN, Party.SAMR),
        "activity_submitted": any(state not in {NONE, State.DRAFT} for state in (miit, samr)),
    }


def _permitted(release: Release, filings: Iterable[Filing], kind: Kind) -> str:
    """Return how far the permit is: of several approvals, the least advanced decides."""
    states: dict[str, str] = dict.fromkeys(dossiers.approved_here(release).values(), NONE)
    for filing in filings:
        if filing.dossier.kind == kind and filing.authority.kind == Party.MIIT:
            states[filing.dossier.content["details"].get("approval", "")] = filing.state
    return min(states.values(), key=_ADVANCE.index, default=NONE)


def _levels(release: Release, kind: Kind) -> list[Filing]:
    # OTA22 levels 1 and 2 are filed with MIIT; SAMR's copy does not stand in for them.
    found = Filing.objects.select_related("dossier").filter(
        manufacturer_id=release.manufacturer_id,
        dossier__kind=kind,
        authority__kind=Party.MIIT,
    )
    return list(standing(found))


def _types_filed(release: Release) -> str:
    filings = _levels(release, Kind.TYPE)
    per_type = [
        _best(f for f in filings if code in f.dossier.content.get("types", ()))
        for code in release.types.values_list("code", flat=True)
    ]
    return min(per_type, key=_ADVANCE.index, default=NONE)


def _best(filings: Iterable[Filing]) -> str:
    return max((f.state for f in filings), key=_ADVANCE.index, default=NONE)


def _dates(release: Release, filings: Iterable[Filing]) -> dict[str, Any]:
    dates: dict[str, Any] = {}
    if release.planned_on:
        dates["planned_release_on"] = release.planned_on
    for filing in filings:
        if filing.dossier.kind == Kind.ACTIVITY and filing.submitted_at:
            name = "samr_package_submitted_on"
            if filing.authority.kind == Party.MIIT:
                name = "activity_submitted_on"
            dates[name] = legal_day(_first(filing).submitted_at or filing.submitted_at)
        if (
            filing.dossier.kind == Kind.PRODUCT_CHANGE
            and filing.state == State.ACCEPTED
            and filing.decided_at
        ):
            first = _first(filing).decided_at or filing.decided_at
            dates["product_change_accepted_on"] = legal_day(first)
    return dates | _reports(filings)


def _first(filing: Filing) -> Filing:
    """Return what was accepted first: an amendment afterwards makes nothing late that was not."""
    while filing.supersedes is not None and filing.supersedes.receipt:
        filing = filing.supersedes
    return filing


def _reports(filings: Iterable[Filing]) -> dict[str, Any]:
    """Return on which days reports reached every authority that they go to."""
    days: dict[tuple[str, int], list[date | None]] = {}
    for one in filings:
        key = (one.dossier.kind, one.dossier_id)
        sent_at = _first(one).submitted_at
        days.setdefault(key, []).append(legal_day(sent_at) if sent_at else None)
    filed: dict[str, list[date]] = {}
    for (kind, _dossier), each in days.items():
        told = [day for day in each if day is not None]
        if len(told) == len(each):
            filed.setdefault(kind, []).append(max(told))
    known: dict[str, Any] = {}
    if Kind.IMPLEMENTATION_REPORT in filed:
        known["implementation_report_filed_on"] = min(filed[Kind.IMPLEMENTATION_REPORT])
    if Kind.STAGE_REPORT in filed:
        known["stage_reports_filed_on"] = sorted(filed[Kind.STAGE_REPORT])
    return known


def _evidence(release: Release, filings: Iterable[Filing]) -> dict[str, Any]:
    kinds = _kinds(release)
    found: dict[str, Any] = {
        "verification_material_attached": "test-report" in kinds,
        "safety_assessment_attached": "safety-assessment" in kinds,
    }
    # Of each authority the last word counts: what was refused is not what is before it now.
    latest = {f.authority_id: f.dossier for f in filings if f.dossier.kind == Kind.ACTIVITY}
    activity = list(latest.values())
    if activity:
        same = {dossier.sha256 for dossier in activity}
        found["update_matches_filing"] = all(
            dossier.content.get("release_sha256") == release.sha256 for dossier in activity
        )
        found["content_digest_equal"] = len(same) == 1 and found["update_matches_filing"]
        found["assessment_form_attached"] = all(
            bool(dossier.content.get("details", {}).get("assessment")) for dossier in activity
        )
    return found


def _kinds(release: Release) -> set[str]:
    """Return what kinds of evidence the release rests on; a revoked report bears nothing."""
    rows = Evidence.objects.filter(release=release).values_list("kind", "envelope")
    revoked = reports.revoked_among({envelope for _, envelope in rows if envelope})
    return {kind for kind, envelope in rows if envelope not in revoked}


def _versions(release: Release) -> dict[str, Any]:
    # A change names its ECU and both versions, and neither it nor a vehicle's record is forgotten.
    changes = Change.objects.filter(release=release).values_list("from_version", "to_version")
    known = [all(versions) for versions in changes]
    return {"affected_ecus_listed": bool(known), "version_sets_kept": bool(known) and all(known)}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
