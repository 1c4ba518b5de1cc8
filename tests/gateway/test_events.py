"""What happened to a vehicle, told to a real gateway."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest

from tests.gateway.hosting import Car, Fleet

EVENT = {
    "id": "evt-1", "event": "disengagement", "occurredAt": "2025-06-09T03:00:00+08:00",
    "function": "HWA", "software": {"adas": "1.2"}, "details": "相机 \\ \t \n lost",
}  # fmt: skip


@pytest.fixture
def car(fleet: Fleet) -> Car:
    return fleet.car()


def stored(fleet: Fleet) -> list[Any]:
    return fleet.connection.execute(
        "SELECT controller_id, event_id, body FROM gateway_event WHERE tenant = %s ORDER BY id",
        [fleet.tenant],
    ).fetchall()


def test_an_event_is_durable_when_it_is_acknowledged(fleet: Fleet, car: Car) -> None:
    answer = car.request("POST", "/events", json=EVENT)
    assert (answer.status_code, answer.content) == (200, b"")
    assert stored(fleet) == [(car.id, "evt-1", EVENT)]
    again = car.request(
        "POST", "/events", content=cbor2.dumps(EVENT), headers={"Content-Type": "application/cbor"}
    )
    assert again.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "party"},
        {"id": ""},
        {"id": "a b"},
        {"occurredAt": "2025-06-09T03:00:00"},
        {"place": {"latitude": 91, "longitude": 0}},
        {"software": ["x"]},
        {"cdasState": "on"},
    ],
)
def test_what_cannot_be_read_is_refused_without_a_trace_of_ours(
    fleet: Fleet, car: Car, wrong: dict[str, Any]
) -> None:
    answer = car.request("POST", "/events", json=EVENT | wrong)
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert stored(fleet) == []


def test_only_the_vehicle_itself_tells_and_only_by_post(fleet: Fleet, car: Car) -> None:
    stranger = {"Authorization": "TargetToken wrong"}
    assert car.request("POST", "/events", json=EVENT, headers=stranger).status_code == 401
    assert car.request("GET", "/events").status_code == 405
    assert stored(fleet) == []


def test_a_null_character_is_refused_and_takes_nothing_with_it(fleet: Fleet, car: Car) -> None:
    answer = car.request("POST", "/events", json=EVENT | {"details": "\0"})
    assert answer.status_code == 400
    assert car.request("POST", "/events", json=EVENT).status_code == 200
