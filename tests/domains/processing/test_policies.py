"""Approved flows become a policy, and a policy a release like any other."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from roadworthy.domains.filings import gate
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import errors, policies, telemetry
from roadworthy.domains.processing.arrivals import GatewayTelemetry
from roadworthy.domains.software import queries, services
from roadworthy.domains.software.models import Release
from roadworthy.egress import policy
from tests.domains.processing.test_flows import NOT_PERSONAL
from tests.flowing import Maker
from tests.world import ANSWERS, ECU, NEW, OLD, World


@pytest.fixture
def maker(world: World) -> Maker:
    made = Maker(world.cast.manufacturer_id, world.cast.actors)
    made.state()
    made.enter("speed")
    made.approve("speed", **NOT_PERSONAL)
    made.ready("position")
    made.approve("position", precision_metres=500)
    made.ready("cabin-audio")
    made.declare("cabin-audio")  # nobody has approved it
    return made


def registered(world: World, *type_ids: int) -> Release:
    return services.register_release(
        manufacturer_id=world.cast.manufacturer_id,
        number="POLICY-1",
        title={"zh-hans": "数据策略", "en": "Data policy"},
        description={"zh-hans": {"purpose": "策略"}, "en": {"purpose": "policy"}},
        type_ids=type_ids,
        planned_on=date(2025, 6, 30),
        actor=world.actor(Role.RELEASE_ENGINEER),
        at=world.tick(),
    )


def added(world: World, release: Release) -> policy.Policy:
    return policies.add_to_release(
        number=release.number,
        ecu_name=ECU,
        from_version=OLD,
        version=NEW,
        images=world.platform.images,
        actor=world.actor(Role.RELEASE_ENGINEER),
        at=world.tick(),
    )


def test_approved_flows_are_released_with_the_signatures_that_any_software_needs(
    world: World, maker: Maker
) -> None:
    world.levels_one_and_two()
    release = registered(world, world.type_id)
    made = added(world, release)
    assert [rule.item for rule in made.rules] == ["position", "speed"]
    assert (made.vehicle_type, made.version) == ("ALPHA", NEW)
    (change,) = queries.changes_of(release.pk)
    assert change.image.sha256 == made.digest
    engineer = world.actor(Role.RELEASE_ENGINEER)
    world.attach_report(release)
    services.answer(release_id=release.pk, answers=ANSWERS, actor=engineer, at=world.tick())
    services.freeze(release_id=release.pk, actor=engineer, at=world.tick())
    world.prepare(FilingKind.ACTIVITY, release)
    gate.sign(
        release_id=release.pk,
        passphrase=world.passphrase(Role.RELEASE_ENGINEER),
        platform=world.platform,
        actor=engineer,
        at=world.tick(),
    )
    world.through(FilingKind.ACTIVITY, release)
    release.refresh_from_db()
    assert release.state == "released"
    path = world.platform.images.path(made.digest)
    assert policy.parse(path.read_bytes()) == made


def test_a_policy_is_for_one_type(world: World, maker: Maker) -> None:
    both = registered(world, world.type_id, world.add_type("BETA"))
    with pytest.raises(errors.OneType):
        added(world, both)
    assert not queries.changes_of(both.pk)


def test_a_release_of_somebody_else_is_not_found(world: World, maker: Maker) -> None:
    with pytest.raises(services.NoSuchRelease):
        policies.add_to_release(
            number="OTHER",
            ecu_name=ECU,
            from_version=OLD,
            version=NEW,
            images=world.platform.images,
            actor=world.actor(Role.RELEASE_ENGINEER),
            at=world.tick(),
        )


def test_what_vehicles_sent_is_dropped_at_the_end_of_its_period(
    maker: Maker, world: World, tmp_path: Path
) -> None:
    now, hour = maker.now, timedelta(hours=1)
    tenant = queries.release(maker.manufacturer_id, registered(world, world.type_id).number)
    for place, ends in enumerate((now - hour, now, now + hour)):
        GatewayTelemetry.objects.create(
            tenant=tenant.manufacturer.ddi_tenant,
            controller_id=f"car-{place}",
            record_id=str(place),
            policy="",
            body={},
            drop_at=ends,
            received_at=now - hour,
        )
    (kept,) = telemetry.kept(maker.manufacturer_id, at=now)
    assert kept.controller_id == "car-2"
    assert not telemetry.kept(maker.manufacturer_id + 1, at=now)
    pictures = tmp_path / "pictures"
    (pictures / "ab").mkdir(parents=True)
    for name in ("ab-kept", "ab-gone", "ab-new"):
        (pictures / "ab" / name).write_bytes(b"a picture")
    for name in ("ab-kept", "ab-gone"):
        os.utime(pictures / "ab" / name, (0, 0))
    GatewayTelemetry.objects.filter(pk=kept.pk).update(picture="ab-kept")
    assert telemetry.drop_ended(pictures, at=now) == 2
    left = {path.name for path in (pictures / "ab").iterdir()}
    assert left == {"ab-kept", "ab-new"}, "the row of a new one may be on its way"
    assert telemetry.drop_of_vehicle(maker.manufacturer_id, "car-2") == 1
    assert not GatewayTelemetry.objects.exists()
