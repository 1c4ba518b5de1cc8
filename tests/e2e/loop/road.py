"""The vehicles of the loop: three simulated ones and Debian's SWUpdate, at a gateway of its own."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from roadworthy.cli.demo.cast import Cast
from roadworthy.cli.demo.organisations import TENANT
from roadworthy.cli.simulate import first_root
from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import code_signing, firmware, packing
from roadworthy.domains.software.code_signing import CodeSigner
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel import vin
from roadworthy.vehicle import events
from roadworthy.vehicle.agent import VehicleSpec
from roadworthy.vehicle.fleet import Fleet
from roadworthy.vehicle.swupdate import SwupdateSpec, SwupdateVehicle
from roadworthy.vehicle.trusted import TrustedImages
from tests.conformance import gateways
from tests.conformance.test_swupdate_cycle import wait_until

CODE, ECU, HARDWARE, OLD = "BETA", "frontCamera", "camera-a:1", "1.0.0"
FIRMWARE, REMEDY = "firmware/camera.bin", "1.1.0+remedy"
BEFORE, AFTER = (firmware.carried(one).content for one in (firmware.OLD, firmware.NEW))
SIMULATED = 3


@dataclass(frozen=True)
class Car:
    """A vehicle as its maker knows it."""

    vehicle_id: int
    controller_id: str
    vin: str
    token: str

    @property
    def spec(self) -> VehicleSpec:
        return VehicleSpec(self.controller_id, self.token, self.vin, OLD, ECU, HARDWARE)


@dataclass
class Road:
    """``real`` is SWUpdate; ``simulated`` are the others."""

    url: str
    signer: CodeSigner
    real: Car
    simulated: list[Car]
    home: Path

    @property
    def cars(self) -> list[Car]:
        return [self.real, *self.simulated]

    def happens(self, kind: str, function: str) -> int:
        """Let each simulated vehicle tell the gateway what happened to it, over HTTP."""
        luck = random.Random(1)
        specs = [one.spec for one in self.simulated]
        told = [events.made_up(one, kind, function, luck) for one in specs]
        with ThreadPoolExecutor(1) as thread:  # Playwright keeps a loop in this one
            return thread.submit(
                lambda: asyncio.run(events.tell(self.url, TENANT, specs, told))
            ).result()

    def fleet(self) -> Fleet:
        """Return the simulated vehicles as agents that believe what the parties have signed."""
        trust = TrustedImages(
            f"{self.url}/repo", root=first_root(self.url), home=self.home / "fleet-tuf"
        )
        return Fleet(
            self.url, TENANT, [one.spec for one in self.simulated], trust=trust, interval=1.0
        )

    @contextmanager
    def driving(self) -> Iterator[SwupdateVehicle]:
        """Let every vehicle ask the gateway from now on; begin when each was heard of."""
        with self.swupdate() as vehicle, self.fleet().running():
            silent = Vehicle.objects.filter(last_seen_at=None)
            wait_until(lambda: not silent.exists(), "some vehicle is silent")
            yield vehicle

    @contextmanager
    def swupdate(self) -> Iterator[SwupdateVehicle]:
        """Let SWUpdate leave the factory with the old firmware, and start."""
        versions = {
            hashlib.sha256(BEFORE).hexdigest(): OLD,
            hashlib.sha256(AFTER).hexdigest(): REMEDY,
        }
        spec = SwupdateSpec(
            controller_id=self.real.controller_id,
            token=self.real.token,
            gateway_url=self.url,
            tenant=TENANT,
            authority=self.signer.authority,
            vin=self.real.vin,
            ecu=ECU,
            hardware_id=HARDWARE,
            firmware=FIRMWARE,
            versions=versions,
        )
        with SwupdateVehicle(spec, self.home / "vehicle") as vehicle:
            vehicle.leave_factory(BEFORE)
            vehicle.start()
            yield vehicle


def remedy(signer: CodeSigner) -> bytes:
    """Return the image that removes the defect, packed and signed for SWUpdate."""
    package = packing.Package(REMEDY, [HARDWARE], "camera.bin", FIRMWARE)
    return b"".join(packing.pack(package, AFTER, signer))


@contextmanager
def built(cast: Cast, home: Path, database_url: str, work: Path) -> Iterator[Road]:
    """Register the vehicles, and run a gateway and the campaign engine as their own parts."""
    maker = cast.manufacturer_id
    rows = [
        vehicles.VehicleRow(
            number=number,
            vin=vin.compose(
                wmi="LTV", descriptor="BBBBB", year=2026, plant="A", serial=number
            ).text,
            controller_id=f"car-{number}",
            type_code=CODE,
            baseline={ECU: OLD},
        )
        for number in range(1, SIMULATED + 2)
    ]
    at = datetime.now(UTC)
    done = vehicles.register_vehicles(
        manufacturer_id=maker, rows=rows, actor=cast.actors[Role.HOMOLOGATION], at=at
    )
    assert not done.refused, done.refused
    campaigns.publish_tenant(manufacturer_id=maker, polling_sleep="00:00:05")
    campaigns.publish_vehicles(manufacturer_id=maker)
    by_name = {one.controller_id: one for one in done.registered}
    cars = [
        Car(by_name[row.controller_id].vehicle_id, row.controller_id, row.vin, token)
        for row in rows
        if (token := by_name[row.controller_id].token)
    ]
    signer = code_signing.create(work / "code", "secret", name="Starway", at=at)
    with ExitStack() as stack:
        url = stack.enter_context(gateways.gateway(home, database_url))
        stack.enter_context(gateways.running_engine())
        yield Road(url, signer, cars[0], cars[1:], work)
