"""What the rulebook says of an incident: what is owed, to whom, by when, and what is late.

The facts are what was stated and what this domain itself knows of reports, holds and lines of the
investigation. Nothing is answered for anybody: what nobody has stated stays missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from roadworthy.domains.incidents import likeness, records
from roadworthy.domains.incidents.models import Copy, Entry, Exhibit, Incident, Policy, Report
from roadworthy.domains.incidents.states import CopyState, Series, State
from roadworthy.domains.organisations.roles import Kind
from roadworthy.kernel.calendar import SHANGHAI, legal_day
from roadworthy.law.evaluation import Evaluation
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.answers import DueKind
from roadworthy.rules.engine import Finding, Obligation

RULES: Final = (
    *("N45-10", "N45-11", "RCL-19", "RCL-20", "RCL-21", "RCL-22"),
    *("INC-01", "INC-02", "INC-03", "INC-04", "INC-05", "INC-07", "INC-08", "INC-09"),
)
_BOTH: Final = (Kind.MIIT, Kind.SAMR)
# Which report answers which duty, and who is told by it.
OWED: Final[Mapping[str, tuple[Series, tuple[Kind, ...]]]] = {
    "N45-10.miit": (Series.INCIDENT, (Kind.MIIT,)),
    "N45-10.samr": (Series.INCIDENT, (Kind.SAMR,)),
    "N45-11.miit": (Series.INCIDENT, (Kind.MIIT,)),
    "N45-11.samr": (Series.INCIDENT, (Kind.SAMR,)),
    "RCL-19.report": (Series.INCIDENT, (Kind.SAMR,)),
    "RCL-20": (Series.NEV_BASIC, (Kind.SAMR,)),
    "RCL-21": (Series.NEV_BASIC, (Kind.SAMR,)),
    "RCL-22": (Series.NEV_FULL, (Kind.SAMR,)),
}
# With each of these goes a word of its own, which the reports bring with them.
_FOLLOWS: Final = frozenset({"INC-01", "INC-02", "INC-03", "INC-04", "INC-05", "INC-09"})
_COMBINED: Final = 2  # GB/T 40429: the level of combined driver assistance
_STATED: Final = ("incident_kinds", "occurred_at", "is_new_energy", "recorders_holding")


@dataclass(frozen=True, slots=True)
class Clock:
    """One duty with its time: an instant, the law's word, and the own level beside a word."""

    obligation: Obligation
    series: Series | None  # the report that answers it
    authorities: tuple[Kind, ...]
    due_at: datetime | None  # None: a word of the law, without a number
    own_at: datetime | None  # the manufacturer's own level; never the law's
    done_at: datetime | None

    @property
    def is_done(self) -> bool:
        return self.done_at is not None or self.obligation.fulfilled is True

    def is_late(self, now: datetime) -> bool:
        """Say whether the law's own instant has passed, or had when it was done."""
        return self.due_at is not None and (self.done_at or now) > self.due_at

    def is_past_own(self, now: datetime) -> bool:
        return not self.is_done and self.own_at is not None and now > self.own_at


def evaluate(incident: Incident, *, now: datetime) -> Evaluation:
    """Ask the rulebook about an incident."""
    return rulebook().evaluate(facts(incident, now=now), as_of=legal_day(now), rules=RULES)


def facts(incident: Incident, *, now: datetime) -> dict[str, Any]:
    """Return what the rules are asked with."""
    known = incident.known
    stated: dict[str, Any] = {name: known[name] for name in _STATED if name in known}
    stated |= {
        "now": now.astimezone(SHANGHAI).isoformat(),
        "learned_at": incident.learned_at.astimezone(SHANGHAI).isoformat(),
        "cdas_state": incident.cdas_state,
        "casualties_or_major_impact": records.casualties(known),
        "has_combined_assistance": _has_assistance(incident),
        "incident_investigated": Entry.objects.filter(incident=incident).exists(),
        "recorders_locked": sorted(
            set(Exhibit.objects.filter(hold__incident=incident).values_list("recorder", flat=True))
        ),
        **_reported(incident),
        **_own(incident),
    }
    return {name: value for name, value in stated.items() if value is not None}


def clocks(incident: Incident, result: Evaluation) -> tuple[Clock, ...]:
    """Return the duties of an incident in the order of the rulebook: first what is urgent."""
    first = _first_sent(incident)
    made = []
    for owed in result.obligations:
        if owed.due.kind in {DueKind.CONTINUOUS, DueKind.KEEP_UNTIL, DueKind.AFTER_EVENT}:
            continue
        series, kinds = OWED.get(owed.key, (None, ()))
        if owed.key in _FOLLOWS:
            continue
        done = [first.get((series, kind)) for kind in kinds] if series else []
        whole = [at for at in done if at is not None]
        own = owed.due.own_hours
        made.append(
            Clock(
                obligation=owed,
                series=series,
                authorities=kinds,
                due_at=owed.due.instant,
                own_at=incident.learned_at + timedelta(hours=own) if own is not None else None,
                done_at=max(whole) if whole and len(whole) == len(kinds) else None,
            )
        )
    return tuple(made)


