"""What can be asked while a recall is followed. Ids of plans come from ``recalls.queries``.

Figures come from the counts beside the rows: a page asks for a few dozen rows, not for millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Sum

from roadworthy.domains.recalls.errors import NoSuchPlan
from roadworthy.domains.recalls.models import InScope, RecallPlan, Remedied
from roadworthy.domains.recalls.states import IN_FORCE
from roadworthy.domains.remedies import errors
from roadworthy.domains.remedies.models import (
    Answer,
    Completion,
    Contact,
    Count,
    FollowUp,
    Mailing,
    OwnerNotice,
    Report,
    Returned,
)
from roadworthy.domains.remedies.states import Figure

_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a recall stands. ``vehicles`` is the plan's resolved scope."""

    vehicles: int
    by_version: int
    by_workshop: int
    queued: int
    sent: int
    bounced: int
    accepted: int
    declined: int
    unreachable: int
    follow_up: int

    @property
    def remedied(self) -> int:
        """Return how many vehicles are proven to be remedied."""
        return self.by_version + self.by_workshop

    @property
    def reached(self) -> int:
        """Return how many notices were sent and did not come back: the others reached nobody."""
        return max(self.sent - self.bounced, 0)

    @property
    def left(self) -> int:
        return max(self.vehicles - self.remedied, 0)

    @property
    def percent(self) -> Decimal:
        """Return the completion in per cent, rounded down: 100.0 only if it is all."""
        if not self.vehicles:
            return Decimal("0.0")
        share = Decimal(self.remedied * 100) / self.vehicles
        return min(share, Decimal(100)).quantize(_TENTH, ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class Point:
    """The end of a day on the curve of completion."""

    on: date
    by_version: int
    by_workshop: int

    @property
    def total(self) -> int:
        return self.by_version + self.by_workshop


@dataclass(frozen=True, slots=True)
class OwnersRecall:
    """A recall as the owner of one vehicle sees it."""

    plan: RecallPlan
    vin_end: str
    choice: str
    is_remedied: bool
    path: str


def progress(plan_id: int) -> Progress:
    """Return where a recall stands."""
    plan = RecallPlan.objects.only("vehicles", "first").get(pk=plan_id)
    rows = Count.objects.filter(recall_id=plan.recall_id).values_list("figure").annotate(Sum("n"))
    told = {str(figure): int(n) for figure, n in rows.order_by("figure")}
    return Progress(
        vehicles=plan.vehicles,
        **{f.value.replace("-", "_"): told.get(f, 0) for f in Figure},
    )


def curve(plan_id: int) -> Sequence[Point]:
    """Return the curve of completion: for each day on which something was proven, the sums."""
    plan = RecallPlan.objects.only("first").get(pk=plan_id)
    days: dict[date, list[int]] = {}
    for figure, on, n in (
        Count.objects.filter(
            recall_id=plan.recall_id, figure__in=[Figure.BY_VERSION, Figure.BY_WORKSHOP]
        )
        .order_by("on")
        .values_list("figure", "on", "n")
    ):
        days.setdefault(on, [0, 0])[figure == Figure.BY_WORKSHOP] += n
    points, version, workshop = [], 0, 0
    for on, (one, other) in sorted(days.items()):
        version, workshop = version + one, workshop + other
        points.append(Point(on, version, workshop))
    return points


def mailings(plan_id: int) -> QuerySet[Mailing]:
    """Return how the owners of a plan are told."""
    return Mailing.objects.select_related("ordered_by").filter(plan_id=plan_id).order_by("pk")


def mailing(manufacturer_id: int, mailing_id: int) -> Mailing | None:
    """Return one mailing with its plan."""
    return (
        Mailing.objects.select_related("plan__manufacturer")
        .filter(manufacturer_id=manufacturer_id, pk=mailing_id)
        .first()
    )


def unqueued() -> list[int]:
    """Return the mailings that are ordered and not queued."""
    return list(Mailing.objects.filter(queued_at=None).order_by("pk").values_list("pk", flat=True))


def unposted() -> list[int]:
    """Return the mailings whose letters are posted and not noted as sent."""
    found = Mailing.objects.filter(posted_at__isnull=False, sent__lt=F("queued"))
    return list(found.order_by("pk").values_list("pk", flat=True))


def running() -> list[int]:
    """Return the plans in force, which are followed."""
    found = RecallPlan.objects.filter(state__in=IN_FORCE, resolved_at__isnull=False)
    return list(found.order_by("pk").values_list("pk", flat=True))


def followed(manufacturer_id: int) -> QuerySet[RecallPlan]:
    """Return the manufacturer's plans in force, newest first."""
    return (
        RecallPlan.objects.select_related("defect")
        .filter(manufacturer_id=manufacturer_id, state__in=IN_FORCE, resolved_at__isnull=False)
        .order_by("-pk")
    )


def plan_numbered(manufacturer_id: int, number: str) -> RecallPlan:
    """Return the newest version in force of the manufacturer's recall of that number.

    Raises:
        NoSuchPlan: there is none, or it is another manufacturer's.
    """
    found = followed(manufacturer_id).filter(number=number).first()
    if found is None:
        raise NoSuchPlan
    return found


def follow_ups(plan_id: int, *, reason: str = "", search: str = "") -> QuerySet[FollowUp]:
    """Return the vehicles that somebody has to follow up, with their VINs."""
    plan = RecallPlan.objects.only("first").get(pk=plan_id)
    found = FollowUp.objects.select_related("vehicle").filter(
        recall_id=plan.recall_id, ended_at__isnull=True
    )
    if reason:
        found = found.filter(reason=reason)
    if search:
        found = found.filter(vehicle__vin__startswith=search.strip().upper())
    return found.order_by("reason", "vehicle_id")


def returned(
    plan_id: int, *, channel: str = "", stage: str = "", search: str = ""
) -> QuerySet[Returned]:
    """Return the notices that came back, newest first; ``stage`` is "open" or "again".

    Each knows whether its vehicle is ``remedied``, and the owner's last ``answer``.
    """
    plan = RecallPlan.objects.only("first").get(pk=plan_id)
    of_vehicle = {"recall_id": plan.recall_id, "vehicle_id": OuterRef("vehicle_id")}
    found = (
        Returned.objects.select_related("vehicle", "mailing")
        .filter(recall_id=plan.recall_id)
        .annotate(
            remedied=Exists(Remedied.objects.filter(**of_vehicle)),
            answer=Subquery(Answer.objects.filter(**of_vehicle).values("choice")[:1]),
        )
    )
    if channel:
        found = found.filter(mailing__channel=channel)
    if stage:
        found = found.filter(again_at__isnull=stage == "open")
    if search:
        found = found.filter(vehicle__vin__startswith=search.strip().upper())
    return found.order_by("-pk")


def returned_one(manufacturer_id: int, returned_id: int) -> Returned:
    """Return one notice that came back and was not sent again.

    Raises:
        NotReturned: there is none, or it is another manufacturer's.
    """
    found = (
        Returned.objects.select_related("vehicle", "mailing__plan")
        .filter(pk=returned_id, mailing__manufacturer_id=manufacturer_id, again_at__isnull=True)
        .first()
    )
    if found is None:
        raise errors.NotReturned
    return found


def letter_of(
    manufacturer_id: int, plan_id: int, vehicle_id: int
) -> tuple[Mailing, Contact] | None:
    """Return the letter to the owner of a vehicle: the frozen words, and to whom."""
    notice = (
        OwnerNotice.objects.select_related("mailing__plan")
        .filter(
            mailing__plan_id=plan_id,
            mailing__manufacturer_id=manufacturer_id,
            mailing__channel="letter",
            vehicle_id=vehicle_id,
        )
        .first()
    )
    contact = Contact.objects.select_related("vehicle").filter(vehicle_id=vehicle_id).first()
    return (notice.mailing, contact) if notice and contact else None


def letters_of(plan_id: int) -> QuerySet[OwnerNotice]:
    """Return the letters of a plan, by vehicle."""
    return (
        OwnerNotice.objects.select_related("vehicle")
        .filter(mailing__plan_id=plan_id, mailing__channel="letter")
        .order_by("mailing_id", "vehicle_id")
    )


def completions(plan_id: int) -> QuerySet[Completion]:
    """Return what workshops reported, newest first."""
    plan = RecallPlan.objects.only("first").get(pk=plan_id)
    return (
        Completion.objects.select_related("vehicle")
        .filter(recall_id=plan.recall_id)
        .order_by("-pk")
    )


def reports(plan_id: int) -> QuerySet[Report]:
    """Return the drafted reports of a plan, newest first."""
    return (
        Report.objects.select_related("made_by", "filing").filter(plan_id=plan_id).order_by("-pk")
    )


def filed_reports(plan: RecallPlan) -> QuerySet[Report]:
    """Return the reports that were handed in, newest first: what SAMR reads of them."""
    return reports(plan.pk).filter(filing__submitted_at__isnull=False)


def remedied(plan_id: int, vehicle_ids: Sequence[int]) -> dict[int, Any]:
    """Return by vehicle when it was proven to be remedied: for an effect check with exposure."""
    plan = RecallPlan.objects.only("first").get(pk=plan_id)
    found = Remedied.objects.filter(recall_id=plan.recall_id, vehicle_id__in=vehicle_ids)
    return dict(found.values_list("vehicle_id", "at"))


def remedied_vehicles(plan_id: int) -> QuerySet[Remedied]:
    """Return the remedied vehicles of a recall and since when: exposure before and after."""
    plan = RecallPlan.objects.only("first").get(pk=plan_id)
    return Remedied.objects.filter(recall_id=plan.recall_id).order_by("vehicle_id")


def owners_recall(plan_id: int, vehicle_id: int) -> OwnersRecall | None:
    """Return a recall as the owner of a vehicle in its scope sees it."""
    scope = (
        InScope.objects.select_related("plan__manufacturer", "vehicle")
        .filter(plan_id=plan_id, vehicle_id=vehicle_id, included=True, plan__state__in=IN_FORCE)
        .first()
    )
    if scope is None:
        return None
    root = scope.plan.recall_id
    answer = Answer.objects.filter(recall_id=root, vehicle_id=vehicle_id).first()
    return OwnersRecall(
        plan=scope.plan,
        vin_end=(scope.vehicle.vin or "")[-6:],
        choice=answer.choice if answer else "",
        is_remedied=Remedied.objects.filter(recall_id=root, vehicle_id=vehicle_id).exists(),
        path=scope.path,
    )


def published_with(vin: str) -> list[tuple[RecallPlan, bool]]:
    """Return the published recalls with this VIN in scope, and whether it is remedied.

    Of a recall with several versions of its plan only the newest speaks.
    """
    scopes = InScope.objects.select_related("plan__manufacturer").filter(
        vehicle__vin=vin,
        included=True,
        plan__state__in=IN_FORCE,
        plan__published_on__isnull=False,
    )
    newest = {one.plan.recall_id: one for one in scopes.order_by("plan_id")}
    vehicles = [one.vehicle_id for one in newest.values()]
    done = set(
        Remedied.objects.filter(recall_id__in=newest, vehicle_id__in=vehicles).values_list(
            "recall_id", flat=True
        )
    )
    return [(one.plan, recall_id in done) for recall_id, one in newest.items()]
