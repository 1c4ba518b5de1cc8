"""A campaign's list is frozen, committed to, split into groups, and everyone left out knows why."""

from __future__ import annotations

import json

import pytest

from roadworthy.domains.campaigns import access, consents, creation, queries, services
from roadworthy.domains.campaigns.models import Action, Campaign, Exclusion, Group
from roadworthy.domains.campaigns.services import GroupPlan
from roadworthy.domains.campaigns.states import Act, Reason
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import NotAMember, commitment
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Change, Release
from roadworthy.domains.vehicles import reporting
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.canonical import digest
from tests.domains.campaigns.roads import ALL_AT_ONCE, NAME, register, road
from tests.world import NEW

THREE = (GroupPlan(5, 90, 50), GroupPlan(15, 95, 10), GroupPlan(80, 95, 10))


def create(light, **given):
    values = {
        "manufacturer_id": light.cast.manufacturer_id,
        "name": NAME,
        "groups": ALL_AT_ONCE,
        "actor": light.actor(Role.COMPLIANCE_OFFICER),
        "at": light.tick(),
    }
    return services.create_campaign(**values | given)


def reasons(campaign: Campaign) -> dict[int, str]:
    return dict(Exclusion.objects.filter(campaign=campaign).values_list("vehicle_id", "reason"))


def test_the_ledger_commits_to_the_frozen_list_and_names_no_vehicle(light):
    r = road(light, vehicles=5)
    vehicles = Vehicle.objects.in_bulk(list(r.tokens))
    committed = sorted(commitment(v.salt, f"vehicle/{v.pk}") for v in vehicles.values())
    assert r.campaign.vehicles_sha256 == digest(committed)
    entry = json.loads(bytes(Entry.objects.get(event="campaign:created").body))
    assert entry["data"]["vehicles_sha256"] == r.campaign.vehicles_sha256
    assert entry["data"]["vehicles"] == 5
    assert not any(v.vin in json.dumps(entry) for v in vehicles.values())


def test_tokens_are_given_once_and_only_their_digests_kept(light):
    r = road(light, vehicles=4)
    assert len(set(r.tokens.values())) == 4
    kept = set(Action.objects.values_list("token_sha256", flat=True))
    assert kept == {creation.token_digest(token) for token in r.tokens.values()}


@pytest.mark.parametrize(("vehicles", "sizes"), [(20, [1, 3, 16]), (2, [1, 0, 1]), (7, [1, 1, 5])])
def test_groups_hold_everyone_and_the_first_is_never_empty(light, vehicles, sizes):
    r = road(light, vehicles=vehicles, groups=THREE)
    groups = Group.objects.filter(campaign=r.campaign).order_by("number")
    assert [g.size for g in groups] == sizes
    assert [Action.objects.filter(group=g).count() for g in groups] == sizes


def test_all_vehicles_of_the_releases_types_are_considered_unless_told_otherwise(light):
    ids = register(light, 3)
    created = create(light, release_id=light.released().pk)
    assert set(created.consent_tokens) == set(ids)


def test_everyone_left_out_has_a_reason(light):
    release = light.released()
    fits, unknown, old, done, busy = (
        register(light, 1)[0],
        register(light, 1, first=2, version="")[0],
        register(light, 1, first=3)[0],
        register(light, 1, first=4)[0],
        register(light, 1, first=5)[0],
    )
    road(light, vehicles=[busy], release=release)
    said = [reporting.Said(old, "combinationMeter", "0.9", light.now)]
    said.append(reporting.Said(done, "combinationMeter", NEW, light.now))
    reporting.record_ecu_reports(said, actor=light.actor(Role.HOMOLOGATION), at=light.now)
    seen = reporting.sight(light.cast.manufacturer_id, {"stray": light.now})["stray"]
    light.add_type("BETA")
    beta = register(light, 1, first=6)[0]
    Vehicle.objects.filter(pk=beta).update(type_id=light.type_id)
    created = create(
        light, release_id=release.pk, vehicle_ids=[fits, unknown, old, done, busy, seen, beta]
    )
    assert set(created.consent_tokens) == {fits}
    assert reasons(created.campaign) == {
        unknown: Reason.UNKNOWN_VERSION,
        old: Reason.WRONG_VERSION,
        done: Reason.ALREADY_INSTALLED,
        busy: Reason.OTHER_CAMPAIGN,
        seen: Reason.NOT_REGISTERED,
        beta: Reason.TYPE_NOT_COVERED,
    }
    assert created.excluded == 6
    found = {e.vehicle_id: e.found for e in queries.excluded(light.cast.manufacturer_id,
                                                             created.campaign.pk)}  # fmt: skip
    assert (found[old], found[done]) == ("0.9", NEW)
    assert queries.exclusion_reasons(light.cast.manufacturer_id, created.campaign.pk) == {
        str(reason): 1 for reason in reasons(created.campaign).values()
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hardware_id": "other:1"}, Reason.WRONG_HARDWARE),
        ({"ecu_name": "radar"}, Reason.NO_SUCH_ECU),
    ],
)
def test_the_ecu_and_its_hardware_must_be_there(light, change, reason):
    release = light.released()
    Change.objects.filter(release=release).update(**change)
    with pytest.raises(creation.NoVehicles, match=str(reason)):
        create(light, release_id=release.pk, vehicle_ids=register(light, 1))
    assert not Campaign.objects.exists()


