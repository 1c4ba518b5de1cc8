"""Persons take a campaign along its table; each step is written down; strangers find nothing."""

from __future__ import annotations

import json

import pytest

from roadworthy.domains.campaigns import access, lifecycle, queries, services
from roadworthy.domains.campaigns.models import (
    Action,
    GatewayAssignment,
    GatewayDeployment,
    GatewayStop,
    GatewayTenant,
)
from roadworthy.domains.campaigns.states import CAMPAIGN, Act, ActionState, State
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.notices.services import NoticeIncomplete
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Change, Release
from roadworthy.domains.vehicles.models import KnownFirmware, Vehicle
from roadworthy.kernel.errors import DomainError
from roadworthy.kernel.transitions import WrongRole, WrongState
from tests.domains.campaigns.roads import NOTICE, register, road
from tests.world import NEW


def events() -> list[str]:
    kept = Entry.objects.filter(event__startswith="campaign:").order_by("id")
    return [json.loads(bytes(e.body))["data"].get("action", e.event) for e in kept]


def test_each_step_is_an_entry_that_belongs_to_the_releases_story(light):
    r = road(light).started()
    r.take(Act.PAUSE, "a look first")
    r.take(Act.RESUME)
    r.take(Act.STOP, "smoke")
    r.take(Act.RESUME)
    assert events() == [
        "campaign:created", "notify", "start", "pause", "resume", "stop", "resume",
    ]  # fmt: skip
    about = Entry.objects.filter(subject=f"campaign/{r.campaign.pk}")
    assert set(about.values_list("release_id", flat=True)) == {r.campaign.release_id}
    assert Entry.objects.filter(event="notice:published").count() == 1


def test_a_refused_step_leaves_no_trace(light):
    r = road(light, vehicles=1)
    before = Entry.objects.count()
    with pytest.raises(WrongState):
        r.take(Act.START)
    with pytest.raises(lifecycle.NoticeMissing):
        r.take(Act.NOTIFY)
    assert Entry.objects.count() == before
    assert r.refresh().state == State.DRAFT


@pytest.mark.parametrize("act", list(Act))
def test_another_manufacturer_does_not_even_find_the_campaign(light, stranger, act):
    r = road(light, vehicles=1).started()
    with pytest.raises(access.NoSuchCampaign):
        services.take(
            act,
            campaign_id=r.campaign.pk,
            actor=stranger[Role.COMPLIANCE_OFFICER],
            at=light.tick(),
            reason="mine",
        )
    with pytest.raises(access.NoSuchCampaign):
        services.publish_notice(
            campaign_id=r.campaign.pk,
            content=NOTICE,
            actor=stranger[Role.COMPLIANCE_OFFICER],
            at=light.tick(),
        )


@pytest.mark.parametrize("role", [Role.HOMOLOGATION, Role.RELEASE_ENGINEER])
def test_a_missing_role_is_refused(light, role):
    r = road(light, vehicles=1)
    with pytest.raises(access.NotYourTask):
        services.publish_notice(
            campaign_id=r.campaign.pk, content=NOTICE, actor=light.actor(role), at=light.tick()
        )
    r.publish()
    with pytest.raises(WrongRole):
        services.take(
            Act.NOTIFY, campaign_id=r.campaign.pk, actor=light.actor(role), at=light.tick()
        )


def test_an_incomplete_notice_is_refused_with_what_is_missing(light):
    r = road(light, vehicles=1)
    with pytest.raises(NoticeIncomplete, match=r"en\.duration, en\.risks"):
        r.publish(NOTICE | {"en": NOTICE["en"] | {"duration": "", "risks": " "}})


def test_the_notice_is_fixed_once_the_campaign_runs(light):
    r = road(light).started()
    with pytest.raises(services.NoticeIsFixed):
        r.publish()


