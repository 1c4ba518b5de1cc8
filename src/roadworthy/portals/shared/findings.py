"""Words and shapes for findings, numbers and comparisons, for both sides of the counter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from roadworthy.domains.conformity import places
from roadworthy.domains.conformity.states import Act, Kind, Reason, ReferralAct, State
from roadworthy.kernel.calendar import PRC, legal_day
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import formats, presenting, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Text

STATES = words.FINDING
KINDS: Mapping[Kind, Text] = {
    Kind.UNFILED_SOFTWARE: _("Software that nothing covers"),
    Kind.CONTENT_DIFFERS: _("Release differs from its filing"),
    Kind.FREQUENT_UPDATES: _("Frequent updates of one type"),
    Kind.DEFECT_AS_SERVICE: _("Defect under the name of a service"),
}
REASONS: Mapping[Reason, Text] = {
    Reason.WORKSHOP: _("A workshop installed it"),
    Reason.DEVELOPMENT: _("A test vehicle of ours"),
    Reason.EARLIER: _("Approved before the type was entered here"),
    Reason.FORMAT: _("Not a version, or a format that is not known"),
    Reason.REPORTING: _("The vehicle reports wrongly"),
    Reason.OTHER: _("Something else"),
}
ACTS: Mapping[str, Text] = {
    Act.EXPLAIN: _("Explain"),
    Act.DISMISS: _("Set aside as noise"),
    Act.UNDO: _("Take the explanation back"),
    Act.REPORT: _("Report to both authorities"),
    ReferralAct.SETTLE: _("Settle"),
    ReferralAct.REOPEN: _("Take up again"),
}
FACTS: Mapping[str, Text] = {
    "filing": _("Filing"),
    "filed": _("Digest that was filed"),
    "frozen": _("Digest when it was frozen"),
    "now": _("Digest of the content now"),
    "updates": _("Activities counted"),
    "limit": _("Most that somebody allows (not the law's)"),
    "days": _("Days counted back"),
    "evaluation_sha256": _("Digest of the evaluation"),
}
BASES: Mapping[str, Text] = {
    "baseline": _("its registration"),
    "vehicle": _("its own report"),
    "action": _("an update"),
}


def rows(found: Iterable[Any], now: datetime) -> list[dict[str, Any]]:
    """Return the lines of a list of findings."""
    today = legal_day(now)
    return [row(one, today) for one in found]


def row(one: Any, today: date) -> dict[str, Any]:
    """Return one finding as a list and a page show it."""
    age = (today - legal_day(one.first_seen_at)).days
    return {
        "finding": one,
        "kind": KINDS[Kind(one.kind)],
        "chip": STATES[State(one.state)],
        "what": what(one),
        "age": max(age, 0),
        "due": one.explain_by if one.state == State.OPEN else None,
        "left": formats.working_days(one.explain_by, today) if one.state == State.OPEN else "",
        "late": one.state == State.OPEN and one.explain_by < today,
    }


def what(one: Any) -> str:
    """Name what a finding is about: a version, a release, a type."""
    if one.kind == Kind.FREQUENT_UPDATES:
        return one.type.code if one.type else formats.NONE
    if one.release is not None:
        return str(one.release.number)
    return str(one.version)


def facts(one: Any) -> list[tuple[Any, str]]:
    """Return what was counted or compared."""
    known = rulebook().facts
    return [
        (
            FACTS.get(name) or (localised(known[name].label.to_json()) if name in known else name),
            formats.as_text(value),
        )
        for name, value in one.facts.items()
    ]


def waited(one: Any, now: datetime) -> int:
    """Count the working days since a finding was put before the authorities."""
    start = one.reported_at or one.opened_at
    return max(PRC.between(legal_day(start), legal_day(now)), 0)


def detail(found: Any, now: datetime) -> dict[str, Any]:
    """Return what both sides see of one finding."""
    one = found.finding
    return {
        "row": row(one, legal_day(now)),
        "finding": one,
        "facts": facts(one),
        "grade": presenting.grade_of(one.rule_id),
        "explanations": [(each, REASONS[Reason(each.because)]) for each in found.explanations],
        "referrals": found.referrals,
        "running": found.running,
        "place": places.first_seen(one) if one.kind == Kind.UNFILED_SOFTWARE else None,
    }


def said(act: str) -> str:
    """Return what the toast says after an act."""
    told: Mapping[str, str] = {
        Act.EXPLAIN: _now("Your explanation is kept with the finding."),
        Act.DISMISS: _now("The finding is set aside as noise."),
        Act.UNDO: _now("The explanation no longer stands."),
        Act.REPORT: _now("The finding is before both authorities."),
        ReferralAct.SETTLE: _now("You have settled this finding."),
        ReferralAct.REOPEN: _now("You have taken this finding up again."),
    }
    return told[act]
