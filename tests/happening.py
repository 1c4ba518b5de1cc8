"""Incidents in a world, taken through the real services."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from roadworthy.domains.incidents import intake
from roadworthy.domains.incidents.intake import Told
from roadworthy.domains.incidents.models import Incident
from roadworthy.domains.incidents.states import Trigger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.models import Vehicle

WORDS = "匝道汇入时系统突然退出，车辆偏离车道，驾驶员接管。"


def vin(vehicle_id: int) -> str:
    found = Vehicle.objects.get(pk=vehicle_id).vin
    assert found
    return found


def incident(
    world: Any,
    vehicle_id: int = 0,
    trigger: Trigger = Trigger.DISENGAGEMENT,
    *,
    learned_at: datetime | None = None,
    words: str = WORDS,
    stated: dict[str, Any] | None = None,
    **other: Any,
) -> Incident:
    """Let safety enter an incident of a vehicle, or of the world's type."""
    about = {"vin": vin(vehicle_id)} if vehicle_id else {"type_code": "ALPHA"}
    at = world.tick()
    told = Told(
        trigger=trigger,
        learned_at=learned_at or at,
        words=words,
        stated=stated or {},
        **(about | other),
    )
    return intake.enter(told=told, actor=world.actor(Role.SAFETY), at=at)[0]
