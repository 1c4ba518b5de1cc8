"""Vehicles that tell their gateway what happened to them, for trying things out.

The words are those of the gateway's own address for events; what is made up is the road.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from roadworthy.vehicle.agent import VehicleSpec
from roadworthy.vehicle.ddi import Gateway

KINDS = (
    "disengagement",
    "collision",
    "takeover-unanswered",
    "update-failed",
    "intrusion",
    "thermal",
)
_PLACES = ((31.23, 121.47), (39.9, 116.4), (22.54, 114.06), (30.27, 120.15))


def made_up(spec: VehicleSpec, kind: str, function: str, luck: random.Random) -> dict[str, Any]:
    """Return an event of a vehicle that runs what its spec says."""
    latitude, longitude = luck.choice(_PLACES)
    return {
        "id": str(uuid.uuid4()),
        "event": kind,
        "occurredAt": datetime.now(UTC).isoformat(),
        "function": function,
        "cdasState": "active",
        "software": {spec.ecu: spec.version},
        "recorders": ["edr", "dssad"],
        "speedKmh": luck.randrange(60, 120),
        "place": {
            "latitude": round(latitude + luck.uniform(-0.3, 0.3), 2),
            "longitude": round(longitude + luck.uniform(-0.3, 0.3), 2),
        },
    }


async def tell(
    address: str,
    tenant: str,
    specs: Sequence[VehicleSpec],
    events: Iterable[dict[str, Any]],
) -> int:
    """Let each vehicle tell its event; return how many were taken.

    Raises:
        Unreachable, NotLetIn, Refused: the gateway does not take one.
    """
    async with Gateway(address, tenant) as gateway:
        told = [
            gateway.vehicle(spec.controller_id, spec.token).happened(event)
            for spec, event in zip(specs, events, strict=True)
        ]
        await asyncio.gather(*told)
    return len(told)