def test_start_tells_the_gateways_what_to_install_and_learns_the_version(light):
    r = road(light, vehicles=1).started()
    change = Change.objects.select_related("image").get(release=r.campaign.release)
    image = change.image
    (chunk,) = GatewayDeployment.objects.get(pk=r.campaign.pk).chunks
    assert (chunk["part"], chunk["name"], chunk["version"]) == ("os", change.ecu_name, NEW)
    assert chunk["artifacts"] == [
        {
            "filename": image.filename,
            "size": image.length,
            "hashes": {"sha1": image.sha1, "md5": image.md5, "sha256": image.sha256},
        }
    ]
    assert chunk["metadata"] == [{"key": "tuf-target", "value": f"maker/routine/{image.filename}"}]
    assert KnownFirmware.objects.filter(version=NEW).exists()


def test_a_withdrawn_release_neither_starts_nor_resumes(light):
    r = road(light)
    r.publish()
    r.take(Act.NOTIFY)
    Release.objects.filter(pk=r.campaign.release_id).update(state="withdrawn")
    with pytest.raises(lifecycle.ReleaseNotOut):
        r.take(Act.START)


def test_a_pause_holds_back_vehicles_that_have_not_begun(light):
    r = road(light).started()
    r.turn()
    begun, *others = r.tokens
    r.report(begun, "retrieved")
    r.turn()
    r.take(Act.PAUSE)
    assert r.row(begun).kind == "deploy"
    assert {(r.row(v).kind, r.row(v).action_id is None) for v in others} == {("", False)}
    assert r.turn() == 0
    r.take(Act.RESUME)
    assert {r.row(v).kind for v in r.tokens} == {"deploy"}


def test_a_vehicle_that_fetched_it_just_before_the_pause_goes_on(light):
    r = road(light, vehicles=1).started()
    r.turn()
    (vehicle_id,) = r.tokens
    r.report(vehicle_id, "retrieved")
    r.take(Act.PAUSE)
    r.turn()
    assert r.row(vehicle_id).kind == "deploy"


def test_an_emergency_stop_says_why_and_is_lifted_by_a_resume_alone(light):
    r = road(light).started()
    r.turn()
    with pytest.raises(lifecycle.ReasonMissing):
        r.take(Act.STOP)
    r.take(Act.STOP, "smoke reported")
    assert GatewayStop.objects.get().deployment_id == r.campaign.pk
    assert r.refresh().pause_reason == "smoke reported"
    r.take(Act.RESUME)
    assert not GatewayStop.objects.exists()
    assert r.refresh().pause_reason == ""


def test_a_release_engineer_may_pull_the_brake_and_not_release_it(light):
    r = road(light, vehicles=1).started()
    engineer = light.actor(Role.RELEASE_ENGINEER)
    where = {"campaign_id": r.campaign.pk, "actor": engineer, "reason": "bad image"}
    services.take(Act.STOP, at=light.tick(), **where)
    with pytest.raises(WrongRole):
        services.take(Act.RESUME, at=light.tick(), **where)


def test_a_campaign_stopped_before_its_start_starts_when_it_is_resumed(light):
    r = road(light, vehicles=1)
    r.publish()
    r.take(Act.NOTIFY)
    r.answer(next(iter(r.tokens)))
    r.take(Act.STOP, "not yet")
    assert r.turn() == 0
    r.take(Act.RESUME)
    assert r.refresh().started_at == light.now
    r.turn()
    assert r.states() == {"offered": 1}


def test_cancelling_ends_what_was_not_told_and_asks_the_others_to_stop(light):
    r = road(light, vehicles=4)
    told, declined, *_ = r.tokens
    r.publish()
    r.take(Act.NOTIFY)
    r.answer(told)
    r.answer(declined, "no")
    r.take(Act.START)
    r.turn()
    r.take(Act.PAUSE)
    r.take(Act.CANCEL)
    assert r.state(told) == ActionState.CANCELLING
    assert r.row(told).kind == "cancel"
    assert r.states() == {"cancelling": 1, "cancelled": 3}
    assert Entry.objects.filter(event="action:cancelled").count() == 3


