"""Versions that nothing covers: found, explained, taken back, reported, settled."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdf
import pytest

from roadworthy.domains.conformity import detection, errors, limits, queries, services, upkeep
from roadworthy.domains.conformity.limits import Key
from roadworthy.domains.conformity.models import Explanation, Finding, Referral
from roadworthy.domains.conformity.states import Act, Kind, Reason, State
from roadworthy.domains.documents import services as documents
from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import reporting
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.calendar import PRC, legal_day
from roadworthy.kernel.transitions import WrongRole, WrongState
from tests.domains.campaigns import roads
from tests.world import ECU, OLD, World

OFFICER, ENGINEER = Role.COMPLIANCE_OFFICER, Role.RELEASE_ENGINEER


def says(world: World, vehicle_id: int, version: str, ecu: str = ECU) -> None:
    reporting.record_ecu_report(
        vehicle_id=vehicle_id, ecu_name=ecu, version=version, actor=PLATFORM, at=world.tick()
    )


def found(world: World) -> list[Finding]:
    detection.detect(at=world.tick())
    return list(Finding.objects.order_by("pk"))


def evidence(world: World) -> str:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    made = io.BytesIO()
    writer.write(made)
    made.seek(0)
    return documents.keep(
        organisation_id=world.cast.manufacturer_id,
        filename="workshop-order.pdf",
        content=made,
        store=world.platform.documents,
        actor=world.actor(OFFICER),
        at=world.tick(),
    ).sha256


def explained(world: World, finding: Finding, **changes):
    values = {
        "finding_id": finding.pk,
        "because": Reason.WORKSHOP,
        "text": "A workshop flashed it; the order is attached.",
        "actor": world.actor(OFFICER),
        "at": world.tick(),
    } | changes
    if "document_sha256" not in values:
        values["document_sha256"] = evidence(world)
    return services.explain(**values)


@pytest.fixture
def finding(world: World) -> Finding:
    first, *_ = roads.register(world, 2)
    says(world, first, "9.9.9")
    return found(world)[0]


def test_vehicles_that_report_the_same_are_one_finding_with_its_age_and_first_vehicle(world):
    first, second, third = roads.register(world, 3)
    says(world, second, "9.9.9")
    says(world, first, "9.9.9")
    says(world, third, OLD)
    (one,) = found(world)
    assert (one.kind, one.version, one.vehicles) == (Kind.UNFILED_SOFTWARE, "9.9.9", 2)
    assert one.first_vehicle_id == second
    assert one.first_seen_at < one.last_seen_at < one.opened_at
    assert one.explain_by == PRC.after(legal_day(world.now), 10).day
    says(world, third, "9.9.9")
    (same,) = found(world)
    assert (same.pk, same.vehicles) == (one.pk, 3)


def test_an_ecu_that_the_type_does_not_have_is_a_finding_too(world):
    (only,) = roads.register(world, 1)
    says(world, only, "1", ecu="toaster")
    (one,) = found(world)
    assert (one.ecu_id, one.version) == (None, "toaster 1")


def test_what_an_approval_or_release_covers_later_is_no_finding_any_more(world, finding):
    vehicles.learn_firmware(
        manufacturer_id=world.cast.manufacturer_id,
        type_ids=[world.type_id],
        ecu_name=ECU,
        version="9.9.9",
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    assert [one.state for one in found(world)] == [State.COVERED]


def test_an_explanation_needs_words_and_a_document_of_the_same_house(world, finding):
    with pytest.raises(errors.TextMissing):
        explained(world, finding, text="  ")
    with pytest.raises(errors.EvidenceMissing):
        explained(world, finding, document_sha256="")
    with pytest.raises(Exception, match="document"):
        explained(world, finding, document_sha256="0" * 64)
    with pytest.raises(errors.NotNoise):
        explained(world, finding, act=Act.DISMISS)
    with pytest.raises(WrongRole):
        explained(world, finding, actor=world.actor(ENGINEER))
    assert not Explanation.objects.exists()
    assert explained(world, finding).state == State.EXPLAINED
    last = Entry.objects.filter(event="conformity:finding:changed").order_by("id").last()
    assert b"workshop-order" not in bytes(last.body)


def test_a_wrong_explanation_is_taken_back_with_its_reason_and_stays_readable(world, finding):
    explained(world, finding)
    with pytest.raises(errors.ReasonMissing):
        services.undo(
            finding_id=finding.pk, reason=" ", actor=world.actor(OFFICER), at=world.tick()
        )
    again = services.undo(
        finding_id=finding.pk,
        reason="It was another vehicle.",
        actor=world.actor(OFFICER),
        at=world.tick(),
    )
    assert again.state == State.OPEN
    (kept,) = Explanation.objects.all()
    assert (kept.undone_because, kept.undone_at) == ("It was another vehicle.", world.now)
    assert explained(world, finding, because=Reason.FORMAT, act=Act.DISMISS).state == State.NOISE


def test_what_nobody_explains_in_time_goes_to_both_authorities_and_not_a_day_before(world, finding):
    last_day = finding.explain_by - legal_day(world.now)
    world.tick(days=last_day.days)
    upkeep.turn(world.now)
    assert not Referral.objects.exists()
    upkeep.turn(world.tick(days=1))
    finding.refresh_from_db()
    assert finding.state == State.REPORTED
    kinds = Referral.objects.values_list("authority__kind", flat=True)
    assert sorted(kinds) == ["miit", "samr"]
    upkeep.turn(world.tick(days=30))
    assert Referral.objects.count() == 2


def test_what_was_explained_in_time_stays_in_the_house(world, finding):
    explained(world, finding)
    upkeep.turn(world.tick(days=90))
    assert not Referral.objects.exists()


def test_each_authority_settles_its_own_and_the_last_one_closes(world, finding):
    services.report(finding_id=finding.pk, actor=world.actor(OFFICER), at=world.tick())
    assert explained(world, finding).state == State.ANSWERED
    miit, samr = world.actor(Role.MIIT_REVIEWER), world.actor(Role.SAMR_REVIEWER)

    def settle(actor):
        return services.settle(finding_id=finding.pk, note="Noted.", actor=actor, at=world.tick())

    assert settle(miit).state == State.ANSWERED
    with pytest.raises(WrongState):
        settle(miit)
    assert settle(samr).state == State.CLOSED
    again = services.reopen(
        finding_id=finding.pk, reason="It spreads.", actor=samr, at=world.tick()
    )
    assert again.state == State.REPORTED
    assert queries.own(world.cast.manufacturer_id, finding.pk).explanation is None
    assert queries.counts_before(samr.organisation_id) == {
        "waiting": 1,
        "answered": 0,
        "settled": 0,
    }


def test_an_authority_that_is_not_satisfied_asks_again(world, finding):
    services.report(finding_id=finding.pk, actor=world.actor(OFFICER), at=world.tick())
    explained(world, finding)
    asked = services.undo(
        finding_id=finding.pk,
        reason="The order names another vehicle.",
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )
    assert (asked.state, asked.reason) == (State.REPORTED, "The order names another vehicle.")


def test_an_authority_sees_nothing_before_it_is_reported(world, finding):
    reviewer = world.actor(Role.SAMR_REVIEWER)
    assert not queries.before_authority(reviewer.organisation_id)
    with pytest.raises(errors.NoSuchFinding):
        queries.addressed(reviewer.organisation_id, finding.pk)
    with pytest.raises(errors.NoSuchFinding):
        services.settle(finding_id=finding.pk, note="x", actor=reviewer, at=world.tick())


def test_another_house_finds_nothing(world, finding):
    with pytest.raises(errors.NoSuchFinding):
        queries.own(world.cast.manufacturer_id + 1, finding.pk)
    assert not queries.findings(world.cast.manufacturer_id + 1)


def test_no_vin_stands_in_the_log(world, finding):
    services.report(finding_id=finding.pk, actor=world.actor(OFFICER), at=world.tick())
    everything = " ".join(bytes(entry.body).decode() for entry in Entry.objects.all())
    assert not any(vehicle.vin in everything for vehicle in Vehicle.objects.all())


def test_the_strictest_limit_counts_from_its_day_on(world):
    on = legal_day(world.now)

    def set_(role, value, day=on):
        return limits.set_limit(
            key=Key.EXPLAIN_WORKING_DAYS,
            value=value,
            applies_from=day,
            reason="We want to know.",
            actor=world.actor(role),
            at=world.tick(),
        )

    def in_force(day=on):
        return limits.value(world.cast.manufacturer_id, Key.EXPLAIN_WORKING_DAYS, on=day)

    assert in_force() == 10
    set_(OFFICER, 30)
    assert in_force() == 10, "nobody gives themselves more time"
    tomorrow = on + timedelta(days=1)
    set_(Role.SAMR_REVIEWER, 5, tomorrow)
    assert (in_force(), in_force(tomorrow)) == (10, 5)
    with pytest.raises(errors.LimitInThePast):
        set_(Role.SAMR_REVIEWER, 5, on - timedelta(days=1))
    with pytest.raises(errors.LimitOutOfRange):
        set_(Role.SAMR_REVIEWER, 0)
    with pytest.raises(WrongRole):
        set_(ENGINEER, 3)
