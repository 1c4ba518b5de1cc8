"""What SAMR sees: the plans that were filed with it and its own notices. Other readers see nothing.

A defect that is only suspected is the manufacturer's own until SAMR asks about it.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.recalls import errors
from roadworthy.domains.recalls.models import RecallNotice, RecallPlan, Supervision
from roadworthy.domains.recalls.states import NoticeState, PlanState
from roadworthy.domains.recalls.supervision import ANNOUNCEMENT
from roadworthy.domains.vehicles.models import VehicleType

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


def _is_samr(authority_id: int) -> bool:
    samr = organisations.authority(Kind.SAMR)
    return samr is not None and samr.pk == authority_id