def test_completing_waits_for_vehicles_and_ends_those_who_never_answered(light):
    r = road(light, vehicles=2)
    yes, _ = r.tokens
    r.publish()
    r.take(Act.NOTIFY)
    r.answer(yes)
    r.take(Act.START)
    r.turn()
    with pytest.raises(lifecycle.VehiclesUnderWay, match="1 vehicles"):
        r.take(Act.COMPLETE)
    r.installs(yes)
    r.turn()
    assert r.refresh().state == State.RUNNING  # one owner has not answered
    r.take(Act.COMPLETE)
    assert r.states() == {"proven": 1, "cancelled": 1}


def test_the_report_of_the_activity_falls_due_after_completion(light):
    r = road(light, vehicles=1).started()
    (vehicle_id,) = r.tokens
    r.turn()
    r.installs(vehicle_id)
    r.turn()
    r.turn()
    assert r.refresh().state == State.COMPLETED
    obligations = filings.obligations(light.cast.manufacturer_id)
    due = {o.key: o.due_on for o in obligations}
    # 2025-06-03 and five working days (worked case 4 of the law)
    assert str(due["OTA22-10"]) == "2025-06-10"


def test_buttons_come_from_the_table(light):
    r = road(light, vehicles=1)
    for role in Role:
        wanted = tuple(dict.fromkeys(CAMPAIGN.available(State(r.campaign.state), role)))
        assert queries.available(r.campaign, role) == wanted


def test_gateways_are_told_of_tenants_and_vehicles_and_only_of_changes(light):
    maker = light.cast.manufacturer_id
    services.publish_tenant(manufacturer_id=maker, polling_sleep="00:00:10")
    services.publish_tenant(manufacturer_id=maker, polling_sleep="00:00:10")
    tenant = GatewayTenant.objects.get()
    assert (tenant.tenant, tenant.polling_sleep) == ("MAKER", "00:00:10")
    first, second = register(light, 2)
    assert services.publish_vehicles(manufacturer_id=maker) == 0
    sequence = GatewayAssignment.objects.get(controller_id="car-2").seq
    Vehicle.objects.filter(pk=first).update(token_sha256="f" * 64)
    assert services.publish_vehicles(manufacturer_id=maker, vehicle_ids=[second]) == 0
    assert services.publish_vehicles(manufacturer_id=maker) == 1
    assert GatewayAssignment.objects.get(controller_id="car-1").token_sha256 == "f" * 64
    assert GatewayAssignment.objects.get(controller_id="car-2").seq == sequence
    Organisation.objects.filter(pk=maker).update(gateway_token_sha256="e" * 64)
    services.publish_tenant(manufacturer_id=maker)
    assert GatewayTenant.objects.get().gateway_token_sha256 == "e" * 64


def test_queries_show_nothing_to_another_manufacturer(light, stranger):
    r = road(light, vehicles=1).started()
    r.turn()
    action_id = Action.objects.get().pk
    other = stranger[Role.COMPLIANCE_OFFICER].organisation_id
    assert not queries.for_organisation(other)
    assert not queries.for_release(other, r.campaign.release_id)
    assert not queries.events(other, action_id)
    assert not queries.consents(other, action_id)
    assert not queries.excluded(other, r.campaign.pk)
    assert not queries.installed(other, action_id)
    for ask in (
        lambda: queries.campaign(other, r.campaign.pk),
        lambda: queries.changes(other, r.campaign.pk),
        lambda: queries.actions(other, r.campaign.pk),
        lambda: queries.action(other, action_id),
    ):
        with pytest.raises(access.NoSuchCampaign):
            ask()


def test_every_error_names_itself(light):
    kinds = [
        value
        for module in (services, lifecycle, access)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, DomainError) and "code" in vars(value)
    ]
    assert len({kind.code for kind in kinds}) == len(set(kinds))
