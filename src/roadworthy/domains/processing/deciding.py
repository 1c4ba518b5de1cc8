"""The rulebook's answer about a flow: allowed, allowed if, denied, or undetermined.

* Every rule is the law pack's (DAT-01 to DAT-16, DAT-21): here only its facts are put together.
* A rule that does not bind, such as a draft, is shown beside the answer and never decides.
* What an export adds up to since 1 January is counted over all flows of the company or its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from roadworthy.domains.processing import counters, errors, exports, implied, permitting
from roadworthy.domains.processing.models import (
    Assessment,
    ConsentForm,
    Decision,
    Flow,
    Notice,
    Profile,
)
from roadworthy.domains.processing.states import (
    AssessmentState,
    Ground,
    Outcome,
    Path,
    Place,
    Purpose,
)
from roadworthy.egress.policy import Kind, Origin
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.answers import Outcome as Answered
from roadworthy.rules.engine import Finding
from roadworthy.rules.facts import plain

RULES: Final = (
    *("DAT-01", "DAT-02", "DAT-03", "DAT-04", "DAT-05", "DAT-06", "DAT-07", "DAT-09"),
    *("DAT-10", "DAT-11", "DAT-12", "DAT-13", "DAT-14", "DAT-15", "DAT-16", "DAT-21"),
)
COUNTING: Final = ("DAT-12", "DAT-13", "DAT-14")
# What these ask for has to be done each time anew: who approves the flow approves it on condition.
_CONDITIONS: Final = frozenset(RULES) - {"DAT-01", "DAT-02", "DAT-04", "DAT-10"}
_COLLECTING: Final = frozenset({"DAT-03", "DAT-04"})
_INSIDE: Final = frozenset({Kind.AUDIO, Kind.VIDEO, Kind.PICTURE})
_SAFETY: Final = frozenset({Purpose.DRIVING_SAFETY})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules say of a flow, as JSON that can be shown, kept and asked again."""

    outcome: Outcome
    rules: tuple[str, ...]  # on which it rests
    result: dict[str, Any]


def decide(flow: Flow, *, at: datetime, totals: counters.Totals | None = None) -> Answer:
    """Ask the rulebook about a flow as things stand, without keeping the answer."""
    totals = totals or counters.planned(flow, at=at)
    known = facts(flow, at=at, totals=totals)
    day = legal_day(at)
    asked = rulebook().evaluate(known, as_of=day, rules=rules_for(flow))
    binding = tuple(finding for finding in asked.findings if finding.binding)
    outcome, rules = _outcome(binding)
    watched = tuple(f for f in asked.findings if not f.binding) + _drafts(known, day)
    return Answer(
        outcome,
        rules,
        {
            "as_of": day.isoformat(),
            "facts": {name: plain(value) for name, value in sorted(known.items())},
            "binding": [finding.to_json() for finding in binding],
            "watched": [finding.to_json() for finding in watched],
            "conditions": _conditions(binding) if outcome == Outcome.ALLOWED_IF else [],
            "remedies": _owed(binding),
            "missing": list(dict.fromkeys(name for one in binding for name in one.gaps)),
            "totals": totals.to_json(),
            "split": _is_split(known, flow, day, binding),
            "unlabelled": sorted(implied.unlabelled(flow.item)),
            "filter": _filter(flow),
            "pack_digest": asked.pack_digest,
        },
    )


def rules_for(flow: Flow) -> tuple[str, ...]:
    """Return the rules that are asked about a flow.

    The Provisions are about personal information and important data: their principles on
    collecting (DAT-03, DAT-04) are not asked of what was examined and is neither. What starts in
    the company is not collected by it.
    """
    important = implied.important(flow)
    item = flow.item
    neither = not implied.personal_in(flow) and important is not None and not important
    if neither and not item.marked_important and item.told_important is False:
        return tuple(rule for rule in RULES if rule not in _COLLECTING)
    if flow.starts_in == Place.COMPANY:
        return tuple(rule for rule in RULES if rule not in _COLLECTING)
    return RULES


def keep(flow: Flow, *, at: datetime) -> Decision:
    """Ask, and keep the answer as evidence; the caller's transaction holds the flow's row."""
    answer = decide(flow, at=at)
    flow.outcome = answer.outcome
    return Decision.objects.create(
        flow=flow,
        at=at,
        as_of=legal_day(at),
        outcome=answer.outcome,
        rules=list(answer.rules),
        result=answer.result,
        sha256=digest(answer.result),
    )


def facts(flow: Flow, *, at: datetime, totals: counters.Totals) -> dict[str, Any]:
    """Return what is known about a flow, by the rulebook's names; what is unknown is absent."""
    known = {
        **_data(flow),
        **_collection(flow),
        **_leaving(flow),
        **_exporting(flow, legal_day(at), totals),
    }
    return {name: value for name, value in known.items() if value is not None}


def _data(flow: Flow) -> dict[str, Any]:
    item = flow.item
    important = implied.important(flow)
    return {
        "important_data_categories": None if important is None else sorted(important),
        "marked_important": item.marked_important,
        "told_or_published_as_important": item.told_important,
        "contains_personal_information": implied.personal_in(flow),
        "personal_information_subjects": item.persons if implied.personal_in(flow) else 0,
        "sensitive_information_kinds": sorted(implied.sensitive_in(flow)),
        "contains_exterior_images": implied.shows_outside(item),
        "contains_cockpit_data": item.origin == Origin.COCKPIT and Kind(item.kind) in _INSIDE,
    }


