"""Counts beside their exposure; a mark where the manufacturer's own threshold is reached."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from roadworthy.domains.aftersales import policy, queries, services, signals
from roadworthy.domains.aftersales.policy import Levels
from roadworthy.domains.aftersales.signals import By
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import services as vehicles
from tests import telling
from tests.domains.campaigns import roads
from tests.world import ECU, NEW, OLD


def asked(light, by, at=None):
    mine = light.cast.manufacturer_id
    return signals.signals(mine, queries.policy(mine), by=by, at=at or light.now)


def set_levels(light, **given):
    policy.set_levels(levels=Levels(**given), actor=light.actor(Role.AFTER_SALES), at=light.tick())


@pytest.fixture
def cars(light):
    vehicles.learn_firmware(
        manufacturer_id=light.cast.manufacturer_id,
        type_ids=[light.type_id],
        ecu_name=ECU,
        version=NEW,
        actor=light.actor(Role.HOMOLOGATION),
        at=light.tick(),
    )
    return roads.register(light, 4) + roads.register(light, 2, first=11, version=NEW)


def test_a_vehicle_counts_once_and_what_was_taken_back_not_at_all(light, cars):
    telling.complaint(light, cars[0])
    telling.complaint(light, cars[0])
    gone = telling.complaint(light, cars[1])
    services.take_back(
        complaint_id=gone.pk, words="x", actor=light.actor(Role.AFTER_SALES), at=light.tick()
    )
    (one,) = asked(light, By.TYPE)
    assert (one.complaints, one.vehicles, one.exposed) == (2, 1, 6)
    assert one.per_thousand == Decimal(1000) / 6
    assert one.reached is None, "without a threshold nothing is marked"


def test_versions_are_counted_of_the_vehicles_that_ever_ran_them(light, cars):
    for car in (cars[0], cars[4], cars[5]):
        telling.complaint(light, car)
    found = {one.version: one for one in asked(light, By.VERSION)}
    assert (found[OLD].vehicles, found[OLD].exposed) == (1, 4)
    assert (found[NEW].vehicles, found[NEW].exposed) == (2, 2)


def test_functions_are_counted_of_their_type(light, cars):
    about = {"function_id": telling.function(light).pk}
    telling.complaint(light, cars[0], **about)
    telling.complaint(light, cars[1])
    (one,) = asked(light, By.FUNCTION)
    assert (one.vehicles, one.exposed, one.function_name["en"]) == (1, 6, "Highway assist")


@pytest.mark.parametrize(
    ("fewest", "rate", "reached"),
    [(2, None, True), (3, None, False), (2, "333.3", True), (2, "333.4", False), (3, "1", False)],
)
def test_every_part_of_the_threshold_must_be_reached(light, cars, fewest, rate, reached):
    set_levels(
        light,
        fewest_vehicles=fewest,
        per_thousand=Decimal(rate) if rate else None,
        window_days=30,
    )
    for car in cars[:2]:
        telling.complaint(light, car)
    (one,) = asked(light, By.TYPE)
    assert one.reached is reached


def test_only_the_span_of_days_is_counted(light, cars):
    set_levels(light, fewest_vehicles=1, window_days=30)
    telling.complaint(light, cars[0])
    assert asked(light, By.TYPE, light.now + timedelta(days=29))
    assert asked(light, By.TYPE, light.now + timedelta(days=31)) == []


def test_another_manufacturer_sees_no_counts(light, stranger, cars):
    telling.complaint(light, cars[0])
    other = stranger[Role.AFTER_SALES].organisation_id
    assert signals.signals(other, None, by=By.TYPE, at=light.now) == []
