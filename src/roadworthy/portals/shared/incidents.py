"""What pages of both sides show of an incident: clocks, statements, the content of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from roadworthy.domains.incidents import acknowledging, assessing, errors, fields
from roadworthy.domains.incidents.assessing import Clock
from roadworthy.domains.incidents.running import Basis
from roadworthy.domains.incidents.states import Trigger
from roadworthy.kernel.citation import Citation
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import formats, incident_words, presenting, words
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.shapes import Article, FindingView, Tone

_LATE = Citation("NEV19", "完整信息表")  # the paragraph that speaks of late and false reports
_BY_THE_HOUR = frozenset({"RCL-20", "RCL-21", "RCL-22", "INC-04"})


@dataclass(frozen=True, slots=True)
class ClockView:
    """One duty with its time, and how it looks."""

    tone: Tone
    title: str
    when: str
    left: str
    note: str
    rule_id: str
    grade: str
    to: str
    due_at: datetime | None


def clocks(found: Iterable[Clock], now: datetime) -> list[ClockView]:
    """Return the duties of an incident: what is late first, what is done last."""
    made = [_clock(one, now) for one in found]
    order = {Tone.BROKEN: 0, Tone.DUE: 1, Tone.LIVE: 2, Tone.IDLE: 3, Tone.MET: 4}
    return sorted(made, key=lambda one: (order.get(one.tone, 3), one.due_at is None))


def _clock(one: Clock, now: datetime) -> ClockView:
    owed = one.obligation
    due = owed.due
    tone, left = _tone(one, now)
    note = localised(due.basis.to_json())
    if one.own_at is not None and not one.is_done:
        own = _("your own level: {at}").format(at=formats.full_moment_short(one.own_at))
        note = f"{note} · {own}"
    return ClockView(
        tone=tone,
        title=localised(owed.title.to_json()),
        when=formats.full_moment_short(one.due_at)
        if one.due_at
        else localised(due.shown.to_json()),
        left=left,
        note=note,
        rule_id=owed.rule_id,
        grade=str(owed.grade),
        to=", ".join(str(words.KINDS[kind]) for kind in one.authorities),
        due_at=one.due_at,
    )


def _tone(one: Clock, now: datetime) -> tuple[Tone, str]:
    if one.is_done:
        if one.is_late(now) and one.done_at and one.due_at:
            return Tone.BROKEN, _("done, {late}").format(
                late=incident_words.left(one.due_at, one.done_at)
            )
        return Tone.MET, _("done")
    if one.due_at is not None:
        tone = Tone.BROKEN if one.is_late(now) else Tone.DUE
        return tone, incident_words.left(one.due_at, now)
    if one.is_past_own(now) and one.own_at is not None:
        return Tone.DUE, _("past your own level")
    return Tone.DUE, _("open since you learned of it")


def late(result: Evaluation) -> list[FindingView]:
    """Return what is broken, with its article and what the law says of it."""
    return [presenting.finding(one.to_json()) for one in assessing.late(result)]


def exposure(found: Iterable[FindingView]) -> list[Article]:
    """Return the articles that say what lateness exposes to; what will follow nobody says."""
    late_hours = any(one.rule_id in _BY_THE_HOUR for one in found)
    return [presenting.article(rulebook().cited(_LATE).to_json())] if late_hours else []


def stated(known: Mapping[str, Any], since: Mapping[str, Any] | None = None) -> list[Any]:
    """Return the record in its order: label, value, and since when it is known."""
    told = since or {}
    return [
        (incident_words.label(name), incident_words.shown(name, known[name]), told.get(name))
        for name in fields.FIELDS
        if name in known
    ]


def statements(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return every statement as it was written down, oldest first."""
    return [
        {
            "row": one,
            "label": incident_words.label(one.name),
            "value": incident_words.shown(one.name, one.value),
        }
        for one in rows
    ]


def content(report: Any) -> dict[str, Any]:
    """Return the content of a report, for either side."""
    told = report.content
    since = {name: datetime.fromisoformat(at) for name, at in told.get("known_since", {}).items()}
    return {
        "trigger": incident_words.TRIGGERS[Trigger(told["trigger"])],
        "learned_at": datetime.fromisoformat(told["learned_at"]),
        "type": told["type"],
        "vehicle": told["vehicle"],
        "function": told["function"],
        "software": [
            (one["ecu"], one["version"], incident_words.BASES[Basis(one["basis"])])
            for one in told["software"]
        ],
        "preserved": [
            (dict(incident_words.recorders()).get(one["recorder"], one["recorder"]), one["sha256"])
            for one in told["preserved"]
        ],
        "stated": stated(told["stated"], since),
        "reason": told["reason"],
        "prior": told["prior"],
        "defect": told["defect"],
    }


def signed(report: Any) -> list[dict[str, Any]]:
    """Return the copies of a report with who acknowledged them, each signature verified now."""
    held = list(report.copies.all())
    return [
        shown | {"signature": acknowledging.signature(one)}
        for one, shown in zip(held, copies(held), strict=True)
    ]


def envelope(copy: Any) -> HttpResponse:
    """Give out a signed acknowledgement as it was signed."""
    if not copy.envelope:
        raise errors.NoSuchReport
    name = copy.report.number.replace("/", "-")
    return HttpResponse(
        copy.envelope,
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{copy.authority.slug}.json"'
        },
    )


def copies(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the copies of a report: who has it, and whether they acknowledged it."""
    return [
        {
            "copy": one,
            "authority": words.KINDS[one.authority.kind],
            "chip": incident_words.COPIES[one.state],
            "late": one.due_at is not None and one.sent_at > one.due_at,
        }
        for one in found
    ]
