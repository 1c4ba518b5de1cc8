"""A policy reaches a vehicle as a signed release does, and only then anything leaves.

The real gateway delivers it, python-tuf's client vouches for it, the reference agent installs it.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roadworthy.egress import policy
from roadworthy.egress.buffer import Buffer
from roadworthy.egress.drive import Consent
from roadworthy.egress.policy import Kind, Policy
from roadworthy.egress.records import Measured
from roadworthy.trust import repository_files
from roadworthy.vehicle import outbound
from roadworthy.vehicle.agent import VehicleSpec
from roadworthy.vehicle.ddi import Gateway
from roadworthy.vehicle.flash import DirectoryFlash
from roadworthy.vehicle.outbound import ECU, Built, Outbound
from roadworthy.vehicle.record import Phase
from roadworthy.vehicle.trusted import TrustedImages
from tests.egress.policies import TO, rule
from tests.egress.scanner import findings
from tests.gateway import hosting
from tests.trust import worlds
from tests.vehicle import stand

EXACT = {"latitude": 31.230416, "longitude": 121.473701, "vin": "LSVAA4182E2184847"}


def now() -> datetime:
    return datetime.now(UTC)


def policy_for(tenant: str, **more: Any) -> Policy:
    rules = (
        rule("speed", consent=False, lowest=0, highest=300),
        rule("position", Kind.POSITION, precision_metres=1000),
        rule("cabin", Kind.VIDEO, in_car_only=True),
    )
    head = {"manufacturer": tenant, "vehicle_type": "S1", "version": uuid.uuid4().hex}
    return policy.make(**(head | more), rules=rules)


@dataclass
class Vehicle:
    """One vehicle, its agent's parts, and what leaves it."""

    fleet: hosting.Fleet
    car: hosting.Car
    spec: VehicleSpec
    flash: DirectoryFlash
    outbound: Outbound
    trust: Any = None
    outcome: Any = None

    def install(self, content: bytes, target: str = "", kept: bytes | None = None) -> Phase:
        """Let the agent do what it is offered."""
        deployment = stand.deploy(self.fleet, content, ecu=ECU, version="1", target=target)
        if kept is not None:
            path = self.fleet.keep(content)
            path.write_bytes(kept)
        self.car.offer(deployment)

        async def cycle() -> Phase:
            parts = {"flash": self.flash, "trust": self.trust or stand.Believing()}
            test = outbound.self_test(self.flash, self.outbound._built)
            ends = {Phase.PROVEN, Phase.REFUSED, Phase.FAILED}
            async with stand.agent_of(self.fleet, self.spec, self_test=test, **parts) as agent:
                await stand.drive(agent, lambda: agent.phase in ends)
                return agent.phase

        return asyncio.run(cycle())

    def measure(self, **items: Any) -> Any:
        measured = Measured(id=str(uuid.uuid4()), taken_at=now(), items=items, **TO)
        return self.outbound.measure(measured, at=now())

    def send(self) -> int:
        async def sending() -> int:
            async with Gateway(self.fleet.host.url, self.fleet.tenant) as gateway:
                ddi = gateway.vehicle(self.spec.controller_id, self.spec.token)
                return await self.outbound.send(ddi, clock=now)

        return asyncio.run(sending())

    def arrived(self) -> list[dict[str, Any]]:
        rows = self.fleet.connection.execute(
            "SELECT body FROM gateway_telemetry WHERE tenant = %s ORDER BY id", [self.fleet.tenant]
        ).fetchall()
        return [row[0] for row in rows]


def vehicle_of(fleet: hosting.Fleet, home: Path, trust: Any = None) -> Vehicle:
    car, spec = stand.vehicle(fleet, others={ECU: "0"})
    flash = DirectoryFlash(home / "flash")
    parts = Outbound(Built(fleet.tenant, "S1"), flash)
    return Vehicle(fleet, car, spec, flash, parts, trust)


def agreed(vehicle: Vehicle) -> None:
    """The driver switches everything on and agrees for a day."""
    for item in ("speed", "position", "cabin"):
        vehicle.outbound.drive.choose(item, TO["purpose"], on=True)
    day = timedelta(days=1)
    vehicle.outbound.drive.agree(Consent("position", TO["purpose"], now() - day, now() + day))


