"""What can be asked about defects and recalls. The manufacturer comes first; it sees its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from roadworthy.domains.recalls import errors
from roadworthy.domains.recalls.models import Defect, InScope, RecallPlan, Remedied
from roadworthy.domains.recalls.states import IN_FORCE, LOCKING, PlanState
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
