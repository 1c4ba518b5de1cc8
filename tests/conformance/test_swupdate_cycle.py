"""Debian's SWUpdate as a vehicle: the whole cycle through the gateway, and what it refuses."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.campaigns.models import GatewayReport
from roadworthy.domains.campaigns.states import ActionState
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import code_signing, firmware, packing
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles import services
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel import vin
from roadworthy.vehicle.swupdate import Outcome, SwupdateSpec, SwupdateVehicle
from tests.conformance import gateways
from tests.domains.campaigns import roads
from tests.world import ECU, HARDWARE, NEW, OLD, World

pytestmark = [pytest.mark.swupdate, pytest.mark.slow]
TOKEN = "a-token-that-only-this-vehicle-knows"
FIRMWARE = "firmware/cluster.bin"
BEFORE, AFTER = (firmware.carried(v).content for v in (firmware.OLD, firmware.NEW))
VERSIONS = {hashlib.sha256(BEFORE).hexdigest(): OLD, hashlib.sha256(AFTER).hexdigest(): NEW}


@dataclass
class Cycle:
    """A campaign that offers one packed image to one SWUpdate."""

    road: roads.Road
    vehicle_id: int
    vehicle: SwupdateVehicle

    @property
    def state(self) -> ActionState:
        return self.road.state(self.vehicle_id)

    def wait_for(self, state: ActionState) -> None:
        wait_until(lambda: self.state == state, f"{state}, not {self.state}")


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.05)  # the engine tells nobody when it has moved an action


def registered(world: World, token: str) -> int:
    row = services.VehicleRow(
        number=1,
        vin=vin.compose(wmi="LTV", descriptor="AAAAA", year=2025, plant="A", serial=1).text,
        controller_id="swupdate-1",
        type_code="ALPHA",
        baseline={ECU: OLD},
        token=token,
    )
    done = services.register_vehicles(
        manufacturer_id=world.cast.manufacturer_id,
        rows=[row],
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    ids = [one.vehicle_id for one in done.registered]
    campaigns.publish_tenant(manufacturer_id=world.cast.manufacturer_id, polling_sleep="00:00:05")
    campaigns.publish_vehicles(manufacturer_id=world.cast.manufacturer_id, vehicle_ids=ids)
    return ids[0]


@pytest.fixture
def begin(world: World, database_url: str, tmp_path: Path) -> Iterator[Callable[..., Cycle]]:
    signer = code_signing.create(tmp_path / "code", "secret", name="Maker", at=datetime.now(UTC))
    with ExitStack() as stack:

        def start(*, hardware_id: str = HARDWARE, spoil: Callable[[bytes], bytes] = bytes) -> Cycle:
            package = packing.Package(NEW, [HARDWARE], "cluster.bin", FIRMWARE)
            image = spoil(b"".join(packing.pack(package, AFTER, signer)))
            release = world.released(image=image)
            world.now = datetime.now(UTC) - timedelta(hours=1)
            vehicle_id = registered(world, TOKEN)
            road = roads.road(world, vehicles=[vehicle_id], release=release)
            url = stack.enter_context(gateways.gateway(world.platform.home, database_url))
            stack.enter_context(gateways.running_engine())
            row = Vehicle.objects.get(pk=vehicle_id)
            spec = SwupdateSpec(
                controller_id=row.controller_id,
                token=TOKEN,
                gateway_url=url,
                tenant=road.tenant,
                authority=signer.authority,
                vin=row.vin or "",
                ecu=ECU,
                hardware_id=hardware_id,
                firmware=FIRMWARE,
                versions=VERSIONS,
            )
            vehicle = stack.enter_context(SwupdateVehicle(spec, tmp_path / "vehicle"))
            vehicle.leave_factory(BEFORE)
            vehicle.start()
            road.started()
            return Cycle(road, vehicle_id, vehicle)

        yield start


def reports(kind: str) -> list[GatewayReport]:
    return list(GatewayReport.objects.filter(kind=kind).order_by("id"))


def test_a_vehicle_installs_restarts_and_proves_what_it_runs(begin):
    cycle = begin()
    assert cycle.vehicle.update_once() is Outcome.INSTALLED
    cycle.wait_for(ActionState.PROVEN)
    assert cycle.vehicle.version == NEW
    assert cycle.vehicle.firmware.read_bytes() == AFTER
    (installed,) = vehicles.software_of([cycle.vehicle_id])[cycle.vehicle_id].values()
    assert (installed.version, installed.source) == (NEW, "vehicle")
    said = [report.body["data"]["sw_version"] for report in reports("attributes")]
    assert said[0] == OLD
    assert said[-1] == NEW
    swins = vehicles.swin_history(cycle.road.manufacturer_id, cycle.vehicle_id)
    assert len({swin.number for swin in swins}) == 4
    assert len(reports("download")) == 1


def test_a_vehicle_whose_self_test_fails_goes_back_and_says_so(begin):
    cycle = begin()
    assert cycle.vehicle.update_once(passes=lambda: False) is Outcome.ROLLED_BACK
    cycle.wait_for(ActionState.FAILED)
    assert cycle.vehicle.version == OLD
    assert cycle.vehicle.firmware.read_bytes() == BEFORE
    (installed,) = vehicles.software_of([cycle.vehicle_id])[cycle.vehicle_id].values()
    assert installed.version == OLD


def flip_a_byte_of_the_firmware(image: bytes) -> bytes:
    place = image.index(AFTER) + len(AFTER) // 2
    return image[:place] + bytes([image[place] ^ 1]) + image[place + 1 :]


def test_a_tampered_image_is_refused_and_recorded_as_a_failure(begin):
    cycle = begin(spoil=flip_a_byte_of_the_firmware)
    assert cycle.vehicle.update_once() is Outcome.REFUSED
    cycle.wait_for(ActionState.FAILED)
    assert cycle.vehicle.firmware.read_bytes() == BEFORE
    assert any("HASH mismatch" in words or "hecksum" in words for words in all_words())


def test_an_image_for_other_hardware_is_refused_and_recorded_as_a_failure(begin):
    """The register says it fits; the vehicle knows better."""
    cycle = begin(hardware_id=HARDWARE.split(":")[0] + ":other")
    assert cycle.vehicle.update_once() is Outcome.REFUSED
    cycle.wait_for(ActionState.FAILED)
    assert cycle.vehicle.version == OLD
    assert any("not compatible with hardware" in words for words in all_words())


def all_words() -> list[str]:
    return [
        message
        for report in reports("feedback")
        for message in report.body["status"].get("details", [])
    ]
