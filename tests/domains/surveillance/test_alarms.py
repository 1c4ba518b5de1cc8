"""From counts to a defect analysis that opens by itself, and says why."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from roadworthy.domains.incidents.states import Trigger
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import queries as recalls
from roadworthy.domains.surveillance import alarm_words, alarms, counting, errors, exposure, queries
from roadworthy.domains.surveillance.alarms import Levels
from roadworthy.domains.surveillance.counting import Narrowed
from roadworthy.domains.surveillance.models import Exposure
from tests import happening, telling
from tests.domains.campaigns import roads
from tests.domains.surveillance.files import OWN, as_csv, rows_of, take
from tests.world import ECU, OLD


def own(light, tmp_path, *changes):
    path = tmp_path / "own.csv"
    path.write_text(as_csv(rows_of({**OWN, "function": "HWA"}, *changes)))
    return take(path, manufacturer_id=light.cast.manufacturer_id)


def several(count, **more):
    return ({"report_id": f"R-{n}", **more} for n in range(count))


def levels(light, role=Role.SAFETY, **given):
    base = {"fewest": 3, "window_days": 30, "false_alarm": None, "reason": "ours"}
    base |= {"applies_from": light.now.date()} | given
    return alarms.set_levels(levels=Levels(**base), actor=light.actor(role), at=light.tick())


def look(light):
    return alarms.look(manufacturer_id=light.cast.manufacturer_id, at=light.tick())


def test_without_a_level_nothing_is_opened(light, tmp_path):
    own(light, tmp_path, *several(50))
    assert look(light) == []


def test_n_similar_events_open_a_defect_analysis_once(light, tmp_path):
    telling.function(light)
    levels(light)
    own(light, tmp_path, *several(2))
    assert look(light) == [], "two are fewer than three"
    own(light, tmp_path, *several(3))
    [alarm] = look(light)
    assert alarm.why["incidents"] == 3
    [defect] = recalls.defects(light.cast.manufacturer_id)
    assert (defect.number, defect.origin) == (alarm.defect_number, "signal")
    assert "3 similar incidents in the last 30 days" in defect.reason["en"]
    assert Entry.objects.filter(event="signal:alarm").count() == 1
    assert look(light) == [], "one subject, one alarm"


def test_other_versions_old_ones_and_one_incident_twice_are_not_similar(light, tmp_path):
    telling.function(light)
    levels(light)
    old = str(light.now.date() - timedelta(days=40))
    own(
        light,
        tmp_path,
        {},
        {"report_id": "R-2", "software_version": "2"},
        {"report_id": "R-3", "occurred_on": old},
        {"report_id": "R-4", "incident_id": "X"},
        {"report_id": "R-5", "incident_id": "X", "reporter": "Dealer"},
    )
    assert look(light) == []


def test_the_platforms_incidents_count_as_well(light):
    function = telling.function(light)
    cars = roads.register(light, 3)
    levels(light)
    for car in cars:
        happening.incident(light, car, Trigger.DISENGAGEMENT, function_code=function.code)
    [alarm] = look(light)
    assert (alarm.register_id, alarm.function, alarm.why["incidents"]) == (None, "HWA", 3)
    assert recalls.defects(light.cast.manufacturer_id).get().function_id == function.pk


def test_where_no_type_is_known_the_alarm_says_so_and_opens_nothing(light, tmp_path):
    levels(light)
    own(light, tmp_path, *several(3, function="UNHEARD"))
    [alarm] = look(light)
    assert alarm.defect_number == ""


def test_a_version_with_a_higher_rate_is_found_and_without_exposure_is_not(light, tmp_path):
    telling.function(light)
    levels(light, fewest=None, false_alarm=Decimal("0.01"))
    bad = [{"report_id": f"B-{n}", "software_version": "2"} for n in range(20)]
    own(light, tmp_path, *several(20, software_version="1"), *bad)
    assert look(light) == [], "no exposure known, no rate"
    register = exposure.own_register(light.cast.manufacturer_id)
    for software, days in (("1", 100_000), ("2", 5_000)):
        exposure.enter(
            register_id=register.pk,
            function="HWA",
            software=software,
            month=date(2025, 6, 1),
            vehicle_days=days,
            actor=light.actor(Role.SAFETY),
            at=light.tick(),
        )
    [alarm] = look(light)
    assert (alarm.software, alarm.why["test"]) == ("2", "rate")
    assert "20起" in alarm_words.told(alarm)["zh-hans"]
    rows = {one.software: one for one in counting.counted(Narrowed(register.pk))}
    assert rows["2"].per_million == pytest.approx(4000)


def test_levels_are_the_manufacturers_own_and_dated(light, stranger):
    levels(light, fewest=3)
    later = light.now.date() + timedelta(days=10)
    levels(light, Role.COMPLIANCE_OFFICER, fewest=9, applies_from=later)
    mine = light.cast.manufacturer_id
    assert alarms.level(mine, light.now.date()).fewest == 3
    assert alarms.level(mine, later).fewest == 9
    assert alarms.level(stranger[Role.SAFETY].organisation_id, later) is None
    with pytest.raises(errors.NoLevel):
        levels(light, fewest=None)
    with pytest.raises(errors.LevelBackdated):
        levels(light, applies_from=light.now.date() - timedelta(days=1))
    with pytest.raises(errors.NotYourTask):
        levels(light, Role.MARKETING)


def test_vehicle_days_come_from_the_platforms_own_records(light):
    telling.function(light)
    roads.register(light, 3)
    later = light.now + timedelta(days=10)
    exposure.count_vehicle_days(manufacturer_id=light.cast.manufacturer_id, at=later)
    rows = {(one.function, one.software): one for one in Exposure.objects.all()}
    assert rows["HWA", ""].vehicle_days == 30
    assert rows["HWA", OLD].vehicle_days == 30
    register = rows["HWA", ""].register_id
    exposure.enter(
        register_id=register,
        function="HWA",
        software="",
        month=date(2025, 6, 1),
        vehicle_days=7,
        actor=light.actor(Role.SAFETY),
        at=light.tick(),
    )
    exposure.count_vehicle_days(manufacturer_id=light.cast.manufacturer_id, at=later)
    assert Exposure.objects.get(register=register, software="").vehicle_days == 7


def test_nobody_reads_anothers_register(light, stranger, tmp_path):
    done = own(light, tmp_path, {})
    mine, other = light.cast.manufacturer_id, stranger[Role.SAFETY].organisation_id
    assert queries.run(mine, done.run_id).imported == 1
    with pytest.raises(errors.NoSuchRun):
        queries.run(other, done.run_id)
    register = exposure.own_register(mine)
    with pytest.raises(errors.NoSuchRegister):
        counting.of_register(register.pk, other)
    report = counting.reports(Narrowed(register.pk)).get()
    assert counting.report(mine, report.pk)[0] == report
    with pytest.raises(errors.NoSuchReport):
        counting.report(other, report.pk)
    with pytest.raises(errors.NoSuchRegister):
        exposure.enter(
            register_id=register.pk,
            function="",
            software="",
            month=date(2025, 6, 1),
            vehicle_days=1,
            actor=stranger[Role.SAFETY],
            at=light.tick(),
        )


def test_incidents_are_alike_by_function_and_by_what_ran(light):
    telling.function(light)
    cars = roads.register(light, 4)
    levels(light)
    for car in cars[:3]:
        happening.incident(light, car, function_code="HWA")
    happening.incident(light, cars[3], function_code="HWA", software={ECU: "9.9"})
    [alarm] = look(light)
    assert (alarm.function, alarm.software) == ("HWA", f"{ECU} {OLD}")
    assert alarm.why["incidents"] == 3, "the fourth ran something else"
    [defect] = recalls.defects(light.cast.manufacturer_id)
    assert f"The software that ran: {ECU} {OLD}." in defect.reason["en"]


def test_where_no_version_is_alone_enough_the_function_is(light):
    telling.function(light)
    cars = roads.register(light, 5)
    levels(light)
    for car, version in zip(cars, "123", strict=False):
        happening.incident(light, car, function_code="HWA", software={ECU: version})
    [alarm] = look(light)
    assert (alarm.software, alarm.why["incidents"]) == ("", 3)
    for car in cars[3:]:
        happening.incident(light, car, function_code="HWA", software={ECU: "1"})
    [second] = look(light)
    assert second.software == f"{ECU} 1"
    assert second.defect_number == alarm.defect_number, "its analysis goes on"


def test_a_later_level_raises_an_alarm_again_by_what_happened_since(light, tmp_path):
    telling.function(light)
    levels(light)
    own(light, tmp_path, *several(3))
    [first] = look(light)
    light.tick(days=2)
    levels(light, fewest=2, reason="Two are enough.")
    assert look(light) == [], "what raised an alarm raises no second one"
    later = light.now.date().isoformat()
    own(light, tmp_path, *several(3), *list(several(5, occurred_on=later))[3:])
    [second] = look(light)
    assert (second.pk != first.pk, second.why["incidents"]) == (True, 2)
    assert second.defect_number == first.defect_number
    assert "Two are enough." in alarm_words.told(second)["en"]
    assert look(light) == []
