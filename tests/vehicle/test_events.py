"""What a simulated vehicle tells is what the gateway takes."""

from __future__ import annotations

import random

import msgspec
import pytest

from roadworthy.gateway.events import Happened
from roadworthy.vehicle import events
from roadworthy.vehicle.agent import VehicleSpec


@pytest.mark.parametrize("kind", events.KINDS)
def test_a_made_up_event_has_the_gateways_form(kind: str) -> None:
    spec = VehicleSpec("car-1", "token", "LTVAAAAA0SA000001", "1.0.0", "meter")
    told = events.made_up(spec, kind, "HWA", random.Random(1))
    happened = msgspec.convert(told, Happened)
    assert (happened.event, happened.software) == (kind, {"meter": "1.0.0"})
    assert events.made_up(spec, kind, "HWA", random.Random(1))["id"] != told["id"]
