"""Whether a remedy does: each vehicle beside itself, before and after it was remedied."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls.models import Remedied
from roadworthy.domains.surveillance import alarms, effect
from roadworthy.domains.surveillance.alarms import Levels
from roadworthy.domains.surveillance.effect import Missing, Verdict
from roadworthy.domains.surveillance.sequential import Month
from tests import following, happening


def level(light):
    alarms.set_levels(
        levels=Levels(None, 30, Decimal("0.05"), "ours", light.now.date()),
        actor=light.actor(Role.SAFETY),
        at=light.tick(),
    )


def found(light, plan):
    effect.count(plan_id=plan.pk, at=light.now)
    return effect.of_plan(plan, on=light.now.date())


def test_without_a_count_a_remedied_vehicle_or_a_level_nothing_can_be_said(light):
    plan, cars = following.plan(light)
    assert effect.of_plan(plan, on=light.now.date()).missing == Missing.NOT_COUNTED
    light.tick(days=10)
    assert found(light, plan).missing == Missing.NO_VEHICLE_DAYS
    Remedied.objects.create(recall_id=plan.pk, vehicle_id=cars[0], at=light.now)
    light.tick(days=10)
    shown = found(light, plan)
    assert (shown.verdict, shown.missing) == (Verdict.UNDETERMINED, Missing.NO_LEVEL)


def test_each_vehicle_drives_before_and_after_its_own_remedy(light):
    plan, cars = following.plan(light)
    level(light)
    start = light.now
    happening.incident(light, cars[0])
    happening.incident(light, cars[1])
    light.now = start + timedelta(days=40)
    Remedied.objects.create(recall_id=plan.pk, vehicle_id=cars[0], at=light.now)
    light.tick(days=1)
    happening.incident(light, cars[0])  # after its remedy
    happening.incident(light, cars[2])  # not remedied: still before
    light.now = start + timedelta(days=60)
    shown = found(light, plan)
    assert (shown.before.incidents, shown.after.incidents) == (3, 1)
    days = (light.now.date() - start.date()).days
    assert shown.after.vehicle_days == days - 40
    assert shown.before.vehicle_days == 2 * days + 40
    assert [one.on for one in shown.months] == [
        date(2025, 6, 1),
        date(2025, 7, 1),
        date(2025, 8, 1),
    ]
    assert (shown.verdict, shown.missing) == (Verdict.NOT_SHOWN, None)


def test_a_signal_that_vanishes_and_one_that_does_not_are_told_apart():
    before = Month(date(2025, 5, 1), 60, 100_000, 0, 0)
    quiet = Month(date(2025, 6, 1), 0, 1_000, 0, 100_000)
    some = Month(date(2025, 6, 1), 0, 1_000, 10, 100_000)
    same = Month(date(2025, 6, 1), 0, 1_000, 55, 100_000)
    worse = Month(date(2025, 6, 1), 0, 1_000, 160, 100_000)
    verdicts = [effect.judged([before, one], 0.05)[0] for one in (quiet, some, same, worse)]
    assert verdicts == [Verdict.GONE, Verdict.FEWER, Verdict.NOT_SHOWN, Verdict.MORE]
