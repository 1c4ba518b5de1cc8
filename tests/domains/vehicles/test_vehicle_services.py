"""Registering types and vehicles."""

import hashlib
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import demo_csv, errors, queries, reporting, services
from roadworthy.domains.vehicles.models import InstalledSoftware, KnownFirmware, Vehicle
from roadworthy.domains.vehicles.rows import VehicleRow
from tests.domains.vehicles.making import (
    AT,
    manufacturer,
    member,
    register,
    row,
    vin_of,
    with_types,
)

pytestmark = pytest.mark.django_db(transaction=True)
SPEC = services.TypeSpec(
    code="QS-1",
    name={"zh-hans": "青山一号", "en": "Qingshan One"},
    approval_number="DEMO-1",
    approved_on=date(2026, 1, 5),
    automation_level=2,
    ecus=(
        services.EcuSpec("fwdCamera", 0x750, "cam:1", 0x6D, firmware=((b"1.0\0", "1.0"),)),
        services.EcuSpec("engine", 0x700, "eng:1", firmware=((b"E1", "E1"),)),
        services.EcuSpec("engine", 0x7E0, "eng:2"),
    ),
)


def registered_type(maker, **changes):
    return services.register_type(
        manufacturer_id=maker.pk, spec=replace(SPEC, **changes), actor=PLATFORM, at=AT
    )


def test_a_type_is_registered_with_its_ecus():
    maker = manufacturer()
    made = registered_type(maker)
    labels = [ecu.label for ecu in queries.ecus_of(maker.pk, made.pk)]
    assert labels == ["engine@700", "engine@7e0", "fwdCamera"]
    assert Entry.objects.get().event == "vehicle-type:registered"


def test_a_type_is_registered_once():
    maker = manufacturer()
    registered_type(maker)
    with pytest.raises(errors.TypeExists):
        registered_type(maker)


@pytest.mark.parametrize("hardware_id", ["", "cam", "cam:", "1cam:1", "cam:1;2", "摄像头:1"])
def test_a_hardware_id_that_swupdate_cannot_compare_is_refused(hardware_id):
    bad = services.EcuSpec("fwdCamera", 1, hardware_id)
    with pytest.raises(errors.BadHardwareId):
        registered_type(manufacturer(), ecus=(bad,))


def test_an_ecu_stands_once_in_a_type():
    ecu = SPEC.ecus[0]
    with pytest.raises(errors.EcuTwice):
        registered_type(manufacturer(), ecus=(ecu, ecu))


def test_a_vehicle_is_registered_with_baseline_swin_and_token():
    maker = with_types()
    done = register(maker, row(1, baseline={"fwdRadar": "212053276"}))
    (registered,) = done.registered
    vehicle = Vehicle.objects.get()
    assert vehicle.vin == vin_of(1)
    assert vehicle.token_sha256 == hashlib.sha256(registered.token.encode()).hexdigest()
    detail = queries.vehicle(maker.pk, vehicle.pk)
    assert [(i.label, i.version, i.source) for i in detail.software] == [
        ("fwdRadar", "212053276", "baseline")
    ]
    assert [s.regulation for s in detail.swins] == ["GB 44496", "UN R156"]
    assert all(s.basis == "baseline" for s in detail.swins)


def test_the_same_software_has_the_same_swin_and_other_software_another():
    maker = with_types()
    services.learn_firmware(
        manufacturer_id=maker.pk,
        type_ids=[queries.types(maker.pk).get().pk],
        ecu_name="fwdRadar",
        version="other",
        actor=PLATFORM,
        at=AT,
    )
    done = register(
        maker,
        row(1, baseline={"fwdRadar": "212053276"}),
        row(2, baseline={"fwdRadar@6b6": "212053276"}),
        row(3, baseline={"fwdRadar": "other"}),
        row(4),
    )
    swins = queries.current_swins([r.vehicle_id for r in done.registered])
    first, second, third = (swins[r.vehicle_id][0].number for r in done.registered[:3])
    assert first == second != third
    assert done.registered[3].vehicle_id not in swins


def test_the_ledger_learns_how_many_but_no_vin():
    maker = with_types()
    register(maker, row(1), row(2))
    entry = Entry.objects.filter(event="vehicles:registered").get()
    assert b'"count":2' in bytes(entry.body)
    assert vin_of(1).encode() not in bytes(entry.body)


@pytest.mark.parametrize(
    ("changes", "column", "error"),
    [
        ({"vin": ""}, "vin", errors.VinMissing),
        ({"vin": "L0ZRW000"}, "vin", "WrongLength"),
        ({"vin": "L0ZRW0O00T0000001"}, "vin", "WrongCharacter"),
        ({"controller_id": ""}, "controller_id", errors.ControllerIdMissing),
        ({"controller_id": "a/b"}, "controller_id", errors.BadControllerId),
        ({"controller_id": "a" * 257}, "controller_id", errors.BadControllerId),
        ({"type_code": "NONE"}, "type", errors.UnknownType),
        ({"baseline": {"hud": "1"}}, "ecu:hud", errors.UnknownEcu),
        ({"baseline": {"fwdRadar": "9"}}, "ecu:fwdRadar", errors.UnknownVersion),
        ({"token": "short"}, "token", errors.BadToken),
    ],
)
def test_a_bad_row_is_refused_with_its_column_and_costs_the_others_nothing(changes, column, error):
    done = register(with_types(), row(1), row(2, **changes), row(3))
    (refusal,) = done.refused
    assert (refusal.number, refusal.column) == (3, column)
    name = error if isinstance(error, str) else error.__name__
    assert type(refusal.error).__name__ == name
    assert len(done.registered) == 2


