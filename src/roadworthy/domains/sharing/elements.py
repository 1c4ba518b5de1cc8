"""The rows of a product's case: each source of them gives the same columns.

Rows of the other authority are asked for only where the sharing data shares their kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast

from roadworthy.domains.access.models import Application, Approval, ApprovalVersion
from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.conformity.models import Referral
from roadworthy.domains.filings.models import Filing, OtherDecision
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.incidents.models import Copy
from roadworthy.domains.recalls.models import RecallNotice, RecallPlan
from roadworthy.domains.remedies.models import Report
from roadworthy.domains.sharing.matters import FILINGS, REPORTS
from roadworthy.domains.sharing.policy import Matter
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import VehicleType


class Kinds(StrEnum):
    """What a reader can narrow the line to."""

    APPROVAL = "approval"
    UPDATE = "update"
    FILING = "filing"
    RECALL = "recall"
    INCIDENT = "incident"
    FINDING = "finding"


class Source(StrEnum):
    """Where a row of the line comes from; matters have the names of ``policy.Matter``."""

    APPROVED = "approved"
    APPROVAL_STATE = "approval-state"
    RELEASED = "released"
    CAMPAIGN_STARTED = "campaign-started"
    CAMPAIGN_ENDED = "campaign-ended"
    FINDING = "finding"
    OTHER_DECISION = "other-decision"  # of the other authority, from its own deployment


KIND_OF: Final[Mapping[str, Kinds]] = {
    Source.APPROVED: Kinds.APPROVAL,
    Source.APPROVAL_STATE: Kinds.APPROVAL,
    Source.RELEASED: Kinds.UPDATE,
    Source.CAMPAIGN_STARTED: Kinds.UPDATE,
    Source.CAMPAIGN_ENDED: Kinds.UPDATE,
    Source.FINDING: Kinds.FINDING,
    Source.OTHER_DECISION: Kinds.FILING,
    Matter.OTA_FILING: Kinds.FILING,
    Matter.ACCESS_FILING: Kinds.FILING,
    Matter.RECALL_FILING: Kinds.FILING,
    Matter.RECALL: Kinds.RECALL,
    Matter.RECALL_NOTICE: Kinds.RECALL,
    Matter.INCIDENT_REPORT: Kinds.INCIDENT,
    Matter.NEV_REPORT: Kinds.INCIDENT,
}
COLUMNS: Final = (
    "e_source",
    "e_row",
    "e_at",
    "e_owner",
    "e_number",
    "e_state",
    "e_detail",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom, about what, and what of the other's is shared today."""

    type: VehicleType
    mine: int
    other: int | None
    shared: frozenset[str]

    def whose(self, matter: Matter) -> list[int]:
        """Return the authorities whose matters of a kind the reader sees."""
        shared = self.other is not None and matter in self.shared
        return [self.mine, *([self.other] if shared and self.other is not None else [])]


def _rows(
    found: QuerySet[Any, Any],
    source: str,
    *,
    at: Any,
    number: Any,
    state: Any = "",
    detail: Any = "",
    owner: Any = None,
    row: str = "pk",
) -> QuerySet[Any, Any]:
    """Give rows of any table the shape of the line."""
    text: CharField[str, str] = CharField()
    whose = Value(None, BigIntegerField()) if owner is None else F(owner)
    made: QuerySet[Any, Any] = (
        found.order_by()
        .annotate(
            e_source=Value(source, text),
            e_row=Cast(row, BigIntegerField()),
            e_at=ExpressionWrapper(F(at), DateTimeField()),
            e_owner=Cast(whose, BigIntegerField()),
            e_number=Cast(F(number), text),
            e_state=Cast(F(state), text) if state else Value("", text),
            e_detail=Cast(F(detail), text) if detail else Value("", text),
        )
        .values_list(*COLUMNS)
    )
    return made


def _approved(asked: Asked) -> QuerySet[Any, Any]:
    found = ApprovalVersion.objects.filter(approval__type=asked.type.pk)
    return _rows(found, Source.APPROVED, at="at", number="approval__number", detail="version")


