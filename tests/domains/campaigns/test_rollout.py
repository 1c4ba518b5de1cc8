"""Groups open on proof, pause on failures, and nothing goes faster or longer than it may."""

from __future__ import annotations

import json

import pytest

from roadworthy.domains.campaigns import engine, queries, rollout, services
from roadworthy.domains.campaigns.models import Action, Group
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import Act, ActionState, State
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles import reporting
from tests.domains.campaigns.roads import register, road
from tests.world import ECU, NEW

HALVES = (GroupPlan(50, 100, 50), GroupPlan(50, 100, 50))


def in_group(r, number: int) -> list[int]:
    found = Action.objects.filter(campaign=r.campaign, group__number=number)
    return list(found.order_by("id").values_list("vehicle_id", flat=True))


def opened(r) -> list[bool]:
    groups = Group.objects.filter(campaign=r.campaign).order_by("number")
    return [group.opened_at is not None for group in groups]


def test_the_next_group_opens_when_enough_are_proven_and_not_when_they_are_installed(light):
    r = road(light, vehicles=4, groups=HALVES).started()
    r.turn()
    assert opened(r) == [True, False]
    first = in_group(r, 1)
    for vehicle_id in first:
        r.report(vehicle_id, "retrieved")
        r.feedback(vehicle_id, "closed", "success")
    r.turn()
    assert opened(r) == [True, False]
    r.says(first[0], NEW)
    r.turn()
    assert opened(r) == [True, False]
    r.says(first[1], NEW)
    r.turn()
    assert opened(r) == [True, True]
    assert {r.state(v) for v in in_group(r, 2)} == {ActionState.OFFERED}


def test_declined_owners_hold_no_group_back_and_count_as_no_success(light):
    r = road(light, vehicles=4, groups=HALVES)
    no, yes = in_group(r, 1)
    r.started(declined=[no])
    r.turn()
    r.installs(yes)
    r.turn()
    assert opened(r) == [True, True]
    for vehicle_id in in_group(r, 2):
        r.installs(vehicle_id)
    r.turn()
    r.turn()
    assert r.refresh().state == State.COMPLETED
    progress = queries.progress(r.campaign, light.now)
    assert (progress.proven, progress.declined, progress.proven_percent) == (3, 1, 75.0)


def test_a_group_in_which_everyone_declined_passes_and_one_that_waits_does_not(light):
    r = road(light, vehicles=4, groups=HALVES)
    silent, no = in_group(r, 1)
    r.publish()
    r.take(Act.NOTIFY)
    r.answer(no, "no")
    for vehicle_id in in_group(r, 2):
        r.answer(vehicle_id)
    r.take(Act.START)
    r.turn()
    assert opened(r) == [True, False]
    r.answer(silent, "no")
    r.turn()
    assert opened(r) == [True, True]


def test_too_many_failures_pause_the_campaign_and_say_why(light):
    r = road(light, vehicles=4, groups=(GroupPlan(100, 50, 50),)).started()
    r.turn()
    for vehicle_id in list(r.tokens)[:2]:
        r.report(vehicle_id, "retrieved")
        r.feedback(vehicle_id, "closed", "failure", "power too low")
    r.turn()
    assert r.refresh().state == State.PAUSED
    assert "2 of 4 failed" in r.campaign.pause_reason["en"]
    entry = json.loads(bytes(Entry.objects.filter(event="campaign:state:changed").last().body))
    assert entry["actor"]["role"] == Role.PLATFORM
    assert entry["data"]["action"] == "pause"
    assert {r.row(v).kind for v in list(r.tokens)[2:]} == {""}


def test_a_person_can_accept_failures_and_only_new_ones_pause_again(light):
    r = road(light, vehicles=4, groups=(GroupPlan(100, 50, 25),)).started()
    r.turn()
    first, second, third, fourth = r.tokens
    r.report(first, "retrieved")
    r.feedback(first, "closed", "failure")
    r.turn()
    assert r.refresh().state == State.PAUSED
    r.take(Act.RESUME)
    r.turn()
    assert r.refresh().state == State.RUNNING
    for vehicle_id in (second, third):
        r.installs(vehicle_id)
    r.turn()
    assert r.refresh().state == State.RUNNING
    r.report(fourth, "retrieved")
    r.feedback(fourth, "closed", "failure")
    r.turn()
    assert r.refresh().state == State.PAUSED


