"""Work about data: flows to approve, requests of persons, breaches, the yearly report."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Case, Exists, F, JSONField, OuterRef, Q, Value, When

from roadworthy.domains.processing import breaches
from roadworthy.domains.processing.duty_models import AnnualReport
from roadworthy.domains.processing.models import Flow, ItemVersion, Profile
from roadworthy.domains.processing.states import State as FlowState
from roadworthy.domains.rights.models import Request
from roadworthy.domains.rights.states import State as RightState
from roadworthy.domains.worklists.asked import Asked
from roadworthy.domains.worklists.columns import DATED, Lines, lines
from roadworthy.domains.worklists.items import Kind
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.answers import DueKind

_REPORT_DAY: Final = "annual_data_report_day"


def flows(asked: Asked) -> Lines:
    """Return the flows that a second person has to decide about."""
    found = Flow.objects.filter(manufacturer_id=asked.organisation_id, state=FlowState.DECLARED)
    return lines(
        asked.among(found),
        kind=Kind.DATA_FLOW,
        subject=F("number"),
        about=F("item__name"),
        since=F("declared_at"),
        page=("flow", F("pk")),
    )


def rights(asked: Asked) -> Lines:
    """Return what persons ask and nobody has answered; number and day only, nothing of them."""
    found = Request.objects.filter(manufacturer_id=asked.organisation_id, state=RightState.RECEIVED)
    dated = Value(dict(DATED), JSONField())
    promptly = Value(_words(DueKind.PROMPT), JSONField())
    return lines(
        asked.among(found),
        kind=Kind.DATA_RIGHT,
        subject=F("number"),
        due=Case(When(Q(due_on__isnull=False), then=dated), default=promptly),
        due_on=F("due_on"),
        rule_id="DAT-08",
        since=F("received_at"),
        page=("right", F("pk")),
    )


def leaks(asked: Asked) -> Lines:
    """Return vulnerabilities and leaks of which something is owed or not judged yet."""
    return lines(
        asked.among(breaches.unfinished(asked.organisation_id)),
        kind=Kind.DATA_BREACH,
        subject=F("number"),
        due=_words(DueKind.IMMEDIATE),
        rule_id="DAT-20",
        since=F("found_at"),
        page=("breach", F("pk")),
    )


def report(asked: Asked) -> Lines:
    """Return the yearly report of whoever processes important data, until it was handed in."""
    important = ItemVersion.objects.filter(item__manufacturer=OuterRef("manufacturer")).filter(
        Q(important__len__gt=0) | Q(marked_important=True) | Q(told_important=True)
    )
    handed_in = AnnualReport.objects.filter(
        manufacturer=OuterRef("manufacturer"), year=asked.today.year, filed_on__isnull=False
    )
    found = Profile.objects.filter(manufacturer_id=asked.organisation_id)
    found = found.filter(Exists(important), ~Exists(handed_in))
    return lines(
        asked.among(found),
        kind=Kind.DATA_REPORT,
        subject=str(asked.today.year),
        due=DATED,
        due_on=_report_day(asked.today),
        rule_id="DAT-17",
        since=F("changed_at"),
        page=("dataduty", ""),
    )


def _report_day(today: date) -> date:
    """Return the law's day in this year."""
    parameter = rulebook().law.parameters[_REPORT_DAY]
    month, day = map(int, str(parameter.on(today).value).split("-"))
    return date(today.year, month, day)


def _words(kind: DueKind) -> dict[str, str]:
    return {"kind": str(kind)}
