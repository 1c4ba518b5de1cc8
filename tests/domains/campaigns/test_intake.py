"""Reports are applied once, in order; none stops the others; success is what is seen running."""

from __future__ import annotations

import json

import pytest

from roadworthy.domains.campaigns import intake, queries
from roadworthy.domains.campaigns.models import ActionEvent, GatewayReport
from roadworthy.domains.campaigns.states import Act, ActionState
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.vehicles.models import (
    EcuReport,
    InstalledSoftware,
    SwinRecord,
    UnknownSoftware,
    Vehicle,
)
from tests.domains.campaigns.roads import register, road
from tests.world import ECU, NEW, OLD


@pytest.fixture
def one(light):
    """A running campaign with one vehicle that is offered the update."""
    r = road(light, vehicles=1).started()
    r.turn()
    return r


def vehicle_of(r) -> int:
    return next(iter(r.tokens))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([("retrieved",)], ActionState.RETRIEVED),
        ([("feedback", "proceeding", "none")], ActionState.RUNNING),
        ([("feedback", "scheduled", "none")], ActionState.RUNNING),
        ([("feedback", "resumed", "none")], ActionState.RUNNING),
        ([("feedback", "canceled", "none")], ActionState.RUNNING),
        ([("feedback", "rejected", "failure")], ActionState.RUNNING),
        ([("feedback", "download", "none")], ActionState.RUNNING),
        ([("feedback", "downloaded", "none")], ActionState.RUNNING),
        ([("feedback", "closed", "success")], ActionState.INSTALLED),
        ([("feedback", "closed", "none")], ActionState.INSTALLED),
        ([("feedback", "closed", "failure")], ActionState.FAILED),
        ([("feedback", "closed", "success"), ("says", OLD)], ActionState.INSTALLED),
        ([("feedback", "closed", "success"), ("says", NEW)], ActionState.PROVEN),
        ([("says", NEW)], ActionState.PROVEN),
        ([("says", OLD)], ActionState.OFFERED),
        ([("feedback", "closed", "failure"), ("says", NEW)], ActionState.FAILED),
        ([("feedback", "closed", "success"), ("feedback", "closed", "failure")], None),
    ],
)
def test_what_a_vehicle_says_leads_where_the_table_says(one, said, state):
    vehicle_id = vehicle_of(one)
    for kind, *rest in said:
        if kind == "retrieved":
            one.report(vehicle_id, kind)
        else:
            getattr(one, kind)(vehicle_id, *rest)
    one.turn()
    # GB 44496 5.2.9: after "installed" a vehicle may still say that it went back.
    assert one.state(vehicle_id) == (state or ActionState.FAILED)


def test_a_report_is_applied_exactly_once(one):
    vehicle_id = vehicle_of(one)
    one.feedback(vehicle_id, "proceeding", "none", "half way")
    assert intake.apply_reports() == 1
    assert intake.apply_reports() == 0
    assert ActionEvent.objects.filter(act="progress").count() == 1


def test_a_failed_transaction_leaves_the_report_waiting(one, monkeypatch):
    one.feedback(vehicle_of(one), "closed", "success")

    def fall_over(*_args):
        raise RuntimeError("power cut")

    monkeypatch.setattr("roadworthy.domains.campaigns.feed.want_attributes", fall_over)
    with pytest.raises(RuntimeError):
        intake.apply_reports()
    monkeypatch.undo()
    assert one.state(vehicle_of(one)) == ActionState.OFFERED
    assert GatewayReport.objects.filter(applied=False).count() == 1
    intake.apply_reports()
    assert one.state(vehicle_of(one)) == ActionState.INSTALLED


def test_installed_is_told_to_the_gateways_and_proof_is_asked_for(one):
    vehicle_id = vehicle_of(one)
    action_id = one.action(vehicle_id).pk
    one.says(vehicle_id, OLD)
    one.turn()
    assert not one.row(vehicle_id).want_attributes
    one.report(vehicle_id, "retrieved")
    one.feedback(vehicle_id, "closed", "success")
    one.turn()
    row = one.row(vehicle_id)
    assert (row.action_id, row.kind, row.deployment_id) == (None, "", None)
    assert (row.installed_action_id, row.installed_deployment_id) == (action_id, one.campaign.pk)
    assert row.closed_actions == [action_id]
    assert row.want_attributes
    one.says(vehicle_id, OLD)
    one.turn()
    assert one.row(vehicle_id).want_attributes
    one.says(vehicle_id, NEW)
    one.turn()
    assert not one.row(vehicle_id).want_attributes


def test_a_failure_keeps_what_was_installed_and_asks_what_runs_now(one):
    vehicle_id = vehicle_of(one)
    one.report(vehicle_id, "retrieved")
    one.feedback(vehicle_id, "closed", "failure", "checksum", "rolled back")
    one.turn()
    row = one.row(vehicle_id)
    assert (row.installed_action_id, row.want_attributes) == (None, True)
    assert one.action(vehicle_id).detail == "rolled back"
    one.says(vehicle_id, OLD)
    one.turn()
    assert not one.row(vehicle_id).want_attributes
    last = queries.events(one.manufacturer_id, one.action(vehicle_id).pk)[-1]
    assert last.detail == {"note": "runs", "versions": {ECU: OLD}}
    assert one.action(vehicle_id).seen_version == OLD


