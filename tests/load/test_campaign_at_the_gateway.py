"""What is decided in a campaign is what a vehicle hears from a real gateway, soon."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from roadworthy.domains.access.states import Action
from roadworthy.domains.campaigns import services
from roadworthy.domains.campaigns.models import GatewayReport
from roadworthy.domains.campaigns.states import Act, ActionState
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.gateway.settings import Settings
from roadworthy.kernel import vin
from tests.domains.campaigns.conftest import built
from tests.domains.campaigns.endings import approve, move
from tests.domains.campaigns.roads import Road, road
from tests.gateway import hosting
from tests.world import ECU, NEW, OLD

SOON = 3.0  # a second by design; the rest is for a busy machine


@dataclass
class Car:
    """A vehicle of the campaign, driven by hand."""

    client: httpx.Client
    controller_id: str
    token: str

    def request(self, method: str, below: str = "", **more: Any) -> httpx.Response:
        return self.client.request(
            method,
            f"/MAKER/controller/v1/{self.controller_id}{below}",
            headers={"Authorization": f"TargetToken {self.token}"},
            **more,
        )

    def links(self) -> set[str]:
        response = self.request("GET")
        assert response.status_code == 200, response.text
        return set(response.json()["_links"])

    def say(self, path: str, execution: str, finished: str = "none") -> int:
        body = {"status": {"execution": execution, "result": {"finished": finished}}}
        return self.request("POST", f"/{path}/feedback", json=body).status_code

    def hears(self, link: str, *, seconds: float = hosting.PATIENCE) -> float:
        """Wait until a link is there; return how long that took."""
        begin = time.monotonic()
        hosting.until(lambda: link in self.links(), seconds=seconds)
        return time.monotonic() - begin

    def hears_nothing(self) -> float:
        """Wait until there is nothing to do; return how long that took."""
        begin = time.monotonic()
        hosting.until(lambda: not self.links() & {"deploymentBase", "cancelAction"})
        return time.monotonic() - begin


@contextmanager
def on_the_road(database_url: str, home: Path) -> Iterator[tuple[Road, dict[int, Car]]]:
    """Start a campaign of three vehicles behind a real gateway."""
    settings = Settings(home=home, database_url=database_url, port=hosting.free_port())
    world = built(settings.images)
    world.now = datetime.now(UTC)
    maker = world.cast.manufacturer_id
    rows = [
        vehicles.VehicleRow(
            number=number,
            vin=vin.compose(
                wmi="LTV", descriptor="AAAAA", year=2025, plant="A", serial=number
            ).text,
            controller_id=f"car-{number}",
            type_code="ALPHA",
            baseline={ECU: OLD},
        )
        for number in (1, 2, 3)
    ]
    done = vehicles.register_vehicles(
        manufacturer_id=maker, rows=rows, actor=world.actor(Role.HOMOLOGATION), at=world.tick()
    )
    services.publish_tenant(manufacturer_id=maker)
    services.publish_vehicles(manufacturer_id=maker)
    with (
        hosting.hosting(settings) as host,
        httpx.Client(base_url=host.url, timeout=hosting.PATIENCE) as client,
    ):
        cars = {
            one.vehicle_id: Car(client, one.controller_id, one.token) for one in done.registered
        }
        yield road(world, vehicles=list(cars)).started(), cars


@pytest.mark.slow
def test_stop_pause_and_a_withdrawn_yes_reach_the_vehicles(
    transactional_db: None, database_url: str, tmp_path: Path
) -> None:
    with on_the_road(database_url, tmp_path) as (r, cars):
        first, second, third = cars
        ids = {vehicle_id: r.action(vehicle_id).pk for vehicle_id in cars}
        cars[first].hears_nothing()
        r.turn()
        for car in cars.values():
            car.hears("deploymentBase")
        # An emergency stop is heard within a second, and so is its end.
        r.take(Act.STOP, "smoke")
        assert cars[first].hears_nothing() < SOON
        assert cars[first].request("GET", f"/deploymentBase/{ids[first]}").status_code == 404
        r.take(Act.RESUME)
        assert cars[first].hears("deploymentBase") < SOON
        # A suspended approval is heard as soon, and goes on when a person says so.
        approval = approve(r.world)
        move(r.world, approval, Action.SUSPEND)
        assert cars[first].hears_nothing() < SOON
        move(r.world, approval, Action.RESUME, "Settled")
        r.take(Act.RESUME)
        assert cars[first].hears("deploymentBase") < SOON
        # A pause holds back who has not begun, and lets the others go on.
        assert cars[first].request("GET", f"/deploymentBase/{ids[first]}").status_code == 200
        hosting.until(GatewayReport.objects.filter(kind="retrieved").exists)  # it goes out later
        r.turn()
        r.take(Act.PAUSE)
        assert cars[third].hears_nothing() < SOON
        assert "deploymentBase" in cars[first].links()
        r.take(Act.RESUME)
        cars[third].hears("deploymentBase")
        # A "no" after the instruction was fetched: what the vehicle says still counts.
        assert cars[second].request("GET", f"/deploymentBase/{ids[second]}").status_code == 200
        r.answer(second, "no")
        cars[second].hears_nothing()
        assert cars[second].say(f"deploymentBase/{ids[second]}", "proceeding") == 200
        r.turn()
        assert r.state(second) == ActionState.CANCELLING
        cars[second].hears("cancelAction")
        assert cars[second].say(f"cancelAction/{ids[second]}", "closed", "success") == 200
        # Success is what is seen running.
        assert cars[first].say(f"deploymentBase/{ids[first]}", "closed", "success") == 200
        r.turn()
        cars[first].hears("installedBase")
        assert "configData" in cars[first].links()
        body = {"mode": "merge", "data": {"ecu": ECU, "sw_version": NEW}}
        assert cars[first].request("PUT", "/configData", json=body).status_code == 200
        assert cars[first].say(f"deploymentBase/{ids[first]}", "closed", "success") == 410
        r.turn()
        assert r.states() == {"proven": 1, "cancelled": 1, "offered": 1}
