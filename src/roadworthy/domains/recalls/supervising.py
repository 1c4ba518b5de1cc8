"""What SAMR sees: the plans that were filed with it and its own notices. Other readers see nothing.

A defect that is only suspected is the manufacturer's own until SAMR asks about it.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.recalls import errors
from roadworthy.domains.recalls.models import RecallNotice, RecallPlan, Supervision
from roadworthy.domains.recalls.states import NoticeState, PlanState
from roadworthy.domains.recalls.supervision import ANNOUNCEMENT
from roadworthy.domains.vehicles.models import VehicleType

R = TypeVar("R", bound=Model)
_DETAILS = "dossier__content__details"
_OPEN = (NoticeState.INVESTIGATION, NoticeState.NOTICE, NoticeState.OBJECTED, NoticeState.EXPERTS)

# Where a plan that was filed can stand; a draft is the manufacturer's own paper.
BEFORE_AUTHORITY = (
    PlanState.FILED,
    PlanState.RUNNING,
    PlanState.COMPLETED,
    PlanState.REPORTED,
)


def plans(
    authority_id: int, *, search: str = "", state: str = "", sort: str = "-filed"
) -> QuerySet[RecallPlan]:
    """Return the newest filed version of every recall that is before this authority."""
    newer = RecallPlan.objects.filter(
        manufacturer_id=OuterRef("manufacturer_id"),
        number=OuterRef("number"),
        version__gt=OuterRef("version"),
        filed_at__isnull=False,
    )
    found = (
        RecallPlan.objects.select_related("manufacturer", "defect", "filing")
        .filter(filing__authority_id=authority_id, filed_at__isnull=False)
        .exclude(Exists(newer))
    )
    if not _is_samr(authority_id):
        return found.none()
    if state:
        found = found.filter(state=state)
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(manufacturer__name__icontains=search)
            | Q(texts__icontains=search)
        )
    key = {"filed": "filed_at", "vehicles": "vehicles", "state": "state"}.get(
        sort.removeprefix("-"), "filed_at"
    )
    return found.order_by(f"-{key}" if sort.startswith("-") else key, "-pk")


def plan(authority_id: int, plan_id: int) -> RecallPlan:
    """Return a plan that was filed with this authority, in any version.

    Raises:
        NoSuchPlan: there is none.
    """
    found = (
        RecallPlan.objects.select_related("manufacturer", "defect", "filing")
        .filter(pk=plan_id, filing__authority_id=authority_id, filed_at__isnull=False)
        .first()
    )
    if found is None or not _is_samr(authority_id):
        raise errors.NoSuchPlan
    return found


def plans_elsewhere(
    authority_id: int, *, search: str = "", state: str = "", sort: str = "-filed"
) -> QuerySet[Filing]:
    """Return the plans that came from their manufacturers' own deployments, as they were filed."""
    found = _filed_elsewhere(authority_id)
    if state:
        found = found.filter(state=state)
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(manufacturer__name__icontains=search)
            | Q(dossier__content__details__plan__icontains=search)
            | Q(dossier__content__details__defect__icontains=search)
        )
    key = {"filed": "submitted_at", "vehicles": f"{_DETAILS}__vehicles", "state": "state"}.get(
        sort.removeprefix("-"), "submitted_at"
    )
    return found.order_by(f"-{key}" if sort.startswith("-") else key, "-pk")


def plan_elsewhere(authority_id: int, filing_id: int) -> Filing:
    """Return one of them.

    Raises:
        NoSuchPlan: there is none.
    """
    found = _filed_elsewhere(authority_id).filter(pk=filing_id).first()
    if found is None:
        raise errors.NoSuchPlan
    return found


def reports_elsewhere(filing: Filing) -> QuerySet[Filing]:
    """Return the reports on a recall that its manufacturer's deployment filed, newest first."""
    reports = (Kind.RECALL_STAGE_REPORT, Kind.RECALL_FINAL_REPORT)
    return (
        _same_recall(filing, Filing.objects.all(), "")
        .filter(
            manufacturer_id=filing.manufacturer_id,
            authority_id=filing.authority_id,
            dossier__kind__in=reports,
            submitted_at__isnull=False,
        )
        .select_related("dossier")
        .order_by("-submitted_at", "-pk")
    )


def written(filing: Filing) -> QuerySet[Supervision]:
    """Return what SAMR wrote about the recall whose plan was filed so, in any version."""
    found = Supervision.objects.filter(
        filing__manufacturer_id=filing.manufacturer_id, authority_id=filing.authority_id
    )
    return _same_recall(filing, found, "filing__").order_by("-at", "-pk")


def notices(authority_id: int, *, search: str = "", state: str = "") -> QuerySet[RecallNotice]:
    """Return this authority's notices, newest first."""
    found = RecallNotice.objects.select_related("manufacturer", "defect").filter(
        authority_id=authority_id
    )
    if state:
        found = found.filter(state=state)
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(manufacturer__name__icontains=search)
            | Q(subject__icontains=search)
        )
    return found.order_by("-pk")


def notice(authority_id: int, notice_id: int) -> RecallNotice:
    """Return one of this authority's notices.

    Raises:
        NoSuchNotice: there is none.
    """
    found = notices(authority_id).select_related("issued_by").filter(pk=notice_id).first()
    if found is None:
        raise errors.NoSuchNotice
    return found


def evidence(authority_id: int, notice_id: int) -> Document:
    """Return the document of an objection.

    Raises:
        NoSuchNotice: there is no such notice, or nobody has objected.
    """
    found = notice(authority_id, notice_id)
    if not found.evidence_sha256:
        raise errors.NoSuchNotice
    return documents.document(found.manufacturer_id, found.evidence_sha256)


def open_notices(authority_id: int) -> QuerySet[RecallNotice]:
    """Return the notices that are not ended, longest waiting first."""
    return notices(authority_id).filter(state__in=_OPEN).order_by("issued_at", "pk")


def types() -> QuerySet[VehicleType]:
    """Return the types here that a notice can be about."""
    here = VehicleType.objects.filter(manufacturer__deployment="")
    return here.select_related("manufacturer").order_by("manufacturer", "code")


def announcements() -> QuerySet[Supervision]:
    """Return what SAMR has announced to the public, newest first."""
    return (
        Supervision.objects.select_related(
            "plan__manufacturer", "plan__defect", "filing__manufacturer", "authority"
        )
        .filter(kind=ANNOUNCEMENT)
        .exclude(plan__state__in=[PlanState.WITHDRAWN])
        .order_by("-pk")
    )


def _filed_elsewhere(authority_id: int) -> QuerySet[Filing]:
    found = Filing.objects.select_related("manufacturer", "dossier").filter(
        authority_id=authority_id,
        manufacturer__deployment__gt="",
        dossier__kind=Kind.RECALL_PLAN,
        submitted_at__isnull=False,
    )
    return found if _is_samr(authority_id) else found.none()


def _same_recall(filing: Filing, rows: QuerySet[R], path: str) -> QuerySet[R]:
    """Narrow rows to those about the plan of a filing; a plan without a number is its filing."""
    number = filing.dossier.content["details"].get("plan")
    if not number:
        return rows.filter(**{f"{path}pk": filing.pk})
    return rows.filter(**{f"{path}{_DETAILS}__plan": number})


def _is_samr(authority_id: int) -> bool:
    samr = organisations.authority(Party.SAMR)
    return samr is not None and samr.pk == authority_id
