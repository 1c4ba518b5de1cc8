"""A recall plan in force with vehicles in its scope, as the tests of following it need one."""

from __future__ import annotations

from datetime import date
from typing import Any

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls.models import Defect, InScope, RecallPlan
from roadworthy.domains.recalls.states import PlanState, State
from roadworthy.domains.remedies.models import Contact
from roadworthy.domains.vehicles.models import Vehicle
from tests import recalling
from tests.domains.campaigns import roads

TEXTS = {
    "defect": {"zh-hans": "仪表警示延迟。", "en": "The cluster warns late."},
    "consequence": {"zh-hans": "驾驶人可能错过警示。", "en": "The driver may miss a warning."},
    "emergency_advice": {"zh-hans": "勿依赖警示。", "en": "Do not rely on the warning."},
    "remedy": {"zh-hans": "远程升级仪表软件。", "en": "The cluster's software is updated."},
}


def plan(
    world: Any, vehicles: int = 3, *, first: int = 1, **other: Any
) -> tuple[RecallPlan, list[int]]:
    """Return a filed and published plan and the vehicles of its scope, the last by workshop."""
    cars = roads.register(world, vehicles, first=first)
    defect = recalling.confirmed(world)
    Defect.objects.filter(pk=defect.pk).update(state=State.RECALL_PLANNED)
    given: dict[str, Any] = {
        "manufacturer_id": world.cast.manufacturer_id,
        "defect": defect,
        "number": "RC-2025-0001",
        "state": PlanState.RUNNING,
        "texts": TEXTS,
        "remedy": "both",
        "hotline": "400-000-0000",
        "obliged_on": date(2025, 6, 3),
        "starts_on": date(2025, 6, 10),
        "created_at": world.tick(),
        "created_by_id": world.actor(Role.RECALL).user_id,
        "resolved_at": world.now,
        "vehicles": len(cars),
        "published_on": date(2025, 6, 10),
    }
    made = RecallPlan.objects.create(**(given | other))
    InScope.objects.bulk_create(
        [
            InScope(
                plan=made,
                vehicle_id=car,
                included=True,
                clause=0,
                path="workshop" if car == cars[-1] else "ota",
            )
            for car in cars
        ]
    )
    return made, cars


def contact(car: int, world: Any, **other: str) -> Contact:
    """Let the owner of a vehicle be known."""
    given = {"name": "张三", "address": "合肥市一路1号", "email": "owner@example.org", "phone": "1"}
    return Contact.objects.create(vehicle_id=car, updated_at=world.now, **(given | other))


def vin_of(car: int) -> str:
    return str(Vehicle.objects.get(pk=car).vin)