def _approval_state(asked: Asked) -> QuerySet[Any, Any]:
    found = Approval.objects.filter(type=asked.type.pk).exclude(state="in-force")
    return _rows(found, Source.APPROVAL_STATE, at="since", number="number", state="state")


def _released(asked: Asked) -> QuerySet[Any, Any]:
    found = Release.objects.filter(types=asked.type.pk, released_at__isnull=False)
    return _rows(
        found, Source.RELEASED, at="released_at", number="number", detail="manufacturer__slug"
    )


def _campaigns(asked: Asked) -> QuerySet[Campaign]:
    return Campaign.objects.filter(
        release__in=Release.objects.filter(types=asked.type.pk, released_at__isnull=False)
    )


def _started(asked: Asked) -> QuerySet[Any, Any]:
    found = _campaigns(asked).filter(started_at__isnull=False)
    return _rows(
        found, Source.CAMPAIGN_STARTED, at="started_at", number="release__number", state="state"
    )


def _ended(asked: Asked) -> QuerySet[Any, Any]:
    found = _campaigns(asked).filter(completed_at__isnull=False)
    return _rows(
        found, Source.CAMPAIGN_ENDED, at="completed_at", number="release__number", state="state"
    )


def _filings(matter: Matter) -> Callable[[Asked], QuerySet[Any, Any]]:
    def rows(asked: Asked) -> QuerySet[Any, Any]:
        found = Filing.objects.filter(
            authority__in=asked.whose(matter),
            manufacturer=asked.type.manufacturer_id,
            submitted_at__isnull=False,
            dossier__kind__in=FILINGS[matter],
        ).filter(_ABOUT[matter](asked.type))
        return _rows(
            found,
            matter,
            at="submitted_at",
            number="number",
            state="state",
            detail="dossier__kind",
            owner="authority",
        )

    return rows


def _about_updates(one: VehicleType) -> Q:
    """Of its releases; the filing of the type; the enterprise's own, on which both rest."""
    of_release = Release.objects.filter(types=one.pk)
    named = Q(dossier__kind=Kind.TYPE, dossier__content__details__types__contains=[one.code])
    return (
        Q(dossier__release__in=of_release)
        | _from_elsewhere(one)
        | named
        | Q(dossier__kind=Kind.CAPABILITY)
    )


def _from_elsewhere(one: VehicleType) -> Q:
    """Of a release that is at its manufacturer's deployment: what the dossier itself names."""
    named = Q(dossier__content__release__types__contains=[{"code": one.code}])
    return Q(dossier__release__isnull=True) & named


def _about_access(one: VehicleType) -> Q:
    versions = ApprovalVersion.objects.filter(approval__type=one.pk).values("filing_number")
    pending = Application.objects.filter(
        Q(approval__type=one.pk) | Q(approval__isnull=True, code=one.code),
        manufacturer=one.manufacturer_id,
    )
    of_release = Release.objects.filter(types=one.pk)
    return (
        Q(number__in=versions)
        | Q(number__in=pending.exclude(filing_number="").values("filing_number"))
        | Q(dossier__release__in=of_release)
        | _from_elsewhere(one)
    )


def _about_recalls(one: VehicleType) -> Q:
    plans = RecallPlan.objects.filter(defect__types=one.pk)
    reports = Report.objects.filter(plan__in=plans, filing__isnull=False)
    elsewhere = Q(
        manufacturer__deployment__gt="", dossier__content__details__types__contains=[one.code]
    )
    return (
        Q(pk__in=plans.exclude(filing=None).values("filing"))
        | Q(pk__in=reports.values("filing"))
        | elsewhere
    )


_ABOUT: Mapping[Matter, Callable[[VehicleType], Q]] = {
    Matter.OTA_FILING: _about_updates,
    Matter.ACCESS_FILING: _about_access,
    Matter.RECALL_FILING: _about_recalls,
}


