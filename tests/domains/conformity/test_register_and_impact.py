"""The SWIN register, the comparison after a campaign, findings on releases, and impact."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.conformity import (
    detection,
    exporting,
    fleet,
    impact,
    limits,
    register,
    services,
    snapshots,
    upkeep,
)
from roadworthy.domains.conformity.models import Finding, Snapshot
from roadworthy.domains.conformity.states import Kind
from roadworthy.domains.filings import classifying
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles import swin
from roadworthy.domains.vehicles.errors import NoSuchType
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import canonical, digest, sha256_hex
from tests.domains.campaigns import roads
from tests.domains.conformity.test_unfiled_software import evidence, says
from tests.world import ECU, NEW, OLD, World

OFFICER = Role.COMPLIANCE_OFFICER


def rolled_out(world: World, count: int = 3) -> roads.Road:
    """Take a campaign to its end; every vehicle proves the new version."""
    ride = roads.road(world, vehicles=count)
    ride.started()
    ride.turn()
    for vehicle_id in ride.tokens:
        ride.installs(vehicle_id)
    ride.turn()
    ride.turn()
    assert ride.refresh().state == CampaignState.COMPLETED
    return ride


def of_type(world: World) -> VehicleType:
    return VehicleType.objects.get(pk=world.type_id)


def test_a_release_moves_the_number_and_the_vehicle_tells_why(world):
    ride = rolled_out(world)
    found = register.of_type(world.cast.manufacturer_id, world.type_id)
    assert (found.relevant, found.not_relevant) == ((ECU,), ())
    assert [(dict(one.software), one.vehicles) for one in found.sets] == [
        ({ECU: NEW}, 3),
        ({ECU: OLD}, 0),
    ]
    first, second = register.of_vehicle(world.cast.manufacturer_id, min(ride.tokens))
    assert (first.basis, first.release) == ("action", ride.campaign.release.number)
    assert first.changed == ((ECU, OLD, NEW),)
    assert (second.basis, second.changed) == ("baseline", ())
    assert set(first.numbers) == set(swin.REGULATIONS) == {"GB 44496", "UN R156"}
    assert first.numbers == found.sets[0].numbers != second.numbers


def test_a_release_tells_the_numbers_it_will_make_before_anybody_installs_it(world):
    roads.register(world, 2)
    release = world.draft()
    (effect,) = register.of_type(world.cast.manufacturer_id, world.type_id).effects
    assert effect.release == release
    assert effect.changes == ((ECU, OLD, NEW),)
    (step,) = effect.steps
    expected = swin.of_set(of_type(world).approval_number, {ECU: NEW})
    assert (step.after, step.vehicles) == (expected.numbers, 2)


def test_an_export_is_canonical_logged_with_its_digest_and_safe_in_a_spreadsheet(world):
    (only,) = roads.register(world, 1)
    says(world, only, "=1+1")

    def export(form):
        return exporting.export(
            manufacturer_id=world.cast.manufacturer_id,
            type_id=world.type_id,
            form=form,
            actor=world.actor(Role.HOMOLOGATION),
            at=world.tick(),
        )

    made = export(exporting.Format.JSON)
    content = json.loads(made.content)
    assert made.content == canonical(content)
    assert made.sha256 == sha256_hex(made.content)
    assert content["ecus"][0]["regulations"] == ["GB 44496", "UN R156"]
    assert {ECU: "=1+1"} in [one["software"] for one in content["sets"]]
    entry = Entry.objects.filter(event="swin-register:exported").last()
    assert json.loads(bytes(entry.body))["data"]["sha256"] == made.sha256
    rows = list(csv.DictReader(io.StringIO(export(exporting.Format.CSV).content.decode()[1:])))
    assert {row["version"] for row in rows} == {OLD, "'=1+1"}
    with pytest.raises(NoSuchType):
        exporting.export(
            manufacturer_id=world.cast.manufacturer_id,
            type_id=world.type_id,
            form=exporting.Format.CSV,
            actor=world.actor(Role.MIIT_REVIEWER),
            at=world.tick(),
        )


def test_a_campaign_that_is_over_is_compared_once_and_the_result_cannot_be_changed(world):
    ride = rolled_out(world)
    roads.register(world, 1, first=50)
    upkeep.turn(world.tick())
    upkeep.turn(world.tick())
    (kept,) = Snapshot.objects.all()
    assert kept.campaign_id == ride.campaign.pk
    assert kept.sha256 == digest(kept.content)
    (of,) = kept.content["types"]
    (ecu,) = of["ecus"]
    assert (of["vehicles"], ecu["release"], ecu["on_file"], ecu["uncovered"]) == (4, 3, 1, 0)
    assert Entry.objects.filter(event="conformity:compared").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.update(uncovered=9)


def test_whether_updated_vehicles_conform_is_unknown_until_what_they_run_is_explained(world):
    ride = rolled_out(world)
    release = ride.campaign.release
    outcome = lambda: {  # noqa: E731
        one["rule_id"]: one["outcome"]
        for one in filings.latest_evaluation(release).result["findings"]
    }["N45-15"]
    upkeep.turn(world.tick())
    assert outcome() == "met"
    says(world, min(ride.tokens), "9.9.9")
    upkeep.turn(world.tick())
    assert outcome() == "undetermined"
    finding = Finding.objects.get()
    services.explain(
        finding_id=finding.pk,
        because="workshop",
        text="The order is attached.",
        document_sha256=evidence(world),
        actor=world.actor(OFFICER),
        at=world.tick(),
    )
    upkeep.turn(world.tick())
    assert outcome() == "met"
    assert snapshots.to_restate() == []


def test_a_release_that_is_not_what_was_filed_is_found(world):
    world.levels_one_and_two()
    release = world.signed()
    for draft in world.drafts(FilingKind.ACTIVITY, release):
        world.submit(draft)
    assert detection.detect(at=world.tick()) == 0
    release.refresh_from_db()
    type(release).objects.filter(pk=release.pk).update(title={"en": "Something else"})
    assert detection.detect(at=world.tick()) == 1
    one = Finding.objects.get()
    assert (one.kind, one.release, one.rule_id) == (Kind.CONTENT_DIFFERS, release, "DRF-04")
    assert one.facts["filed"] == one.facts["frozen"] != one.facts["now"]
    assert detection.detect(at=world.tick()) == 0


def test_a_defect_that_a_service_update_removes_is_found(world):
    release = world.draft(removes_defect=True)
    assert detection.detect(at=world.tick()) == 0, "a draft is still being answered"
    software.freeze(
        release_id=release.pk, actor=world.actor(Role.RELEASE_ENGINEER), at=world.tick()
    )
    classifying.classify(
        release_id=release.pk, actor=world.actor(Role.RELEASE_ENGINEER), at=world.tick()
    )
    assert detection.detect(at=world.tick()) == 1
    assert Finding.objects.get().kind == Kind.DEFECT_AS_SERVICE


def test_frequent_updates_are_found_only_where_somebody_has_set_a_number(world):
    rolled_out(world)
    world.now = world.now.replace(month=8, day=20)  # the draft was published a week before
    assert detection.detect(at=world.tick()) == 0
    common = {"reason": "Ours.", "actor": world.actor(OFFICER)}
    limits.set_limit(
        key=limits.Key.FREQUENT_UPDATES,
        value=1,
        applies_from=legal_day(world.now),
        at=world.tick(),
        **common,
    )
    assert detection.detect(at=world.tick()) == 0, "one is not more than one"
    second = world.draft()
    Release.objects.filter(pk=second.pk).update(state="released")
    ride = roads.road(world, release=second, vehicles=roads.register(world, 1, first=80))
    ride.started()
    assert detection.detect(at=world.tick()) == 1
    one = Finding.objects.get()
    assert (one.kind, one.type_id, one.rule_id) == (
        Kind.FREQUENT_UPDATES,
        world.type_id,
        "DRF-05",
    )
    assert one.facts == {"updates": 2, "limit": 1, "days": 90}
    assert detection.detect(at=world.tick()) == 0


def test_impact_names_what_a_release_touches_and_what_nobody_has_said(world):
    roads.register(world, 2)
    world.draft(number="OTHER")
    release = world.frozen(number="THIS")
    world.prepare(FilingKind.ACTIVITY, release)
    found = impact.of_release(world.cast.manufacturer_id, "THIS", at=world.tick())
    (one,) = found.types
    assert one.running == {"from": 2, "to": 0, "other": 0}
    assert one.effect.changes_numbers
    assert one.current.approval_number == "DEMO-ALPHA"
    assert {filing.dossier.release_id for filing in found.filings} == {release.pk}
    assert [other.number for other in found.others] == ["OTHER"]
    assert "un_markets" in found.undetermined
    assert found.un.jurisdiction == "UN"


def test_a_type_of_many_vehicles_is_counted_in_the_database(world):
    """A hundred thousand installed rows: the same queries, and well under a second of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vehicles_vehicle (manufacturer_id, type_id, controller_id, token_sha256,"
            " salt, registered_at, attributes, imported, software_sha256)"
            " SELECT %s, %s, 'many-' || n, '', '\\x00'::bytea, now(), '{}', '{}', ''"
            " FROM generate_series(1, 100000) AS n",
            [world.cast.manufacturer_id, world.type_id],
        )
        cursor.execute(
            "INSERT INTO vehicles_installedsoftware (vehicle_id, ecu_id, version, since, source)"
            " SELECT v.id, e.id, CASE WHEN v.id %% 100 = 0 THEN 'odd' ELSE %s END, now(), 'vehicle'"
            " FROM vehicles_vehicle v JOIN vehicles_ecu e ON e.type_id = v.type_id",
            [OLD],
        )
        cursor.execute("ANALYZE vehicles_vehicle, vehicles_installedsoftware")
    with CaptureQueriesContext(connection) as asked:
        (found,) = fleet.standing([of_type(world)])
        register.of_type(world.cast.manufacturer_id, world.type_id)
    (ecu,) = found.ecus
    assert (found.vehicles, ecu.approved, ecu.uncovered) == (100000, 99000, 1000)
    assert len(asked) <= 25
    spent = sum(float(query["time"]) for query in asked)
    assert spent < 5, spent  # 0.1 s on an idle machine; these two cores are shared
