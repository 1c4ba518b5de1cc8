"""What vehicles say they run, and what follows from it."""

from datetime import timedelta

import pytest

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.vehicles import queries, reporting, services
from roadworthy.domains.vehicles.models import Ecu, EcuReport, UnknownSoftware, Vehicle
from tests.domains.vehicles.making import AT, register, row, with_types

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = "212053276", "212053277"


def one_vehicle():
    maker = with_types()
    services.learn_firmware(
        manufacturer_id=maker.pk,
        type_ids=[queries.types(maker.pk).get().pk],
        ecu_name="fwdRadar",
        version=NEW,
        actor=PLATFORM,
        at=AT,
    )
    done = register(maker, row(1, baseline={"fwdRadar": OLD}))
    return maker, done.registered[0].vehicle_id


def says(vehicle_id, version, ecu="fwdRadar", minutes=1, **more):
    return reporting.record_ecu_report(
        vehicle_id=vehicle_id,
        ecu_name=ecu,
        version=version,
        actor=PLATFORM,
        at=AT + timedelta(minutes=minutes),
        **more,
    )


def test_a_new_version_moves_the_swin_and_stands_in_the_ledger():
    maker, vehicle_id = one_vehicle()
    noted = says(vehicle_id, NEW, basis="action/7", release_id=3)
    assert (noted.before, noted.known, noted.swin_changed) == (OLD, True, True)
    (installed,) = queries.software_of([vehicle_id])[vehicle_id].values()
    assert (installed.version, installed.source) == (NEW, "vehicle")
    history = queries.swin_history(maker.pk, vehicle_id)
    assert [s.basis for s in history] == ["action/7"] * 2 + ["baseline"] * 2
    assert len({s.number for s in history}) == 4
    entry = Entry.objects.get(event="vehicle:swin:changed")
    assert entry.release_id == 3
    assert Vehicle.objects.get().vin.encode() not in bytes(entry.body)


def test_the_first_word_confirms_the_baseline_and_later_ones_add_nothing():
    maker, vehicle_id = one_vehicle()
    assert not says(vehicle_id, OLD).swin_changed
    assert queries.software_of([vehicle_id])[vehicle_id]["fwdRadar"].source == "vehicle"
    says(vehicle_id, OLD, minutes=2)
    assert EcuReport.objects.count() == 1
    says(vehicle_id, OLD, minutes=3, basis="action/8")
    assert EcuReport.objects.count() == 2
    assert queries.reports_of(maker.pk, vehicle_id).count() == 2


def test_going_back_brings_the_old_number_back():
    maker, vehicle_id = one_vehicle()
    says(vehicle_id, NEW)
    says(vehicle_id, OLD, minutes=2)
    numbers = [s.number for s in queries.swin_history(maker.pk, vehicle_id)]
    assert numbers[:2] == numbers[4:]


def test_unknown_software_is_believed_and_kept_as_a_finding():
    maker, vehicle_id = one_vehicle()
    assert not says(vehicle_id, "grey import 1.0").known
    says(vehicle_id, "grey import 1.0", minutes=5)
    assert queries.software_of([vehicle_id])[vehicle_id]["fwdRadar"].version == "grey import 1.0"
    found = queries.unknown_software(maker.pk).get()
    assert found.first_seen_at == AT + timedelta(minutes=1)
    assert found.last_seen_at == AT + timedelta(minutes=5)


def test_an_ecu_that_the_type_does_not_have_is_a_finding_too():
    maker, vehicle_id = one_vehicle()
    noted = says(vehicle_id, "3.1", ecu="hud")
    assert (noted.ecu_id, noted.known) == (None, False)
    assert queries.unknown_software(maker.pk).get().version == "hud 3.1"


def test_what_the_database_cannot_hold_is_written_out():
    _, vehicle_id = one_vehicle()
    says(vehicle_id, "1.0\0" + "x" * 300)
    assert UnknownSoftware.objects.get().version.startswith(r"1.0\x00xxx")


def test_software_that_does_not_count_for_the_approval_leaves_the_swin():
    maker, vehicle_id = one_vehicle()
    Ecu.objects.create(
        type=queries.types(maker.pk).get(),
        name="hud",
        address=1,
        hardware_id="hud:1",
        approval_relevant=False,
    )
    assert not says(vehicle_id, "5", ecu="hud").swin_changed


def test_a_batch_is_taken_down_in_order():
    maker, vehicle_id = one_vehicle()
    other = register(maker, row(2)).registered[0].vehicle_id
    noted = reporting.record_ecu_reports(
        [
            reporting.Said(vehicle_id, "fwdRadar", NEW, AT),
            reporting.Said(other, "fwdRadar@6b6", OLD, AT),
            reporting.Said(vehicle_id, "fwdRadar", OLD, AT),
        ],
        actor=PLATFORM,
        at=AT,
    )
    assert [n.before for n in noted] == [OLD, None, NEW]
    assert queries.software_of([vehicle_id])[vehicle_id]["fwdRadar"].version == OLD
    assert len(queries.current_swins([other])[other]) == 2
    assert EcuReport.objects.count() == 3


def test_an_unregistered_vehicle_is_seen_and_its_software_is_unknown():
    maker, _ = one_vehicle()
    ids = reporting.sight(maker.pk, {"stranger": AT})
    assert reporting.sight(maker.pk, {"stranger": AT + timedelta(1)}) == ids
    stranger = Vehicle.objects.get(controller_id="stranger")
    assert (stranger.vin, stranger.type) == (None, None)
    assert stranger.last_seen_at == AT + timedelta(1)
    assert not says(stranger.pk, "1").known
    assert queries.unknown_software(maker.pk).get().vehicle == stranger


@pytest.mark.parametrize(
    ("mode", "after"),
    [
        ("merge", {"a": "1", "b": "3", "c": "4"}),
        ("replace", {"b": "3", "c": "4"}),
        ("remove", {"a": "1"}),
    ],
)
def test_attributes_follow_the_mode(mode, after):
    maker, vehicle_id = one_vehicle()
    reporting.record_many_attributes(
        [
            reporting.Attributes(vehicle_id, "merge", {"a": "1", "b": "2", "z": None}, AT),
            reporting.Attributes(vehicle_id, mode, {"b": "3", "c": "4"}, AT),
        ]
    )
    assert queries.vehicle(maker.pk, vehicle_id).vehicle.attributes == after


def test_a_large_batch_asks_the_database_no_more_than_a_small_one(django_assert_max_num_queries):
    maker = with_types()
    done = register(maker, *(row(n, baseline={"fwdRadar": OLD}) for n in range(1, 201)))
    ids = [r.vehicle_id for r in done.registered]
    said = [reporting.Said(i, name, NEW, AT) for i in ids for name in ("fwdRadar", "hud")]
    with django_assert_max_num_queries(20):
        assert len(reporting.record_ecu_reports(said, actor=PLATFORM, at=AT)) == 400
    with django_assert_max_num_queries(8):
        reporting.sight(maker.pk, {f"car-{n}": AT for n in range(1, 401)})
    with django_assert_max_num_queries(4):
        reporting.record_many_attributes(
            [reporting.Attributes(i, "merge", {"vin": "x"}, AT) for i in ids]
        )