def test_a_signed_policy_counts_from_the_next_drive_on(
    own_settings: hosting.Settings, tmp_path: Path
) -> None:
    world = worlds.Repository()
    with hosting.hosting(own_settings) as host, hosting.fleet_of(host) as fleet:
        made = policy_for(fleet.tenant)
        content = policy.encode(made)
        path = worlds.PATH.replace("camera-0.2.5.swu", "S1-1.policy.json")
        world.contents = worlds.Contents(content)
        world.publish_image(
            worlds.release_target(path, content, ecu=ECU, version="1", hardware_id="")
        )
        repository_files.export(world.store, world.contents, own_settings.repository)
        trust = TrustedImages(f"{host.url}/repo", root=world.root_json, home=tmp_path / "tuf")
        vehicle = vehicle_of(fleet, tmp_path, trust)

        vehicle.outbound.start_drive()
        agreed(vehicle)
        assert vehicle.measure(speed=80).leaving is None
        assert vehicle.outbound.problem == "no policy is installed"
        assert vehicle.install(content, target=path) is Phase.PROVEN
        assert vehicle.measure(speed=80).leaving is None, "this drive began without it"

        vehicle.outbound.start_drive()
        assert vehicle.outbound.policy == made
        assert vehicle.measure(speed=80).leaving is None, "a new drive begins with all off"
        agreed(vehicle)
        filtered = vehicle.measure(speed=80, position=EXACT, cabin=b"film".hex(), mood="sad")
        assert filtered.withheld == {"cabin": "stays-in", "mood": "no-rule"}
        assert vehicle.send() == 1
        (body,) = vehicle.arrived()
        assert set(body["items"]) == {"speed", "position"}
        assert body["policy"] == made.digest
        left = json.dumps(body).encode()
        canaries = [b"LSVAA", b"31.2304", b"121.4737", b"film".hex().encode(), b"sad"]
        assert not findings(left, policy=json.loads(content), canaries=canaries, now=now())


def test_a_tampered_policy_is_refused_and_nothing_leaves(
    fleet: hosting.Fleet, tmp_path: Path
) -> None:
    content = policy.encode(policy_for(fleet.tenant))
    wider = content.replace(b'"precision_metres":1000', b'"precision_metres":1111')
    assert len(wider) == len(content)
    vehicle = vehicle_of(fleet, tmp_path)
    assert vehicle.install(content, kept=wider) is Phase.REFUSED
    vehicle.outbound.start_drive()
    agreed(vehicle)
    assert vehicle.measure(speed=80).withheld == {"speed": "no-policy"}


@pytest.mark.parametrize(
    "wrong", [b"{}", b"firmware", {"vehicle_type": "S2"}, {"manufacturer": "another"}]
)
def test_what_is_no_policy_of_this_type_gives_way_to_the_one_before(
    fleet: hosting.Fleet, tmp_path: Path, wrong: Any
) -> None:
    vehicle = vehicle_of(fleet, tmp_path)
    good = policy_for(fleet.tenant)
    assert vehicle.install(policy.encode(good)) is Phase.PROVEN
    if isinstance(wrong, dict):
        wrong = policy.encode(policy_for(fleet.tenant, **wrong))
    deployment = stand.deploy(fleet, wrong, ecu=ECU, version="2")
    vehicle.car.offer(deployment)

    async def cycle() -> Phase:
        test = outbound.self_test(vehicle.flash, vehicle.outbound._built)
        parts = {"flash": vehicle.flash, "self_test": test}
        async with stand.agent_of(fleet, vehicle.spec, **parts) as agent:
            before = len(agent.record.installs)
            await stand.drive(agent, lambda: len(agent.record.installs) > before)
            return agent.phase

    assert asyncio.run(cycle()) is Phase.FAILED
    vehicle.outbound.start_drive()
    assert vehicle.outbound.policy == good