def _collection(flow: Flow) -> dict[str, Any]:
    item = flow.item.item_id
    notice = Notice.objects.filter(item_id=item).order_by("-number").first()
    said = notice.content if notice else {}
    form = ConsentForm.objects.filter(item_id=item, purpose=flow.purpose).order_by("-pk").first()
    asked = flow.ground == Ground.CONSENT and form is not None
    return {
        "collection_on_by_default": flow.on_by_default,
        "driver_set_collection": False,  # a declaration is not the driver's choice
        "privacy_notice_items": sorted(said.get("zh-hans", {}).keys() & said.get("en", {}).keys()),
        "separate_consent_given": asked,
        "consent_period": "user_set" if asked else None,
        "persons_outside_consented": flow.outside_consented,
        "biometrics_for_driving_safety": flow.purpose in _SAFETY,
        "biometrics_necessary": flow.biometrics_necessary,
    }


def _leaving(flow: Flow) -> dict[str, Any]:
    return {
        "leaves_vehicle": exports.leaves(flow),
        "function_runs_in_vehicle": flow.can_run_in_car,
        "exterior_images_anonymised": flow.anonymised or None,
        "data_storage_place": flow.stored,
    }


def _exporting(flow: Flow, day: date, totals: counters.Totals) -> dict[str, Any]:
    there = exports.abroad(flow)
    profile = Profile.objects.filter(manufacturer_id=flow.manufacturer_id).first()
    known: dict[str, Any] = {
        **there,
        "managed_as_export": flow.managed_as_export,
        "critical_infrastructure_operator": profile.critical_infrastructure if profile else None,
        "export_exemption_applies": flow.exempt,
        "export_path": _path(flow),
    }
    assessment = flow.assessment
    state = AssessmentState(assessment.state) if assessment else AssessmentState.NONE
    if assessment and assessment.expires_on and assessment.expires_on < day:
        state = AssessmentState.NONE
    known["export_security_assessment"] = state
    if assessment and state == AssessmentState.PASSED:
        known["beyond_assessment"] = beyond(flow, assessment, totals)
    if exports.is_export(flow):
        known["exported_persons_this_year"] = totals.ordinary
        known["exported_sensitive_persons_this_year"] = totals.sensitive
    return known


def _path(flow: Flow) -> str:
    """Return the way chosen; a contract or certificate without its number is none."""
    return flow.path if flow.path and flow.path_number else Path.NONE


def beyond(flow: Flow, assessment: Assessment, totals: counters.Totals) -> list[str]:
    """Return in what a flow goes beyond what was assessed, by the rulebook's names."""
    there = exports.abroad(flow)
    recipients = set(assessment.recipients.values_list("pk", flat=True))
    count = totals.sensitive if implied.sensitive_in(flow) else totals.ordinary
    tests = {
        "purpose": flow.purpose in assessment.purposes,
        "way": assessment.covers_remote_access or not there["opened_from_abroad"],
        "scope": exports.places(flow) <= set(assessment.countries)
        and flow.recipient_id in recipients,
        "types": assessment.items.filter(pk=flow.item.item_id).exists(),
        "scale": (count or 0) <= assessment.persons,
    }
    return [name for name, kept in tests.items() if not kept]


def _outcome(binding: Iterable[Finding]) -> tuple[Outcome, tuple[str, ...]]:
    by: dict[Answered, list[str]] = {one: [] for one in Answered}
    for finding in binding:
        by[finding.outcome].append(finding.rule_id)
    if by[Answered.BROKEN]:
        return Outcome.DENIED, tuple(by[Answered.BROKEN])
    if by[Answered.UNDETERMINED]:
        return Outcome.UNDETERMINED, tuple(by[Answered.UNDETERMINED])
    conditions = tuple(rule for rule in by[Answered.MET] if rule in _CONDITIONS)
    return (Outcome.ALLOWED_IF, conditions) if conditions else (Outcome.ALLOWED, ())


def _conditions(binding: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        owed.to_json()
        for finding in binding
        if finding.outcome is Answered.MET and finding.rule_id in _CONDITIONS
        for owed in finding.obligations
    ]


def _owed(binding: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return what would have to be done so that a broken rule is met."""
    return [
        owed.to_json()
        for finding in binding
        if finding.outcome is Answered.BROKEN
        for owed in finding.obligations
        if not owed.fulfilled
    ]


def _drafts(known: Mapping[str, Any], day: date) -> tuple[Finding, ...]:
    """Ask the drafts that the final text has replaced, each as of its own first day."""
    book = rulebook()
    found = []
    for rule_id in RULES:
        for card in book.law.rules[rule_id]:
            if card.binding or day in card.applies:
                continue
            then = book.evaluate(known, as_of=card.applies.since, rules=[rule_id])
            found += [one for one in then.findings if not one.binding]
    return tuple(found)


def _is_split(known: Mapping[str, Any], flow: Flow, day: date, binding: Iterable[Finding]) -> bool:
    """Say whether the flow passes for itself, and not with the others that it is counted with."""
    held = {f.rule_id for f in binding if f.outcome is Answered.BROKEN} & set(COUNTING)
    if not held or flow.persons is None:
        return False
    alone = counters.alone(flow)
    own = {
        **known,
        "exported_persons_this_year": alone.ordinary,
        "exported_sensitive_persons_this_year": alone.sensitive,
    }
    then = rulebook().evaluate(own, as_of=day, rules=COUNTING)
    still = {f.rule_id for f in then.findings if f.outcome is Answered.BROKEN}
    return not held & still


def _filter(flow: Flow) -> dict[str, Any]:
    """Say whether the vehicle's filter can carry the flow out."""
    try:
        permitting.rule_of(flow)
    except errors.NotEnforceable as wrong:
        reason = wrong.data["reason"]  # told in the reader's language where it is shown
        data = {name: str(value) for name, value in reason.data.items()}
        return {"enforceable": False, "message": reason.message, "data": data}
    return {"enforceable": True}