def test_a_group_that_can_no_longer_reach_its_threshold_pauses_instead_of_hanging(light):
    plans = (GroupPlan(50, 100, 90), GroupPlan(50, 100, 90))
    r = road(light, vehicles=4, groups=plans).started()
    r.turn()
    good, bad = in_group(r, 1)
    r.installs(good)
    r.report(bad, "retrieved")
    r.feedback(bad, "closed", "failure")
    r.turn()
    assert r.refresh().state == State.PAUSED
    assert "Group 1: fewer than 100%" in r.campaign.pause_reason["en"]
    r.take(Act.RESUME)
    r.turn()
    assert r.refresh().state == State.RUNNING
    assert opened(r) == [True, True]


def test_the_rate_cap_holds_over_every_minute(light):
    r = road(light, vehicles=5, rate_per_minute=2).started()
    start = light.now
    assert engine.turn(start) == 2
    assert engine.turn(start + rollout.MINUTE / 2) == 0
    assert engine.turn(start + rollout.MINUTE) == 2
    assert engine.turn(start + rollout.MINUTE * 2) == 1
    assert r.states() == {"offered": 5}


def test_silence_times_out_and_counts_as_failure(light):
    r = road(light, vehicles=3, groups=(GroupPlan(100, 50, 90),), time_out_hours=72).started()
    r.turn()
    silent, unproven, proven = r.tokens
    for vehicle_id in (unproven, proven):
        r.report(vehicle_id, "retrieved")
        r.feedback(vehicle_id, "closed", "success")
    r.says(proven, NEW)
    r.turn()
    light.tick(hours=71)
    r.turn()
    assert r.states() == {"offered": 1, "installed": 1, "proven": 1}
    light.tick(hours=2)
    r.turn()
    assert r.states() == {"timed-out": 2, "proven": 1}
    assert r.row(silent).action_id is None
    assert r.row(silent).closed_actions == [r.action(silent).pk]
    progress = queries.progress(r.campaign, light.now)
    assert (progress.failed, progress.proven) == (2, 1)
    assert Entry.objects.filter(event="action:timed-out").count() == 2


def test_clocks_stand_still_while_the_campaign_does(light):
    r = road(light, vehicles=1, time_out_hours=1).started()
    r.turn()
    r.take(Act.PAUSE)
    light.tick(hours=5)
    r.turn()
    assert r.states() == {"offered": 1}
    r.take(Act.RESUME)
    r.turn()
    assert r.states() == {"offered": 1}
    light.tick(hours=2)
    r.turn()
    assert r.states() == {"timed-out": 1}


def test_what_changed_since_the_list_was_frozen_is_not_offered(light):
    r = road(light, vehicles=2).started()
    changed, same = r.tokens
    said = [reporting.Said(changed, ECU, "0.9-workshop", light.now)]
    reporting.record_ecu_reports(said, actor=light.actor(Role.HOMOLOGATION), at=light.now)
    r.turn()
    assert r.state(changed) == ActionState.CANCELLED
    assert r.state(same) == ActionState.OFFERED
    last = queries.events(r.manufacturer_id, r.action(changed).pk)[-1]
    assert last.detail == {"reason": "wrong-version", "ecu": ECU, "found": "0.9-workshop"}


def test_a_vehicle_under_way_elsewhere_waits_for_its_turn(light):
    release = light.released()
    (vehicle_id,) = register(light, 1)
    first = road(light, vehicles=[vehicle_id], release=release).started()
    first.turn()
    first.take(Act.PAUSE)
    first.take(Act.CANCEL)  # asked to stop, not yet at an end
    assert first.states() == {"cancelling": 1}
    Action.objects.filter(campaign=first.campaign).update(state=ActionState.CANCELLED)
    second = road(light, vehicles=[vehicle_id], release=release).started()
    Action.objects.filter(campaign=first.campaign).update(state=ActionState.CANCELLING)
    second.turn()
    assert second.states() == {"waiting": 1}
    first.feedback(vehicle_id, "closed", "success", kind="cancel-feedback")
    second.turn()
    assert second.states() == {"offered": 1}