def test_an_old_version_after_installed_is_noted_once_and_decides_nothing(one):
    vehicle_id = vehicle_of(one)
    one.feedback(vehicle_id, "closed", "success")
    for _ in range(3):
        one.says(vehicle_id, OLD)
    one.turn()
    assert one.state(vehicle_id) == ActionState.INSTALLED
    notes = [e.detail.get("note") for e in ActionEvent.objects.filter(act="")]
    assert notes == ["not-proven"]


def test_proof_reaches_software_swin_and_ledger(one):
    vehicle_id = vehicle_of(one)
    one.installs(vehicle_id)
    one.turn()
    action = one.action(vehicle_id)
    kept = InstalledSoftware.objects.get(vehicle_id=vehicle_id)
    assert (kept.version, kept.source) == (NEW, "vehicle")
    assert EcuReport.objects.filter(vehicle_id=vehicle_id, version=NEW).exists()
    newest = SwinRecord.objects.filter(vehicle_id=vehicle_id).order_by("-id")[0]
    assert newest.basis == f"action/{action.pk}"
    entry = json.loads(bytes(Entry.objects.get(event="action:proven").body))
    assert entry["actor"]["role"] == "vehicle"
    assert entry["data"]["versions"] == {ECU: NEW}
    assert Entry.objects.get(event="action:proven").release_id == one.campaign.release_id
    story = [bytes(e.body).decode() for e in Entry.objects.filter(release_id__isnull=False)]
    assert not any(action.vehicle.vin in line for line in story)
    assert not UnknownSoftware.objects.exists()


def test_the_devices_clock_is_data(one):
    vehicle_id = vehicle_of(one)
    one.report(
        vehicle_id,
        "feedback",
        {
            "time": "19700101T000000",
            "status": {"execution": "closed", "result": {"finished": "success"}},
        },
    )
    one.turn()
    (event,) = ActionEvent.objects.filter(act="succeed")
    assert event.detail["device_time"] == "19700101T000000"
    assert event.at == one.world.now.replace(second=event.at.second)
    assert one.state(vehicle_id) == ActionState.INSTALLED


def test_software_that_nothing_covers_is_a_finding(one):
    vehicle_id = vehicle_of(one)
    one.says(vehicle_id, "6.6.6-tuned")
    one.turn()
    found = UnknownSoftware.objects.get()
    assert (found.vehicle_id, found.version) == (vehicle_id, "6.6.6-tuned")
    assert one.state(vehicle_id) == ActionState.OFFERED


@pytest.mark.parametrize(
    ("kind", "body", "ignored"),
    [
        ("feedback", {"status": "gone"}, "unreadable"),
        ("feedback", [], "unreadable"),
        ("attributes", {"data": 7}, "unreadable"),
        ("attributes", None, "unreadable"),
        ("opinion", {}, "unknown-kind"),
        ("cancel-feedback", None, "unreadable"),
        (
            "cancel-feedback",
            {"status": {"execution": "closed", "result": {"finished": "success"}}},
            "wrong-state",
        ),
    ],
)
def test_a_report_without_meaning_is_kept_with_the_reason_and_stops_nobody(
    one, kind, body, ignored
):
    vehicle_id = vehicle_of(one)
    bad = one.report(vehicle_id, kind, body)
    one.feedback(vehicle_id, "closed", "success")
    one.turn()
    bad.refresh_from_db()
    assert (bad.applied, bad.ignored) == (True, ignored)
    assert one.state(vehicle_id) == ActionState.INSTALLED


def test_reports_about_others_actions_unknown_ones_and_strangers_change_nothing(light):
    r = road(light, vehicles=2).started()
    r.turn()
    mine, other = r.tokens
    foreign = r.feedback(mine, "closed", "success", action_id=r.action(other).pk)
    unknown = r.feedback(mine, "closed", "success", action_id=2_000_000_000)
    stranger = r.feedback(mine, "closed", "success")
    stranger.controller_id = "nobody"
    stranger.save()
    elsewhere = r.feedback(mine, "closed", "success")
    elsewhere.tenant = "NOWHERE"
    elsewhere.save()
    r.turn()
    assert r.states() == {"offered": 2}
    reasons = [
        GatewayReport.objects.get(pk=one.pk).ignored
        for one in (foreign, unknown, stranger, elsewhere)
    ]
    assert reasons == ["unknown-action", "unknown-action", "unknown-vehicle", "unknown-tenant"]
    assert not Vehicle.objects.filter(controller_id="nobody").exists()


