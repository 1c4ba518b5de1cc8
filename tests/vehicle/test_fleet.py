"""Many vehicles at once against the real gateway, and against its sudden death."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from roadworthy.vehicle.conditions import Conditions
from roadworthy.vehicle.ddi import NotLetIn
from roadworthy.vehicle.fleet import Counts, DeadlinePassed, Fleet
from roadworthy.vehicle.record import Phase
from tests.gateway import hosting
from tests.vehicle import stand

MANY = 200
SECONDS = 60
PACE = {"interval": 0.2, "settled_interval": 60}


def simulated(fleet: hosting.Fleet, specs: list[stand.VehicleSpec], **more: object) -> Fleet:
    parts = {"trust": stand.Believing(), **PACE, **more}
    return Fleet(fleet.host.url, fleet.tenant, specs, **parts)  # type: ignore[arg-type]


def acknowledged(cars: Fleet) -> Counter[tuple[str, int | None, int]]:
    return Counter(
        (name, one.action_id, one.sequence)
        for name, record in cars.records.items()
        for one in record.acknowledged
        if one.kind == "feedback"
    )


def stored(fleet: hosting.Fleet) -> Counter[tuple[str, int | None, int]]:
    return Counter(
        (name, action, body["sequence"]) for name, action, _, body in fleet.reports("feedback")
    )


def test_many_vehicles_update_at_once_and_some_fail(fleet: hosting.Fleet) -> None:
    specs = stand.vehicles(fleet, MANY, stand.deploy(fleet))
    fails = {spec.controller_id for spec in specs[:5]}
    cars = simulated(fleet, specs, fails=fails)
    told: list[Counts] = []
    counts = cars.run_blocking(
        until=lambda counts: counts.settled == MANY, deadline=SECONDS, on_change=told.append
    )
    assert (counts[Phase.PROVEN], counts[Phase.FAILED]) == (MANY - 5, 5)
    assert told[-1] == counts
    assert all(one.total == MANY for one in told)
    assert all(len(record.installs) == 1 for record in cars.records.values())
    for name, record in cars.records.items():
        assert record.version == (stand.OLD if name in fails else stand.NEW)
    assert acknowledged(cars) == stored(fleet)


def test_a_gateway_that_is_killed_loses_nothing_and_nothing_is_installed_twice(
    own_settings: hosting.Settings,
) -> None:
    with hosting.hosting(own_settings) as host, hosting.fleet_of(host) as fleet:
        specs = stand.vehicles(fleet, MANY, stand.deploy(fleet))
        cars = simulated(fleet, specs)
        with cars.running():
            for share in (0.2, 0.6):
                cars.wait(lambda counts, n=MANY * share: counts[Phase.PROVEN] >= n, SECONDS)
                host.kill()
                host.start()
            counts = cars.wait(lambda counts: counts.settled == MANY, SECONDS)
        assert counts.troubles > 0
        assert counts[Phase.PROVEN] == MANY
        assert all(len(record.installs) == 1 for record in cars.records.values())
        assert acknowledged(cars) <= stored(fleet)
        results = Counter(
            action for _, action, _, body in fleet.reports("feedback") if "closed" in str(body)
        )
        assert len(results) == MANY


def test_a_fleet_with_a_home_goes_on_after_its_own_end(
    fleet: hosting.Fleet, tmp_path: Path
) -> None:
    specs = stand.vehicles(fleet, 20, stand.deploy(fleet))
    first = simulated(fleet, specs, home=tmp_path)
    first.run_blocking(until=lambda counts: counts[Phase.PROVEN] > 3, deadline=SECONDS)
    second = simulated(fleet, specs, home=tmp_path)
    counts = second.run_blocking(until=lambda counts: counts.settled == 20, deadline=SECONDS)
    assert counts[Phase.PROVEN] == 20
    installs = [
        action
        for cars in (first, second)
        for record in cars.records.values()
        for action in record.installs
    ]
    assert len(installs) == 20
    assert stand.is_once_each(installs)


def test_a_fleet_that_cannot_get_there_says_how_far_it_came(fleet: hosting.Fleet) -> None:
    specs = stand.vehicles(fleet, 3, stand.deploy(fleet))
    cars = simulated(fleet, specs, conditions=lambda _: Conditions(doors_can_open=False))
    with pytest.raises(DeadlinePassed, match="deferred 3"):
        cars.run_blocking(until=lambda counts: counts.settled == 3, deadline=1)


def test_a_fault_in_one_vehicle_ends_the_fleet(fleet: hosting.Fleet) -> None:
    specs = stand.vehicles(fleet, 2, stand.deploy(fleet))

    def broken(_: str) -> Conditions:
        raise ZeroDivisionError

    cars = simulated(fleet, specs, conditions=broken)
    with pytest.raises(ZeroDivisionError):
        cars.run_blocking(deadline=SECONDS)


def test_a_fault_beside_the_one_who_waits_is_raised_to_him(fleet: hosting.Fleet) -> None:
    specs = stand.vehicles(fleet, 1, stand.deploy(fleet))

    def broken(_: str) -> Conditions:
        raise ZeroDivisionError

    cars = simulated(fleet, specs, conditions=broken)
    with pytest.raises(ZeroDivisionError), cars.running():
        cars.wait(lambda counts: counts.settled == 1, SECONDS)


def test_wrong_tokens_are_trouble_and_nothing_else(fleet: hosting.Fleet) -> None:
    cars = simulated(fleet, [stand.VehicleSpec("nobody", "no token", "VIN", stand.OLD)])
    counts = cars.run_blocking(until=lambda counts: counts.troubles >= 2, deadline=SECONDS)
    assert counts[Phase.WAITING] == 1
    assert isinstance(cars.last_trouble, NotLetIn)


def test_an_empty_fleet_is_over_at_once(fleet: hosting.Fleet) -> None:
    counts = asyncio.run(simulated(fleet, []).run(until=lambda counts: not counts.total))
    assert counts.total == 0
