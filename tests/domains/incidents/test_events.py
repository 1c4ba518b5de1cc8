"""What vehicles say happened to them becomes an incident, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from roadworthy.domains.incidents import events, holding, queries
from roadworthy.domains.incidents.models import GatewayEvent, Incident
from roadworthy.domains.incidents.states import Channel
from tests import telling
from tests.domains.campaigns import roads


@pytest.fixture
def car(light) -> int:
    return roads.register(light, 1)[0]


def say(light, event="disengagement", event_id="e-1", car="car-1", **more) -> GatewayEvent:
    at = light.tick()
    body = {"id": event_id, "event": event, "occurredAt": at.isoformat(), **more}
    return GatewayEvent.objects.create(
        tenant="MAKER", controller_id=car, event_id=event_id, body=body, received_at=at
    )


def test_an_event_becomes_an_incident_with_what_the_vehicle_said(light, car):
    function = telling.function(light)
    said = say(
        light,
        function=function.code,
        cdasState="active",
        software={"combinationMeter": "9.9"},
        recorders=["dssad"],
        speedKmh=88.5,
        place={"latitude": 31.23456, "longitude": 121.4},
        details="Camera lost",
    )
    assert events.take_all() == 1
    made = Incident.objects.get()
    assert (made.vehicle_id, made.function, made.cdas_state) == (car, function, "active")
    assert (made.learned_at, made.kinds) == (said.received_at, ["disengagement"])
    assert (made.latitude, made.known["speed_kmh"]) == (31.23, 88.5)
    (ran,) = queries.ran(made)
    assert (ran.version, ran.basis) == ("9.9", "event")
    ((account, versions),) = queries.accounts(made)
    assert (account.channel, versions[0].words) == (Channel.VEHICLE, "Camera lost")
    assert len(holding.of(made)) == 1, "held at once"
    assert made.owes


def test_the_same_event_again_is_the_same_incident(light, car):
    say(light)
    say(light)
    events.take_all()
    say(light)
    events.take_all()
    assert Incident.objects.count() == 1
    ignored = GatewayEvent.objects.order_by("pk").values_list("ignored", flat=True)
    assert list(ignored) == ["", "repeated", "repeated"]


def test_what_cannot_be_taken_stops_nothing(light, car):
    say(light, car="car-99")
    say(light, event="party", event_id="e-2")
    say(light, event="collision", event_id="e-3")
    assert events.take_all() == 3
    assert [one.trigger for one in Incident.objects.all()] == ["collision"]
    assert set(GatewayEvent.objects.values_list("ignored", flat=True)) == {
        "unknown-vehicle",
        "unreadable",
        "",
    }


@pytest.mark.parametrize(
    ("event", "observed", "kinds"),
    [
        ("thermal", ["smoke"], ["smoke"]),
        ("thermal", [], None),
        ("takeover-unanswered", [], None),
        ("update-failed", [], None),
        ("intrusion", [], ["intrusion"]),
    ],
)
def test_what_it_is_before_the_law_is_not_made_up(light, car, event, observed, kinds):
    say(light, event, observed=observed)
    events.take_all()
    assert Incident.objects.get().kinds == kinds


def test_a_clock_that_runs_ahead_is_not_believed(light, car):
    ahead = (light.now + timedelta(days=3)).isoformat()
    said = say(light, occurredAt=ahead)
    events.take_all()
    assert Incident.objects.get().occurred_at == said.received_at
