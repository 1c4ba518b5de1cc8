"""What can be asked about defects and recalls. The manufacturer comes first; it sees its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.recalls import errors
from roadworthy.domains.recalls.models import (
    Defect,
    Duty,
    InScope,
    PlanRelease,
    RecallNotice,
    RecallPlan,
    Remedied,
    Site,
    StopOrder,
)
from roadworthy.domains.recalls.resolving import OTA, WORKSHOP
from roadworthy.domains.recalls.states import IN_FORCE, LOCKING, UNDECIDED, PlanState, State
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State as Life
from roadworthy.domains.vehicles.models import Vehicle

ORDERS = {"number": "number", "opened": "opened_at", "state": "state"}


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a vehicle may be neither registered nor delivered."""

    defect: str  # its number
    plan: str  # its number; "" while there is no plan in force: then the whole type is locked


def defects(
    manufacturer_id: int,
    *,
    search: str = "",
    state: str = "",
    origin: str = "",
    sort: str = "-opened",
) -> QuerySet[Defect]:
    """Return the manufacturer's defects, newest first unless sorted otherwise."""
    found = Defect.objects.filter(manufacturer_id=manufacturer_id)
    if state:
        found = found.filter(state=state)
    if origin:
        found = found.filter(origin=origin)
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(title__icontains=search)
            | Q(pk__in=found.filter(types__code__icontains=search).values("pk"))
        )
    key = ORDERS.get(sort.removeprefix("-"), "opened_at")
    return found.order_by(f"-{key}" if sort.startswith("-") else key, "-pk")