def test_a_policy_that_is_damaged_in_the_vehicle_lets_nothing_out(
    fleet: hosting.Fleet, tmp_path: Path
) -> None:
    vehicle = vehicle_of(fleet, tmp_path)
    made = policy_for(fleet.tenant)
    assert vehicle.install(policy.encode(made)) is Phase.PROVEN
    (tmp_path / "flash" / "images" / made.digest).write_bytes(b"{}")
    vehicle.outbound.start_drive()
    agreed(vehicle)
    assert (vehicle.measure(speed=80).leaving, vehicle.outbound.problem) == (
        None, "the policy is damaged",
    )  # fmt: skip


def test_what_waits_goes_with_the_consent_or_with_its_period(
    fleet: hosting.Fleet, tmp_path: Path
) -> None:
    vehicle = vehicle_of(fleet, tmp_path)
    assert vehicle.install(policy.encode(policy_for(fleet.tenant))) is Phase.PROVEN
    vehicle.outbound.buffer = Buffer()
    vehicle.outbound.start_drive()
    agreed(vehicle)
    vehicle.measure(position=EXACT)
    vehicle.measure(speed=80)
    assert vehicle.outbound.withdraw("position", TO["purpose"]) == 1
    assert vehicle.measure(position=EXACT).withheld == {"position": "no-consent"}
    late = now() + timedelta(hours=2)
    assert vehicle.outbound.buffer.oldest(at=late) is None
    assert vehicle.send() == 0
    assert not vehicle.arrived()


def owner_says(vehicle: Vehicle, *, given: bool, withdrawn: bool = False) -> None:
    """Publish what the owner said outside the vehicle about its position."""
    topic = ("position", TO["purpose"])
    agreed = {"item": topic[0], "purpose": topic[1], "given_at": now().isoformat(), "until": None}
    vehicle.fleet.owner_says(
        vehicle.spec.controller_id, [agreed] if given else [], [topic] if withdrawn else []
    )


def hear(vehicle: Vehicle) -> int:
    async def hearing() -> int:
        async with Gateway(vehicle.fleet.host.url, vehicle.fleet.tenant) as gateway:
            ddi = gateway.vehicle(vehicle.spec.controller_id, vehicle.spec.token)
            return await vehicle.outbound.hear(ddi, at=now())

    return asyncio.run(hearing())


def test_what_the_owner_consents_to_elsewhere_leaves_until_they_withdraw(
    fleet: hosting.Fleet, tmp_path: Path
) -> None:
    vehicle = vehicle_of(fleet, tmp_path)
    assert vehicle.install(policy.encode(policy_for(fleet.tenant))) is Phase.PROVEN
    vehicle.outbound.start_drive()
    vehicle.outbound.drive.choose("position", TO["purpose"], on=True)
    assert vehicle.measure(position=EXACT).withheld == {"position": "no-consent"}

    owner_says(vehicle, given=True)
    assert hear(vehicle) == 0
    assert vehicle.measure(position=EXACT).leaving is not None
    assert vehicle.send() == 1

    vehicle.measure(position=EXACT)
    owner_says(vehicle, given=False, withdrawn=True)
    assert vehicle.send() == 0, "what waited went with the withdrawal"
    assert vehicle.measure(position=EXACT).withheld == {"position": "no-consent"}
    assert len(vehicle.arrived()) == 1


def test_an_owners_consent_is_not_held_longer_than_a_day_without_asking(
    fleet: hosting.Fleet, tmp_path: Path
) -> None:
    vehicle = vehicle_of(fleet, tmp_path)
    assert vehicle.install(policy.encode(policy_for(fleet.tenant))) is Phase.PROVEN
    vehicle.outbound.start_drive()
    vehicle.outbound.drive.choose("position", TO["purpose"], on=True)
    owner_says(vehicle, given=True)
    hear(vehicle)
    later = now() + outbound.HOLDS + timedelta(minutes=1)
    measured = Measured(id=str(uuid.uuid4()), taken_at=later, items={"position": EXACT}, **TO)
    assert vehicle.outbound.measure(measured, at=later).withheld == {"position": "no-consent"}
    vehicle.outbound.withdraw("position", TO["purpose"])
    hear(vehicle)
    assert vehicle.measure(position=EXACT).withheld == {"position": "no-consent"}, (
        "who said no in the vehicle is not overruled from outside"
    )