def test_a_vehicle_is_free_again_when_its_campaign_is_cancelled(light):
    release = light.released()
    first = road(light, release=release)
    first.publish()
    first.take(Act.CANCEL)
    assert set(road(light, vehicles=list(first.tokens), release=release).tokens) == set(
        first.tokens
    )


@pytest.mark.parametrize("state", ["draft", "frozen", "signed", "withdrawn"])
def test_only_a_released_release_goes_to_vehicles(light, state):
    release = light.released()
    Release.objects.filter(pk=release.pk).update(state=state)
    with pytest.raises(creation.NotReleased):
        create(light, release_id=release.pk, vehicle_ids=register(light, 1))


@pytest.mark.parametrize(
    "groups",
    [
        (),
        (GroupPlan(99, 90, 10),),
        (GroupPlan(50, 90, 10), GroupPlan(51, 90, 10)),
        (GroupPlan(0, 90, 10), GroupPlan(100, 90, 10)),
        (GroupPlan(100, 101, 10),),
        (GroupPlan(100, 90, 0),),
    ],
)
def test_groups_that_make_no_sense_are_refused(light, groups):
    with pytest.raises(creation.BadGroups):
        create(light, release_id=light.released().pk, groups=groups)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": {"en": "only English"}}, creation.NameMissing),
        ({"rate_per_minute": 0}, creation.BadLimit),
        ({"time_out_hours": 0}, creation.BadLimit),
        ({"vehicle_ids": [10**9]}, creation.NoSuchVehicle),
        ({"vehicle_ids": []}, creation.NoVehicles),
        ({"release_id": 10**9}, creation.NoSuchRelease),
    ],
)
def test_what_is_missing_or_wrong_is_named(light, given, error):
    with pytest.raises(error):
        create(light, **{"release_id": light.released().pk} | given)


def test_a_manufacturer_without_a_tenant_cannot_reach_its_vehicles(light):
    release = light.released()
    Organisation.objects.filter(pk=light.cast.manufacturer_id).update(ddi_tenant=None)
    with pytest.raises(creation.NotConnected):
        create(light, release_id=release.pk)


def test_strangers_and_other_tasks_are_refused(light, stranger):
    release = light.released()
    ids = register(light, 1)
    for role, error in (
        (Role.COMPLIANCE_OFFICER, creation.NoSuchRelease),
        (Role.HOMOLOGATION, access.NotYourTask),
    ):
        with pytest.raises(error):
            create(light, release_id=release.pk, vehicle_ids=ids, actor=stranger[role])
    with pytest.raises(creation.NoSuchRelease):
        create(
            light,
            release_id=release.pk,
            manufacturer_id=stranger[Role.HOMOLOGATION].organisation_id,
        )
    forged = type(stranger[Role.HOMOLOGATION])(
        Role.COMPLIANCE_OFFICER,
        stranger[Role.COMPLIANCE_OFFICER].user_id,
        light.cast.manufacturer_id,
    )
    with pytest.raises(NotAMember):
        create(light, release_id=release.pk, vehicle_ids=ids, actor=forged)


def test_a_lost_link_is_replaced_and_the_old_one_dies(light, stranger):
    r = road(light, vehicles=1)
    r.publish()
    r.take(Act.NOTIFY)
    ((vehicle_id, old),) = r.tokens.items()
    action_id = r.action(vehicle_id).pk
    for actor, error in (
        (stranger[Role.COMPLIANCE_OFFICER], access.NoSuchCampaign),
        (light.actor(Role.HOMOLOGATION), access.NotYourTask),
    ):
        with pytest.raises(error):
            services.renew_consent_token(action_id=action_id, actor=actor, at=light.tick())
    new = services.renew_consent_token(
        action_id=action_id, actor=light.actor(Role.COMPLIANCE_OFFICER), at=light.tick()
    )
    assert queries.owner_view(new).notice_version == 1
    with pytest.raises(consents.NoSuchLink):
        queries.owner_view(old)
    assert Entry.objects.filter(event="campaign:link-renewed").count() == 1


def test_a_thousand_vehicles_take_a_bounded_number_of_queries(light, django_assert_max_num_queries):
    release = light.released()
    ids = register(light, 300)
    with django_assert_max_num_queries(30):
        created = create(light, release_id=release.pk, vehicle_ids=ids, groups=THREE)
    assert len(created.consent_tokens) == 300
    assert created.campaign.state == "draft"