def defect(manufacturer_id: int, defect_id: int) -> Defect:
    """Return one defect with its types.

    Raises:
        NoSuchDefect: there is none, or it is another manufacturer's.
    """
    found = (
        Defect.objects.select_related(
            "manufacturer", "function", "opened_by", "concluded_by", "decided_by"
        )
        .prefetch_related("types")
        .filter(manufacturer_id=manufacturer_id, pk=defect_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchDefect
    return found


def plans(manufacturer_id: int) -> QuerySet[RecallPlan]:
    """Return the manufacturer's plans in all their versions, newest first."""
    return (
        RecallPlan.objects.select_related("defect", "filing")
        .filter(manufacturer_id=manufacturer_id)
        .order_by("-pk")
    )


def plan(manufacturer_id: int, plan_id: int) -> RecallPlan:
    """Return one plan.

    Raises:
        NoSuchPlan: there is none, or it is another manufacturer's.
    """
    found = plans(manufacturer_id).filter(pk=plan_id).first()
    if found is None:
        raise errors.NoSuchPlan
    return found


def in_scope(plan_id: int, *, included: bool = True) -> QuerySet[InScope]:
    """Return the vehicles that a plan includes (or names and leaves out), by their ids."""
    return InScope.objects.filter(plan_id=plan_id, included=included).order_by("vehicle_id")


def sale_locked(manufacturer_id: int, vin: str) -> tuple[Lock, ...]:
    """Return why the manufacturer's vehicle may be neither registered nor delivered; () if it may.

    A VIN that is not the manufacturer's answers like one that is not locked.
    """
    vehicle = Vehicle.objects.filter(manufacturer_id=manufacturer_id, vin=vin).first()
    return () if vehicle is None else locks([vehicle]).get(vehicle.pk, ())


def locks_by_vin(manufacturer_id: int, vins: Iterable[str]) -> dict[str, tuple[Lock, ...]]:
    """Return the locks of the manufacturer's vehicles by VIN; of others there is nothing."""
    rows = list(Vehicle.objects.filter(manufacturer_id=manufacturer_id, vin__in=set(vins)))
    found = locks(rows)
    return {str(one.vin): found[one.pk] for one in rows if one.pk in found}


def locks(vehicles: Iterable[Vehicle]) -> dict[int, tuple[Lock, ...]]:
    """Return the locks of vehicles of one manufacturer, by vehicle.

    While a confirmed defect has no plan in force, all vehicles of its types are locked; then those
    in scope that are not proven to be remedied.
    """
    wanted = list(vehicles)
    if not wanted:
        return {}
    confirmed = list(
        Defect.objects.prefetch_related("types").filter(
            manufacturer_id=wanted[0].manufacturer_id, state__in=LOCKING
        )
    )
    in_force: dict[int, list[RecallPlan]] = {}
    for one in RecallPlan.objects.filter(
        defect__in=confirmed, state__in=IN_FORCE, resolved_at__isnull=False
    ).order_by("pk"):
        in_force.setdefault(one.defect_id, []).append(one)
    ids = [vehicle.pk for vehicle in wanted]
    every = [plan.pk for some in in_force.values() for plan in some]
    scoped = set(
        InScope.objects.filter(plan_id__in=every, vehicle_id__in=ids, included=True).values_list(
            "plan_id", "vehicle_id"
        )
    )
    roots = [plan.recall_id for some in in_force.values() for plan in some]
    done = set(
        Remedied.objects.filter(recall_id__in=roots, vehicle_id__in=ids).values_list(
            "recall_id", "vehicle_id"
        )
    )
    found: dict[int, list[Lock]] = {}
    for one_defect in confirmed:
        types = {one.pk for one in one_defect.types.all()}
        running = in_force.get(one_defect.pk, [])
        for vehicle in wanted:
            if not running and vehicle.type_id in types:
                found.setdefault(vehicle.pk, []).append(Lock(one_defect.number, ""))
            for plan in running:
                locked = (plan.pk, vehicle.pk) in scoped
                if locked and (plan.recall_id, vehicle.pk) not in done:
                    found.setdefault(vehicle.pk, []).append(Lock(one_defect.number, plan.number))
    return {key: tuple(value) for key, value in found.items()}


def live_plans(manufacturer_id: int) -> QuerySet[RecallPlan]:
    """Return the plans that are filed or carried out."""
    return plans(manufacturer_id).filter(state__in=[PlanState.FILED, PlanState.RUNNING])


def orders(defect: Defect) -> QuerySet[StopOrder]:
    """Return the orders to stop of a defect that its reader asked for, by site."""
    return (
        StopOrder.objects.select_related("site")
        .filter(defect=defect)
        .order_by("part", "site__code", "pk")
    )


def order(manufacturer_id: int, order_id: int) -> StopOrder:
    """Return one order to stop.

    Raises:
        NoSuchOrder: there is none, or it is another manufacturer's.
    """
    found = (
        StopOrder.objects.select_related("site", "defect")
        .filter(pk=order_id, defect__manufacturer_id=manufacturer_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchOrder
    return found


def order_document(manufacturer_id: int, order_id: int, sha256: str) -> Document:
    """Return a document that shows that an order came or was carried out.

    Raises:
        NoSuchOrder: there is no such order, or it rests on no such document.
    """
    found = order(manufacturer_id, order_id)
    if sha256 not in {one["sha256"] for one in found.evidence}:
        raise errors.NoSuchOrder
    return documents.document(manufacturer_id, sha256)


def sites(manufacturer_id: int, *, search: str = "", kind: str = "") -> QuerySet[Site]:
    """Return the plants, dealers and importers of a manufacturer, by code."""
    found = Site.objects.filter(manufacturer_id=manufacturer_id)
    if kind:
        found = found.filter(kind=kind)
    if search:
        found = found.filter(Q(code__icontains=search) | Q(name__icontains=search))
    return found.order_by("code")


def plans_of(defect: Defect) -> QuerySet[RecallPlan]:
    """Return the plans of a defect that its reader asked for, newest first."""
    return RecallPlan.objects.filter(defect=defect).select_related("filing").order_by("-pk")


def recalls(
    manufacturer_id: int, *, search: str = "", state: str = "", sort: str = "-number"
) -> QuerySet[RecallPlan]:
    """Return the newest version of each of a manufacturer's recalls."""
    newer = RecallPlan.objects.filter(
        manufacturer_id=OuterRef("manufacturer_id"),
        number=OuterRef("number"),
        version__gt=OuterRef("version"),
    ).exclude(state=PlanState.WITHDRAWN)
    found = plans(manufacturer_id).exclude(Exists(newer))
    if state:
        found = found.filter(state=state)
    if search:
        found = found.filter(
            Q(number__icontains=search)
            | Q(defect__number__icontains=search)
            | Q(defect__title__icontains=search)
        )
    key = {"number": "pk", "vehicles": "vehicles", "starts": "starts_on", "state": "state"}.get(
        sort.removeprefix("-"), "pk"
    )
    return found.order_by(f"-{key}" if sort.startswith("-") else key, "-pk")


def versions(plan: RecallPlan) -> QuerySet[RecallPlan]:
    """Return the versions of the recall of a plan that its reader asked for, newest first."""
    return RecallPlan.objects.filter(
        manufacturer_id=plan.manufacturer_id, number=plan.number
    ).order_by("-version")


def releases_of(plan: RecallPlan) -> QuerySet[PlanRelease]:
    """Return the releases that remove the defect, the most urgent first."""
    return PlanRelease.objects.select_related("release").filter(plan=plan).order_by("priority")


def campaigns_of(plan: RecallPlan) -> QuerySet[Campaign]:
    """Return the campaigns that bring those releases to vehicles, newest first."""
    return (
        Campaign.objects.select_related("release")
        .filter(release__in=PlanRelease.objects.filter(plan=plan).values("release"))
        .order_by("-pk")
    )


def duties(defect: Defect) -> QuerySet[Duty]:
    """Return what a defect and its recalls owe, what is due first in front."""
    return (
        Duty.objects.select_related("plan")
        .filter(defect=defect)
        .order_by(F("due_on").asc(nulls_first=True), "rule_id", "pk")
    )


def is_open(manufacturer_id: int, number: str) -> bool:
    """Say whether the analysis of that number, or the recall that came of it, goes on."""
    ended = (State.NOT_A_DEFECT, State.CLOSED)
    found = Defect.objects.filter(manufacturer_id=manufacturer_id, number=number)
    return found.exclude(state__in=ended).exists()


def open_duties(manufacturer_id: int) -> QuerySet[Duty]:
    """Return what a manufacturer's defects and recalls still owe."""
    return (
        Duty.objects.select_related("defect", "plan")
        .filter(manufacturer_id=manufacturer_id, fulfilled_at__isnull=True)
        .order_by(F("due_on").asc(nulls_first=True), "pk")
    )


class Numbered(QuerySet[InScope]):
    """Rows of which it is kept how many there are: to count millions takes longer than a page."""

    how_many: int | None = None

    def count(self) -> int:
        return super().count() if self.how_many is None else self.how_many


def vehicles(plan: RecallPlan, *, search: str = "", path: str = "", which: str = "in") -> Numbered:
    """Return the vehicles that a plan names: ``which`` is in, out or open."""
    which = which if which in {"out", "open"} else "in"
    included = {"in": True, "out": False, "open": None}[which]
    found = Numbered(InScope).select_related("vehicle__type").filter(plan_id=plan.pk)
    found = (
        found.filter(included__isnull=True) if included is None else found.filter(included=included)
    )
    if path:
        found = found.filter(path=path)
    if path == WORKSHOP and plan.remedy != WORKSHOP:
        found = found.exclude(why_workshop="")  # nothing else is by its index
    if search:
        found = found.filter(
            vehicle__in=Vehicle.objects.filter(
                manufacturer_id=plan.manufacturer_id, vin__startswith=search.strip().upper()
            )
        )
    found = found.order_by("vehicle_id")
    if plan.resolved_at is not None and not search:
        found.how_many = _kept_count(plan, path, which)
    return found


def _kept_count(plan: RecallPlan, path: str, which: str) -> int | None:
    """Return how many vehicles there are, where the plan's own counts say it."""
    if not path:
        return {"in": plan.vehicles, "out": plan.left_out, "open": plan.undecided}[which]
    return {OTA: plan.by_ota, WORKSHOP: plan.by_workshop}.get(path) if which == "in" else None


def waiting(manufacturer_id: int) -> int:
    """Return how many defects are not decided, or confirmed and without a plan before SAMR."""
    return Defect.objects.filter(
        manufacturer_id=manufacturer_id, state__in=[*UNDECIDED, State.CONFIRMED]
    ).count()


def release_choices(defect: Defect) -> QuerySet[Release]:
    """Return the releases that could remove a defect, newest first."""
    return (
        Release.objects.filter(manufacturer_id=defect.manufacturer_id, types__in=defect.types.all())
        .exclude(state=Life.WITHDRAWN)
        .distinct()
        .order_by("-pk")
    )


def notices(manufacturer_id: int) -> QuerySet[RecallNotice]:
    """Return SAMR's notices to a manufacturer, newest first."""
    return (
        RecallNotice.objects.select_related("defect", "authority", "manufacturer")
        .filter(manufacturer_id=manufacturer_id)
        .order_by("-pk")
    )


def notice(manufacturer_id: int, notice_id: int) -> RecallNotice:
    """Return one notice to a manufacturer.

    Raises:
        NoSuchNotice: there is none, or it is another manufacturer's.
    """
    found = notices(manufacturer_id).filter(pk=notice_id).first()
    if found is None:
        raise errors.NoSuchNotice
    return found
