"""Types from the inventory: nothing is lost on the way into the database."""

import pytest

from roadworthy.domains.ledger.models import Entry
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.vehicles import errors, importing, inventory
from roadworthy.domains.vehicles.models import Ecu, KnownFirmware, VehicleType
from tests.domains.vehicles.making import AT, manufacturer, member

pytestmark = pytest.mark.django_db(transaction=True)


def imported(maker, **more):
    return importing.import_types(manufacturer_id=maker.pk, actor=PLATFORM, at=AT, **more)


def test_all_brands_arrive_whole_and_a_second_import_changes_nothing():
    maker = manufacturer()
    assert imported(maker) == importing.ImportedTypes(225, 991, 5312)
    assert VehicleType.objects.count() == 225
    assert Ecu.objects.count() == 991
    in_database = {
        (f.ecu.type.code, f.ecu.name, f.ecu.address, f.ecu.sub_address, bytes(f.raw), f.version)
        for f in KnownFirmware.objects.select_related("ecu__type")
    }
    assert in_database == {
        (platform.name, slot.ecu, slot.address, slot.sub_address, firmware.raw, firmware.version)
        for platform in inventory.carried().platforms
        for slot in platform.slots
        for firmware in slot.firmware
    }
    assert len({raw for *_, raw, _ in in_database}) == 4966
    entries = Entry.objects.count()
    assert entries == 225
    assert imported(maker) == importing.ImportedTypes(0, 0, 0)
    assert Entry.objects.count() == entries


def test_an_import_that_lost_rows_is_completed():
    maker = manufacturer()
    imported(maker, brand="tesla")
    lost = KnownFirmware.objects.filter(ecu__type__code="TESLA_MODEL_3")[:3]
    KnownFirmware.objects.filter(pk__in=[f.pk for f in lost]).delete()
    assert imported(maker, brand="tesla") == importing.ImportedTypes(0, 0, 3)


def test_demonstration_data_is_marked():
    maker = manufacturer()
    imported(maker, brand="mazda")
    for each in VehicleType.objects.all():
        assert each.approval_number.startswith("DEMO-")
        assert each.source == f"opendbc 0.3.1 mazda/{each.code}; demonstration approval"


def test_an_unknown_brand_names_the_brands():
    with pytest.raises(errors.NoSuchBrand, match="toyota"):
        imported(manufacturer(), brand="trabant")


def test_only_the_manufacturers_own_people_import():
    maker, other = manufacturer(), manufacturer("other")
    authority = Organisation.objects.create(slug="miit", kind=Kind.MIIT, name={})
    with pytest.raises(errors.NoSuchManufacturer):
        imported(authority, brand="psa")
    stranger = member(other, Role.HOMOLOGATION)
    with pytest.raises(errors.NoSuchManufacturer):
        importing.import_types(manufacturer_id=maker.pk, brand="psa", actor=stranger, at=AT)
    engineer = member(maker, Role.RELEASE_ENGINEER)
    with pytest.raises(errors.NotYourTask):
        importing.import_types(manufacturer_id=maker.pk, brand="psa", actor=engineer, at=AT)
    assert not VehicleType.objects.exists()
    own = member(maker, Role.HOMOLOGATION)
    importing.import_types(manufacturer_id=maker.pk, brand="psa", actor=own, at=AT)
    assert VehicleType.objects.count() == 1
