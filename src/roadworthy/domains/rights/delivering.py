"""What the gateways are told of an owner's consents, so that the vehicle's filter can act on them.

* One row a vehicle, in the ordered change feed of the gateways: a vehicle asks before it sends.
* A withdrawal stays in the row until a new consent to the same takes its place: the gateway then
  keeps nothing of that item for that purpose, whatever a record says of itself.
* No name and no number of a person is in it.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import connection

from roadworthy.domains.rights.arrivals import GatewayConsent
from roadworthy.domains.rights.models import Consent
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.calendar import SHANGHAI

_LOCK = "SELECT pg_advisory_xact_lock(7201)"  # the feed's, taken before any of its rows


def publish(vehicle: Vehicle) -> None:
    """Tell the gateways what a vehicle's owner has said; comes last in the caller's transaction."""
    tenant = vehicle.manufacturer.ddi_tenant
    if not tenant or not vehicle.controller_id:
        return  # no gateway here would ever be asked
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    found = Consent.objects.filter(vehicle=vehicle).select_related("form__item").order_by("pk")
    standing = {_topic(one): one for one in found if one.withdrawn_at is None}
    ended = {_topic(one) for one in found if one.withdrawn_at is not None}
    before = GatewayConsent.objects.filter(tenant=tenant, controller_id=vehicle.controller_id)
    for kept in before.values_list("withdrawn", flat=True):
        ended |= {(item, purpose) for item, purpose in kept}
    GatewayConsent.objects.update_or_create(
        tenant=tenant,
        controller_id=vehicle.controller_id,
        defaults={
            "given": [_given(one) for _topic_of, one in sorted(standing.items())],
            "withdrawn": sorted(map(list, ended - standing.keys())),
            "seq": 0,
        },
    )


def _topic(one: Consent) -> tuple[str, str]:
    return one.form.item.code, one.form.purpose


def _given(one: Consent) -> dict[str, str | None]:
    item, purpose = _topic(one)
    return {
        "item": item,
        "purpose": purpose,
        "given_at": one.given_at.isoformat(),
        "until": _end_of(one.until).isoformat() if one.until else None,
    }


def _end_of(day: date) -> datetime:
    """Return the moment at which a last day is over."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