def test_a_release_that_is_withdrawn_stops_its_campaign(light):
    r = road(light).started()
    Release.objects.filter(pk=r.campaign.release_id).update(state="withdrawn")
    r.turn()
    assert r.refresh().state == State.PAUSED
    assert "withdrawn" in r.campaign.pause_reason["en"]
    assert r.states() == {"waiting": 3}


def test_only_a_running_campaign_moves(light):
    r = road(light)
    assert rollout.to_advance() == []
    assert rollout.advance(r.campaign.pk, at=light.now) == 0
    r.started()
    assert rollout.to_advance() == [r.campaign.pk]
    r.take(Act.STOP, "smoke")
    assert rollout.advance(r.campaign.pk, at=light.now) == 0


def test_each_vehicle_is_offered_once_whatever_is_asked(light):
    r = road(light, vehicles=3).started()
    for _ in range(3):
        r.turn()
    for vehicle_id in r.tokens:
        happened = [e.act for e in queries.events(r.manufacturer_id, r.action(vehicle_id).pk)]
        assert happened == ["offer"]


@pytest.mark.parametrize("count", [3, 30])
def test_advancing_takes_the_same_number_of_queries_for_any_size(
    light, count, django_assert_max_num_queries
):
    r = road(light, vehicles=count).started()
    with django_assert_max_num_queries(30):
        assert rollout.advance(r.campaign.pk, at=light.now) == count


def test_progress_shows_what_happened_when(light):
    r = road(light, vehicles=4, groups=HALVES).started()
    r.turn()
    for vehicle_id in in_group(r, 1):
        r.installs(vehicle_id)
    r.turn()
    bad, slow = in_group(r, 2)
    r.report(bad, "retrieved")
    r.feedback(bad, "closed", "failure", "disk full")
    r.report(slow, "retrieved")
    r.turn()
    progress = queries.progress(r.refresh(), light.tick())
    assert (progress.total, progress.offered, progress.proven) == (4, 4, 2)
    assert (progress.installing, progress.failed, progress.waiting) == (1, 1, 0)
    last = progress.series[-1]
    assert (last.offered, last.proven, last.failed) == (4, 2, 1)
    assert [p.proven for p in progress.series] == sorted(p.proven for p in progress.series)
    assert progress.by_group[1][-1].proven == 2
    assert progress.by_group[2][-1].failed == 1
    assert [(c.detail, c.count) for c in progress.causes] == [("disk full", 1)]
    one, two = progress.groups
    assert (one.passed_percent, two.failed_percent, two.size) == (100.0, 50.0, 2)
    assert not progress.is_over
    assert len(progress.series) <= 60


def test_the_list_of_vehicles_is_filtered_sorted_and_paged(light):
    r = road(light, vehicles=5).started(declined=[])
    r.turn()
    maker, campaign_id = r.manufacturer_id, r.campaign.pk
    assert queries.actions(maker, campaign_id, per_page=2).pages == 3
    assert len(queries.actions(maker, campaign_id, page=99, per_page=2).rows) == 1
    assert queries.actions(maker, campaign_id, states=(ActionState.PROVEN,)).total == 0
    assert queries.actions(maker, campaign_id, search="car-3").rows[0].controller_id == "car-3"
    names = [row.vin for row in queries.actions(maker, campaign_id, sort="-vin").rows]
    assert names == sorted(names, reverse=True)
    assert queries.actions(maker, campaign_id, group=2).total == 0
    row = queries.action(maker, queries.actions(maker, campaign_id).rows[0].action_id)
    assert (row.state, row.consented) == (ActionState.OFFERED, True)
    assert services.publish_vehicles(manufacturer_id=maker) == 0
