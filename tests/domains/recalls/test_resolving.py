"""A scope on a generated fleet: SQL and the pure reading give the same answers."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from roadworthy.domains.recalls import resolving, scope
from roadworthy.domains.recalls.models import InScope, RecallPlan
from roadworthy.domains.vehicles.models import Ecu, InstalledSoftware, Vehicle, VehicleType
from roadworthy.kernel.vin import CHARACTERS
from tests import recalling
from tests.world import START

SEED, CARS, SCOPES = 626, 400, 60


def fleet(light, chance: random.Random) -> list[Vehicle]:
    """Vehicles of two types whose build dates and versions are known of most."""
    light.add_type("BETA")
    types = list(VehicleType.objects.filter(code__in=["ALPHA", "BETA"]))
    serials = ["".join(chance.choices("0123456789AB", k=3)) for _ in range(CARS)]
    made = Vehicle.objects.bulk_create(
        Vehicle(
            manufacturer_id=light.cast.manufacturer_id,
            type=chance.choice(types),
            vin=f"LTV{chance.choice(CHARACTERS)}AAAA0S{chance.choice('AB')}{n:03d}{serial}",
            controller_id=f"car-{n}",
            salt=b"x",
            registered_at=START,
            last_seen_at=START if chance.random() < 0.8 else None,
            built_on=date(2024, 1, 1) + timedelta(days=chance.randrange(365))
            if chance.random() < 0.9
            else None,
        )
        for n, serial in enumerate(serials)
    )
    ecus = {one.type_id: one for one in Ecu.objects.filter(type__in=types)}
    InstalledSoftware.objects.bulk_create(
        InstalledSoftware(
            vehicle=one,
            ecu=ecus[one.type_id],
            version=chance.choice(["1.0", "2.0", "3.0"]),
            since=START,
            source="vehicle",
        )
        for one in made
        if chance.random() < 0.85
    )
    return made


def term(chance: random.Random, cars: list[Vehicle], depth: int = 2) -> str:
    if depth and chance.random() < 0.5:
        one, other = (term(chance, cars, depth - 1) for _ in range(2))
        return chance.choice([f"({one} and {other})", f"({one} or {other})", f"not {one}"])
    low, high = sorted(chance.sample([car.vin[9:] for car in cars], 2))
    day = date(2024, 1, 1) + timedelta(days=chance.randrange(365))
    return chance.choice(
        [
            f"vin LTV******{low[:]} .. LTV******{high}"[:200],
            f"vin LTV{chance.choice(CHARACTERS)}*{chance.choice('0123456789AB')}",
            f"vin {', '.join(car.vin for car in chance.sample(cars, 5))}",
            f"built {day} .. {day + timedelta(days=90)}",
            f"built from {day}",
            "built unknown",
            f"ecu combinationMeter = {chance.choice(['1.0', '2.0, 3.0'])}",
            f"type {chance.choice(['ALPHA', 'BETA', 'GAMMA'])}",
        ]
    )


def draft(light, text: str, remedy: str = "both") -> RecallPlan:
    defect = recalling.defect(light)
    return RecallPlan.objects.create(
        manufacturer_id=light.cast.manufacturer_id,
        defect=defect,
        number=f"RC-{defect.pk}",
        scope={"text": text},
        remedy=remedy,
        obliged_on=date(2025, 6, 9),
        starts_on=date(2025, 7, 1),
        created_at=light.tick(),
    )


def agree(light, cars: list[Vehicle], text: str) -> None:
    """See that the rows of a scope are what the pure reading says of every vehicle."""
    plan = draft(light, text)
    resolving.resolve(plan_id=plan.pk, at=light.tick())
    rows = {
        row.vehicle_id: (row.included, row.clause)
        for row in InScope.objects.filter(plan_id=plan.pk)
    }
    read = scope.parse(text)
    for vehicle in cars:
        verdict = read.verdict(vehicle.facts)
        row = rows.get(vehicle.pk, (False, 0))
        assert row[0] is verdict.included, (text, vehicle.vin)
        if verdict.included is not None and row != (False, 0):
            assert row[1] == verdict.clause, (text, vehicle.vin)


def known_fleet(light, chance: random.Random) -> list[Vehicle]:
    cars = fleet(light, chance)
    for vehicle in cars:
        vehicle.facts = resolving.known(vehicle)
    return cars


def test_the_database_and_the_pure_reading_agree_on_every_vehicle(light):
    chance = random.Random(SEED)
    cars = known_fleet(light, chance)
    for _ in range(SCOPES):
        agree(
            light,
            cars,
            f"{term(chance, cars)}\n{term(chance, cars)}\nexcept {term(chance, cars, 1)}",
        )


def vins(chance: random.Random, cars: list[Vehicle]) -> str:
    """Name VINs in one of the ways in which many of them are looked up at once."""
    low, high = sorted(chance.sample([car.vin[9:] for car in cars], 2))
    one = chance.choice(cars).vin
    return chance.choice(
        [
            f"vin LTV******{low} .. LTV******{high}",
            f"vin {one[:9]}{low} .. {one[:9]}{high}",
            f"vin {one[:9]}{low[:4]}**** .. {one[:9]}{high[:4]}****",
            f"vin LTV{chance.choice(CHARACTERS)}*{chance.choice('0123456789AB')}, {one}",
            f"vin {', '.join(car.vin for car in chance.sample(cars, 5))}",
        ]
    )


def test_many_vins_are_looked_up_as_they_are_read_one_by_one(light):
    chance = random.Random(SEED)
    cars = known_fleet(light, chance)
    for _ in range(SCOPES // 4):
        lines = [vins(chance, cars) for _ in range(chance.randrange(3, 9))]
        lines.insert(2, term(chance, cars))
        lines += [f"except {vins(chance, cars)}" for _ in range(chance.randrange(5))]
        agree(light, cars, "\n".join(lines))


def test_of_two_ecus_of_one_name_either_may_run_the_version(light):
    cars = fleet(light, random.Random(SEED))
    one = cars[0]
    first = Ecu.objects.filter(type=one.type).latest("pk")
    second = Ecu.objects.create(
        type=one.type, name=first.name, address=first.address + 1, hardware_id="a:1"
    )
    InstalledSoftware.objects.filter(vehicle=one).delete()
    InstalledSoftware.objects.create(
        vehicle=one, ecu=second, version="9.0", since=START, source="vehicle"
    )
    one.facts = resolving.known(one)
    for versions, included in (("8.0, 9.0", True), ("1.0", False)):
        text = f"ecu {first.name} = {versions}"
        assert scope.parse(text).verdict(one.facts).included is included
        agree(light, [one], text)


def test_a_vehicle_that_no_update_reaches_goes_to_the_workshop_with_its_reason(light):
    cars = fleet(light, random.Random(SEED))
    plan = draft(light, "all")
    done = resolving.resolve(plan_id=plan.pk, at=light.tick())
    silent = [car for car in cars if car.last_seen_at is None]
    assert (done.vehicles, done.by_workshop) == (CARS, len(silent))
    assert done.by_ota == CARS - len(silent)
    reason = resolving.explain(plan, silent[0])
    assert (reason.included, reason.path) == (True, resolving.WORKSHOP)
    assert (reason.why_workshop, reason.clause.text) == (resolving.NEVER_HEARD, "all")


@pytest.mark.parametrize("text", ["type ALPHA", "vin *0"])
def test_a_plan_for_the_workshop_alone_needs_no_reason(light, text):
    fleet(light, random.Random(SEED))
    plan = draft(light, text, remedy="workshop")
    done = resolving.resolve(plan_id=plan.pk, at=light.tick())
    assert done.by_workshop == done.vehicles > 0
    assert not InScope.objects.filter(plan_id=plan.pk).exclude(why_workshop="").exists()
    assert resolving.resolve(plan_id=plan.pk, at=light.tick()) is None, "once is enough"
