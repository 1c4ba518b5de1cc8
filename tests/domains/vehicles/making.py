"""A manufacturer with types and people, for the tests of this domain."""

from datetime import UTC, datetime

from roadworthy.domains.accounts import services as accounts
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.vehicles import importing, services
from roadworthy.kernel import vin

AT = datetime(2026, 10, 1, 4, tzinfo=UTC)


def manufacturer(slug="qingshan"):
    return Organisation.objects.create(
        slug=slug, kind=Kind.MANUFACTURER, name={"en": slug}, ddi_tenant=slug.upper()
    )


def with_types(slug="qingshan", brand="psa"):
    maker = manufacturer(slug)
    importing.import_types(manufacturer_id=maker.pk, brand=brand, actor=PLATFORM, at=AT)
    return maker


def member(organisation, role):
    by = witnessed(PLATFORM)
    user = accounts.create_user(
        email=f"{role}@{organisation.slug}.example",
        name="A Person",
        password="correct horse battery staple",
        language="en",
        actor=by,
        at=AT,
    )
    organisations.add_member(
        organisation_id=organisation.pk, user_id=user.pk, role=role, actor=by, at=AT
    )
    return Actor(role, user.pk, organisation.pk)


def vin_of(serial):
    return vin.compose(wmi="L0Z", descriptor="RW000", year=2026, plant="0", serial=serial).text


def row(serial, **changes):
    values = {
        "number": serial + 1,
        "vin": vin_of(serial),
        "controller_id": f"car-{serial}",
        "type_code": "PSA_PEUGEOT_208",
        "baseline": {},
    } | changes
    return services.VehicleRow(**values)


def register(maker, *rows, at=AT):
    return services.register_vehicles(manufacturer_id=maker.pk, rows=rows, actor=PLATFORM, at=at)
