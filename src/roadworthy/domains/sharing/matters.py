"""Matters of authorities: whose one is, its number, and its content by parts.

What is private to one authority elsewhere is read here through the same queries, asked in the name
of the authority whose matter it is; a part that no grant names is not read at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from roadworthy.domains.aftersales import queries as complaints
from roadworthy.domains.filings import questions
from roadworthy.domains.filings import reading as filings
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.incidents import reading as incidents
from roadworthy.domains.incidents.models import Copy
from roadworthy.domains.incidents.states import Series
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.recalls import supervising
from roadworthy.domains.recalls.models import RecallNotice, RecallPlan
from roadworthy.domains.remedies import queries as remedies
from roadworthy.domains.sharing.policy import OTHER, Matter
from roadworthy.domains.vehicles.models import VehicleType

FILINGS: Final[Mapping[Matter, tuple[Kind, ...]]] = {
    Matter.OTA_FILING: (
        Kind.CAPABILITY,
        Kind.TYPE,
        Kind.ACTIVITY,
        Kind.IMPLEMENTATION_REPORT,
        Kind.STAGE_REPORT,
    ),
    Matter.ACCESS_FILING: (Kind.MARKET_ACCESS, Kind.PRODUCT_CHANGE, Kind.ACCESS_PERMIT),
    Matter.RECALL_FILING: (
        Kind.RECALL_PLAN,
        Kind.RECALL_STAGE_REPORT,
        Kind.RECALL_FINAL_REPORT,
    ),
}
REPORTS: Final[Mapping[Matter, tuple[Series, ...]]] = {
    Matter.INCIDENT_REPORT: (Series.INCIDENT,),
    Matter.NEV_REPORT: (Series.NEV_BASIC, Series.NEV_FULL),
}


@dataclass(frozen=True, slots=True)
class Head:
    """That there is a matter, and whose it is."""

    matter: Matter
    id: int
    owner: Organisation
    number: str
    manufacturer: Mapping[str, str]
    type_id: int | None = None  # of whose case it is, where one type says it


def head(matter: Matter, matter_id: int) -> Head | None:
    """Return the head of a matter, whosever it is; who may see it is not asked here."""
    row = _FIND[matter](matter, matter_id)
    return row if row is not None and row.owner.kind in OTHER else None


def content(found: Head, parts: frozenset[str]) -> dict[str, Any]:
    """Return a matter with those parts: ``subject``, and a member for each part that is a list."""
    return _READ[found.matter](found, parts)


def _filing(matter: Matter, matter_id: int) -> Head | None:
    row = (
        Filing.objects.select_related("authority", "manufacturer")
        .filter(pk=matter_id, dossier__kind__in=FILINGS[matter], submitted_at__isnull=False)
        .defer("receipt")
        .first()
    )
    if row is None:
        return None
    return Head(matter, row.pk, row.authority, row.number, row.manufacturer.name)


def _report(matter: Matter, matter_id: int) -> Head | None:
    row = (
        Copy.objects.select_related("authority", "report__incident__manufacturer")
        .filter(pk=matter_id, report__series__in=REPORTS[matter])
        .first()
    )
    if row is None:
        return None
    incident = row.report.incident
    name = incident.manufacturer.name
    return Head(matter, row.pk, row.authority, row.report.number, name, incident.type_id)


def _recall(matter: Matter, matter_id: int) -> Head | None:
    row = (
        RecallPlan.objects.select_related("filing__authority", "manufacturer")
        .filter(pk=matter_id, filed_at__isnull=False, filing__isnull=False)
        .first()
    )
    if row is None or row.filing is None:
        return None
    return Head(matter, row.pk, row.filing.authority, row.number, row.manufacturer.name)


def _notice(matter: Matter, matter_id: int) -> Head | None:
    row = (
        RecallNotice.objects.select_related("authority", "manufacturer")
        .filter(pk=matter_id)
        .first()
    )
    if row is None:
        return None
    return Head(matter, row.pk, row.authority, row.number, row.manufacturer.name)


def _complaints(matter: Matter, matter_id: int) -> Head | None:
    row = VehicleType.objects.select_related("manufacturer").filter(pk=matter_id).first()
    samr = organisations.authority(Party.SAMR)
    if row is None or samr is None:
        return None
    return Head(matter, row.pk, samr, row.code, row.manufacturer.name, row.pk)


def _of_filing(found: Head, parts: frozenset[str]) -> dict[str, Any]:
    filing = filings.addressed(found.owner.pk, found.id)
    told: dict[str, Any] = {"subject": filing}
    if "dossier" in parts:
        told["names"] = filings.names_in(filing.dossier.content)
    if "questions" in parts:
        attached = questions.documents_of(filing)
        told["questions"] = [(one, attached.get(one.pk, ())) for one in questions.of_filing(filing)]
    return told


def _of_report(found: Head, parts: frozenset[str]) -> dict[str, Any]:
    copy = incidents.addressed(found.owner.pk, found.id)
    told: dict[str, Any] = {"subject": copy}
    if "questions" in parts:
        told["questions"] = [(one, ()) for one in incidents.asked(copy)]
    return told


def _of_recall(found: Head, parts: frozenset[str]) -> dict[str, Any]:
    plan = supervising.plan(found.owner.pk, found.id)
    told: dict[str, Any] = {"subject": plan}
    if "progress" in parts:
        told["progress"] = remedies.progress(plan.pk)
    if "reports" in parts:
        told["reports"] = list(remedies.filed_reports(plan))
    if "supervision" in parts:
        told["supervision"] = list(plan.supervision.order_by("-pk"))
    return told


def _of_notice(found: Head, _parts: frozenset[str]) -> dict[str, Any]:
    return {"subject": supervising.notice(found.owner.pk, found.id)}


def _of_complaints(found: Head, parts: frozenset[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"subject": VehicleType.objects.get(pk=found.id)}
    if "totals" in parts:
        told["totals"] = complaints.totals_seen_by(found.owner.pk).filter(type=found.id).first()
    if "disputes" in parts:
        told["disputes"] = complaints.disputes_seen_by(found.owner.pk, type_id=found.id)
    return told


_FIND: Mapping[Matter, Callable[[Matter, int], Head | None]] = {
    **dict.fromkeys(FILINGS, _filing),
    **dict.fromkeys(REPORTS, _report),
    Matter.RECALL: _recall,
    Matter.RECALL_NOTICE: _notice,
    Matter.COMPLAINTS: _complaints,
}
_READ: Mapping[Matter, Callable[[Head, frozenset[str]], dict[str, Any]]] = {
    **dict.fromkeys(FILINGS, _of_filing),
    **dict.fromkeys(REPORTS, _of_report),
    Matter.RECALL: _of_recall,
    Matter.RECALL_NOTICE: _of_notice,
    Matter.COMPLAINTS: _of_complaints,
}
