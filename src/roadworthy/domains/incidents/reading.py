"""Reports and questions, for whoever may read them: the manufacturer its own, an authority its.

An authority reads what was sent to it, and nothing else of an incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F, Prefetch, Q, QuerySet

from roadworthy.domains.incidents import errors
from roadworthy.domains.incidents.models import Copy, Incident, Question, Report
from roadworthy.domains.incidents.states import CopyState, QuestionState

WAITING, ACKNOWLEDGED = "waiting", "acknowledged"
ORDERS: Final = {"sent": "sent_at", "due": "due_at", "number": "pk", "learned": "learned"}


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A report that an authority has not acknowledged, or a report that is owed: for work lists."""

    id: int
    number: str
    manufacturer: dict[str, str]
    since: datetime
    due_at: datetime | None


def reports(incident: Incident) -> Sequence[Report]:
    """Return the reports of an incident, newest first, with who has them."""
    copies = Prefetch("copies", Copy.objects.select_related("authority").order_by("authority"))
    found = Report.objects.filter(incident=incident).select_related("by")
    return list(found.prefetch_related(copies).order_by("-pk"))


def report(manufacturer_id: int, report_id: int) -> Report:
    """Return a manufacturer's report with who has it.

    Raises:
        NoSuchReport: there is none, or it is another's.
    """
    copies = Prefetch("copies", Copy.objects.select_related("authority", "acknowledged_by"))
    found = (
        Report.objects.select_related("incident", "by")
        .prefetch_related(copies)
        .filter(pk=report_id, incident__manufacturer_id=manufacturer_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchReport
    return found


def sent(manufacturer_id: int, copy_id: int) -> Copy:
    """Return a copy of a manufacturer's report as it lies before one authority.

    Raises:
        NoSuchReport: there is none, or it is another's.
    """
    found = (
        Copy.objects.select_related("report", "authority")
        .filter(pk=copy_id, report__incident__manufacturer_id=manufacturer_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchReport
    return found


def questions(incident: Incident) -> Sequence[Question]:
    """Return what authorities asked about an incident, oldest first."""
    found = Question.objects.filter(incident=incident).select_related("authority", "answered_by")
    return list(found.order_by("pk"))


def question(manufacturer_id: int, question_id: int) -> Question:
    """Return a question to a manufacturer.

    Raises:
        NoSuchQuestion: there is none, or it is another's.
    """
    found = (
        Question.objects.select_related("incident", "authority")
        .filter(pk=question_id, incident__manufacturer_id=manufacturer_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchQuestion
    return found


def before_authority(
    authority_id: int, *, view: str = "", search: str = "", series: str = "", sort: str = "-sent"
) -> QuerySet[Copy]:
    """Return what was reported to an authority; ``view`` is waiting or acknowledged."""
    found = (
        Copy.objects.filter(authority_id=authority_id)
        .select_related("report__incident__manufacturer", "report__incident__type")
        .annotate(learned=F("report__incident__learned_at"))
    )
    if view == WAITING:
        found = found.filter(state=CopyState.SENT)
    elif view == ACKNOWLEDGED:
        found = found.filter(state=CopyState.ACKNOWLEDGED)
    if series:
        found = found.filter(report__series=series)
    if search:
        found = found.filter(
            Q(report__number__icontains=search)
            | Q(report__incident__type__code__icontains=search)
            | Q(report__incident__manufacturer__slug__icontains=search)
            | Q(report__content__stated__narrative__icontains=search)
        )
    key = F(ORDERS.get(sort.removeprefix("-"), "sent_at"))
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "-pk")


def counts_before(authority_id: int) -> dict[str, int]:
    """Return how many reports wait and how many are acknowledged."""
    mine = Copy.objects.filter(authority_id=authority_id)
    waiting = mine.filter(state=CopyState.SENT).count()
    return {WAITING: waiting, ACKNOWLEDGED: mine.count() - waiting}


def addressed(authority_id: int, copy_id: int) -> Copy:
    """Return a report as it lies before an authority.

    Raises:
        NoSuchReport: there is none, or it was sent to another.
    """
    found = (
        Copy.objects.select_related(
            "report__incident__manufacturer", "authority", "acknowledged_by"
        )
        .filter(pk=copy_id, authority_id=authority_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchReport
    return found


def same_incident(copy: Copy) -> Sequence[Copy]:
    """Return every report on the incident that the same authority has, newest first."""
    found = Copy.objects.filter(
        authority_id=copy.authority_id, report__incident_id=copy.report.incident_id
    )
    return list(found.select_related("report", "authority").order_by("-pk"))


def asked(copy: Copy) -> Sequence[Question]:
    """Return what the authority asked about the incident, oldest first."""
    found = Question.objects.filter(
        authority_id=copy.authority_id, incident_id=copy.report.incident_id
    )
    return list(found.select_related("asked_by", "answered_by").order_by("pk"))


def open_questions(manufacturer_id: int) -> QuerySet[Question]:
    """Return the questions that a manufacturer has not answered."""
    return Question.objects.filter(
        incident__manufacturer_id=manufacturer_id, state=QuestionState.OPEN
    ).select_related("incident", "authority")