def test_a_failing_check_digit_is_a_warning():
    wrong = vin_of(1)[:8] + ("1" if vin_of(1)[8] != "1" else "2") + vin_of(1)[9:]
    done = register(with_types(), row(1, vin=wrong))
    assert len(done.registered) == 1
    assert done.warnings[0].code == "vin-check-digit"


def test_doubles_are_found_in_the_file_and_in_the_register():
    maker = with_types()
    done = register(maker, row(1), row(2, vin=vin_of(1)), row(3, controller_id="car-1"))
    assert [type(r.error) for r in done.refused] == [errors.VinTwice, errors.ControllerIdTwice]
    later = register(
        maker, row(4, vin=vin_of(1)), row(5, controller_id="car-1"), at=AT + timedelta(1)
    )
    assert [type(r.error) for r in later.refused] == [errors.VinTaken, errors.ControllerIdTaken]


def test_two_manufacturers_do_not_see_each_other():
    one, two = with_types("one"), with_types("two")
    vehicle_id = register(one, row(1)).registered[0].vehicle_id
    assert register(two, row(1)).registered
    assert queries.vehicles(two.pk).get().pk != vehicle_id
    with pytest.raises(errors.NoSuchVehicle):
        queries.vehicle(two.pk, vehicle_id)
    with pytest.raises(errors.NoSuchVehicle):
        queries.swin_history(two.pk, vehicle_id)
    with pytest.raises(errors.NoSuchType):
        queries.ecus_of(two.pk, queries.types(one.pk).get().pk)


def test_a_vehicle_that_spoke_before_is_adopted():
    maker = with_types()
    ids = reporting.sight(maker.pk, {"car-1": AT})
    said = reporting.Attributes(ids["car-1"], "merge", {"vin": vin_of(1)}, AT)
    reporting.record_many_attributes([said])
    done = register(maker, row(1), at=AT + timedelta(1))
    vehicle = Vehicle.objects.get()
    assert done.registered[0].vehicle_id == vehicle.pk == ids["car-1"]
    assert vehicle.type is not None
    assert vehicle.attributes == {"vin": vin_of(1)}


def test_only_the_manufacturers_own_people_register_vehicles():
    maker, other = with_types("one"), with_types("two")
    for actor, error in [
        (member(other, Role.HOMOLOGATION), errors.NoSuchManufacturer),
        (replace(PLATFORM, role=Role.HOMOLOGATION), Exception),
    ]:
        with pytest.raises(error):
            services.register_vehicles(manufacturer_id=maker.pk, rows=[row(1)], actor=actor, at=AT)
    assert not Vehicle.objects.exists()
    own = member(maker, Role.COMPLIANCE_OFFICER)
    services.register_vehicles(manufacturer_id=maker.pk, rows=[row(1)], actor=own, at=AT)
    assert Vehicle.objects.count() == 1


def test_a_version_is_learned_once():
    maker = with_types()
    type_id = queries.types(maker.pk).get().pk
    learn = {"manufacturer_id": maker.pk, "type_ids": [type_id], "actor": PLATFORM, "at": AT}
    assert services.learn_firmware(**learn, ecu_name="fwdRadar", version="2") == 1
    assert services.learn_firmware(**learn, ecu_name="fwdRadar", version="2") == 0
    assert bytes(KnownFirmware.objects.get(version="2").raw) == b"2"
    # The inventory knows this text, by an answer with padding: nothing new.
    assert services.learn_firmware(**learn, ecu_name="fwdRadar", version="212053276") == 0
    with pytest.raises(errors.UnknownEcu):
        services.learn_firmware(**learn, ecu_name="hud", version="2")


def test_a_thousand_vehicles_are_registered_in_seconds():
    maker = with_types(brand="toyota")
    _, table = demo_csv.table(demo_csv.Fleet(count=1000))
    rows = [
        VehicleRow(
            number,
            line["vin"],
            line["controller_id"],
            line["type"],
            {k[4:]: v for k, v in line.items() if k.startswith("ecu:")},
        )
        for number, line in enumerate(table)
    ]
    began = time.perf_counter()
    done = register(maker, *rows)
    assert time.perf_counter() - began < 10
    assert (len(done.registered), done.refused, done.warnings) == (1000, (), ())
    assert InstalledSoftware.objects.count() == sum(len(r.baseline) for r in rows)


def test_lists_are_filtered_and_sorted():
    maker = with_types()
    register(maker, row(1, baseline={"fwdRadar": "212053276"}), row(2), row(10))
    ids = [v.controller_id for v in queries.vehicles(maker.pk, search="car-1")]
    assert ids == ["car-1", "car-10"]
    assert queries.vehicles(maker.pk, version="212053276").get().controller_id == "car-1"
    assert queries.vehicles(maker.pk, search=vin_of(2)).get().controller_id == "car-2"
    newest = queries.vehicles(maker.pk, order="-controller_id")
    assert newest[0].controller_id == "car-2"
    assert queries.vehicles(maker.pk, order="salt; drop")[0].controller_id == "car-1"
    summary = queries.types_with_counts(maker.pk)[0]
    assert (summary.ecus, summary.vehicles) == (1, 3)
    assert queries.versions_running(maker.pk, "fwdRadar") == {"212053276": 1}
    assert queries.gateway_identities([v.pk for v in queries.vehicles(maker.pk)])[0].tenant == (
        "QINGSHAN"
    )