def test_words_after_the_end_change_nothing_and_are_kept(one):
    vehicle_id = vehicle_of(one)
    one.installs(vehicle_id)
    one.turn()
    late = one.feedback(vehicle_id, "closed", "failure", "too late")
    one.turn()
    late.refresh_from_db()
    assert late.ignored == "wrong-state"
    assert one.state(vehicle_id) == ActionState.PROVEN
    last = queries.events(one.manufacturer_id, one.action(vehicle_id).pk)[-1]
    assert last.detail["note"] == "wrong-state"
    assert Entry.objects.filter(event__startswith="action:").count() == 1


def test_a_retrieval_that_was_written_late_does_no_harm(one):
    vehicle_id = vehicle_of(one)
    one.feedback(vehicle_id, "proceeding", "none")
    one.report(vehicle_id, "retrieved")
    one.turn()
    assert one.state(vehicle_id) == ActionState.RUNNING


@pytest.mark.parametrize(
    ("execution", "finished", "state", "kind"),
    [
        ("closed", "success", ActionState.CANCELLED, ""),
        ("closed", "none", ActionState.CANCELLED, ""),
        ("closed", "failure", ActionState.RUNNING, "deploy"),
        ("rejected", "none", ActionState.RUNNING, "deploy"),
        ("canceled", "none", ActionState.CANCELLING, "cancel"),
        ("proceeding", "none", ActionState.CANCELLING, "cancel"),
    ],
)
def test_a_vehicle_answers_a_cancel(one, execution, finished, state, kind):
    vehicle_id = vehicle_of(one)
    one.report(vehicle_id, "retrieved")
    one.turn()
    one.take(Act.PAUSE)
    one.take(Act.CANCEL)
    assert one.row(vehicle_id).kind == "cancel"
    one.feedback(vehicle_id, execution, finished, kind="cancel-feedback")
    one.turn()
    assert one.state(vehicle_id) == state
    assert one.row(vehicle_id).kind == kind


def test_a_vehicle_that_finished_before_it_heard_of_the_cancel_is_believed(one):
    vehicle_id = vehicle_of(one)
    one.report(vehicle_id, "retrieved")
    one.turn()
    one.take(Act.PAUSE)
    one.take(Act.CANCEL)
    one.feedback(vehicle_id, "closed", "success")
    one.says(vehicle_id, NEW)
    one.turn()
    assert one.state(vehicle_id) == ActionState.PROVEN


def test_sw_version_speaks_of_the_named_ecu_or_of_the_one_under_update(one):
    vehicle_id = vehicle_of(one)
    one.report(vehicle_id, "attributes", {"data": {"sw_version": NEW, "ecu": "elsewhere"}})
    one.turn()
    assert one.state(vehicle_id) == ActionState.OFFERED
    one.report(vehicle_id, "attributes", {"mode": "replace", "data": {f"ecu.{ECU}": NEW}})
    one.turn()
    assert one.state(vehicle_id) == ActionState.PROVEN


def test_a_baseline_that_somebody_entered_proves_nothing(one):
    vehicle_id = vehicle_of(one)
    InstalledSoftware.objects.filter(vehicle_id=vehicle_id).update(version=NEW)
    one.feedback(vehicle_id, "closed", "success")
    one.report(vehicle_id, "attributes", {"data": {"vin": "X"}})
    one.turn()
    assert one.state(vehicle_id) == ActionState.INSTALLED


def test_ids_of_closed_actions_are_kept_for_late_reports_newest_first(light):
    release = light.released()
    (vehicle_id,) = register(light, 1)
    ids = []
    for _ in range(10):
        r = road(light, vehicles=[vehicle_id], release=release).started()
        r.turn()
        r.feedback(vehicle_id, "closed", "failure")
        r.turn()
        ids.append(r.action(vehicle_id).pk)
        if r.refresh().state == "paused":
            r.take(Act.CANCEL)
    assert r.row(vehicle_id).closed_actions == ids[::-1][:8]


@pytest.mark.parametrize("count", [2, 40])
def test_a_batch_takes_the_same_number_of_queries_for_any_size(
    light, count, django_assert_max_num_queries
):
    r = road(light, vehicles=count).started()
    r.turn()
    for vehicle_id in r.tokens:
        r.installs(vehicle_id)
    with django_assert_max_num_queries(60):
        assert intake.apply_reports() == 4 * count
    assert r.states() == {"proven": count}


def test_a_report_that_breaks_the_code_is_set_aside_alone(light, monkeypatch):
    r = road(light, vehicles=2).started()
    r.turn()
    poison, good = r.tokens
    bad = r.feedback(poison, "closed", "success", "poison")
    r.feedback(good, "closed", "success")
    read = intake.reports.of_action

    def trip(kind, body):
        if "poison" in str(body):
            raise LookupError("a mistake nobody foresaw")
        return read(kind, body)

    monkeypatch.setattr(intake.reports, "of_action", trip)
    r.turn()
    bad.refresh_from_db()
    assert (bad.applied, bad.ignored) == (True, "set-aside")
    assert (r.state(poison), r.state(good)) == (ActionState.OFFERED, ActionState.INSTALLED)