def recipients(result: Evaluation, series: Series) -> tuple[Kind, ...]:
    """Return which authorities the rulebook wants told by a report of a series."""
    answered = [OWED[owed.key] for owed in result.obligations if owed.key in OWED]
    wanted = {kind for of, kinds in answered if of == series for kind in kinds}
    return tuple(kind for kind in _BOTH if kind in wanted)


def late(result: Evaluation) -> tuple[Finding, ...]:
    """Return the findings that say that something was, or is, too late or not alike."""
    return tuple(
        one for one in result.findings if one.outcome == "broken" and one.rule_id != "INC-08"
    )


def reckon(incident: Incident, at: datetime) -> None:
    """Repeat on the incident what is owed next, for lists and work lists."""
    open_ = [one for one in clocks(incident, evaluate(incident, now=at)) if one.series]
    open_ = [one for one in open_ if not one.is_done]
    times = [one.due_at for one in open_ if one.due_at is not None]
    incident.owes = bool(open_) and incident.state not in {State.SET_ASIDE, State.MERGED}
    incident.next_due_at = min(times) if times and incident.owes else None
    incident.save(update_fields=["owes", "next_due_at"])


def policy(manufacturer_id: int) -> Policy | None:
    """Return what a manufacturer asks of itself, if it has said so."""
    return Policy.objects.filter(manufacturer_id=manufacturer_id).first()


def _has_assistance(incident: Incident) -> bool | None:
    if incident.type is None:
        return None
    return incident.type.automation_level >= _COMBINED


def _own(incident: Incident) -> dict[str, Any]:
    own = policy(incident.manufacturer_id)
    stated: dict[str, Any] = {"defect_analysis_opened": bool(incident.defect_number)}
    if own is None:
        return stated
    stated |= {
        "own_hours_prompt": own.prompt_hours,
        "own_hours_immediate": own.immediate_hours,
        "similar_events_threshold": own.similar_threshold,
        "nev_clock_start": own.clock_start,
    }
    if own.similar_threshold is not None:
        stated["similar_events"] = likeness.count(incident)
    return stated


def _reported(incident: Incident) -> dict[str, Any]:
    """Return which reports were sent, to whom, and what became of them."""
    sent = _first_sent(incident)
    newest = _newest(incident)
    stated: dict[str, Any] = {"report_updated": False}
    for kind in _BOTH:
        at = sent.get((Series.INCIDENT, kind))
        stated[f"reported_to_{kind}_on"] = legal_day(at) if at else None
        copy = newest.get((Series.INCIDENT, kind))
        stated[f"{kind}_acknowledged"] = (
            copy.state == CopyState.ACKNOWLEDGED if copy is not None else False
        )
    digests = {
        copy.report.sha256 for (series, _), copy in newest.items() if series == Series.INCIDENT
    }
    if digests:
        stated["incident_digests_equal"] = len(digests) == 1
    basic = sent.get((Series.NEV_BASIC, Kind.SAMR))
    full = sent.get((Series.NEV_FULL, Kind.SAMR))
    stated["nev_reporting_opened"] = basic is not None or full is not None
    stated["nev_basic_reported_at"] = basic.astimezone(SHANGHAI).isoformat() if basic else None
    stated["nev_full_reported_at"] = full.astimezone(SHANGHAI).isoformat() if full else None
    versions = Report.objects.filter(incident=incident, version__gt=1)
    if versions.exists():
        stated |= {
            "report_updated": True,
            "earlier_report_kept": True,
            "update_reasons_recorded": not versions.filter(reason="").exists(),
        }
    return stated


def _copies(incident: Incident) -> Sequence[Copy]:
    return list(
        Copy.objects.filter(report__incident=incident)
        .select_related("report", "authority")
        .order_by("pk")
    )


def _first_sent(incident: Incident) -> dict[tuple[Series, Kind], datetime]:
    found: dict[tuple[Series, Kind], datetime] = {}
    for copy in _copies(incident):
        key = Series(copy.report.series), Kind(copy.authority.kind)
        found.setdefault(key, copy.sent_at)
    return found


def _newest(incident: Incident) -> dict[tuple[Series, Kind], Copy]:
    return {
        (Series(copy.report.series), Kind(copy.authority.kind)): copy for copy in _copies(incident)
    }