def _recalls(asked: Asked) -> QuerySet[Any, Any]:
    newer = RecallPlan.objects.filter(
        manufacturer=OuterRef("manufacturer"),
        number=OuterRef("number"),
        version__gt=OuterRef("version"),
        filed_at__isnull=False,
    )
    found = RecallPlan.objects.filter(
        defect__types=asked.type.pk,
        filed_at__isnull=False,
        filing__authority__in=asked.whose(Matter.RECALL),
    ).exclude(Exists(newer))
    return _rows(
        found,
        Matter.RECALL,
        at="filed_at",
        number="number",
        state="state",
        detail="version",
        owner="filing__authority",
    )


def _notices(asked: Asked) -> QuerySet[Any, Any]:
    elsewhere = Q(
        defect__isnull=True,
        manufacturer=asked.type.manufacturer_id,
        types__contains=[asked.type.code],
    )
    found = RecallNotice.objects.filter(
        Q(defect__types=asked.type.pk) | elsewhere,
        authority__in=asked.whose(Matter.RECALL_NOTICE),
    )
    return _rows(
        found,
        Matter.RECALL_NOTICE,
        at="issued_at",
        number="number",
        state="state",
        owner="authority",
    )


def _reports(matter: Matter) -> Callable[[Asked], QuerySet[Any, Any]]:
    def rows(asked: Asked) -> QuerySet[Any, Any]:
        here = Q(report__incident__type=asked.type.pk)
        elsewhere = Q(report__incident__type=None, report__content__type__code=asked.type.code)
        found = Copy.objects.filter(
            here | elsewhere,
            authority__in=asked.whose(matter),
            report__incident__manufacturer=asked.type.manufacturer_id,
            report__series__in=REPORTS[matter],
        )
        return _rows(
            found,
            matter,
            at="sent_at",
            number="report__number",
            state="state",
            detail="report__series",
            owner="authority",
        )

    return rows


def _findings(asked: Asked) -> QuerySet[Any, Any]:
    """Both authorities get each finding, and read on it how the other settled its copy."""
    found = Referral.objects.filter(authority=asked.mine, finding__type=asked.type.pk)
    return _rows(
        found,
        Source.FINDING,
        at="at",
        number="finding__version",
        state="finding__state",
        detail="finding__kind",
        owner="authority",
        row="finding",
    )


def _other_decisions(asked: Asked) -> QuerySet[Any, Any]:
    """What the other authority decided, at its own deployment, about the content filed with us.

    The row is our filing, whose page says more.
    """
    kinds = [kind for matter in FILINGS for kind in FILINGS[matter]]
    ours = Filing.objects.filter(
        authority=asked.mine,
        manufacturer=asked.type.manufacturer_id,
        dossier__kind__in=kinds,
        dossier__kind=OuterRef("kind"),
        dossier__sha256=OuterRef("dossier_sha256"),
    ).filter(_about_updates(asked.type) | _about_access(asked.type) | _about_recalls(asked.type))
    found = OtherDecision.objects.filter(manufacturer=asked.type.manufacturer.slug)
    found = found.annotate(ours=Subquery(ours.order_by("pk").values("pk")[:1])).filter(
        ours__isnull=False
    )
    return _rows(
        found,
        Source.OTHER_DECISION,
        at="decided_at",
        number="number",
        state="decision",
        detail="kind",
        owner="authority",
        row="ours",
    )


SOURCES: Mapping[str, Callable[[Asked], QuerySet[Any, Any]]] = {
    Source.APPROVED: _approved,
    Source.APPROVAL_STATE: _approval_state,
    Source.RELEASED: _released,
    Source.CAMPAIGN_STARTED: _started,
    Source.CAMPAIGN_ENDED: _ended,
    Source.FINDING: _findings,
    Source.OTHER_DECISION: _other_decisions,
    **{one: _filings(one) for one in FILINGS},
    Matter.RECALL: _recalls,
    Matter.RECALL_NOTICE: _notices,
    **{one: _reports(one) for one in REPORTS},
}
