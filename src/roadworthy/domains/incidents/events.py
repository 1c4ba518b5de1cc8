"""Turn what vehicles said of events into incidents, each event once, in the order it was written.

* One worker at a time on the whole database (``_TURN``); an event is marked as taken in the
  transaction that holds what became of it.
* An event that means nothing here - an unknown vehicle, a body that cannot be read - is kept, with
  the reason; none stops the ones behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.incidents import intake
from roadworthy.domains.incidents.intake import About, Told
from roadworthy.domains.incidents.models import Account, GatewayEvent
from roadworthy.domains.incidents.states import Channel, Trigger
from roadworthy.domains.organisations.actors import Witnessed, commitment
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.errors import DomainError

AT_ONCE = 500
UNKNOWN_VEHICLE, UNREADABLE, REPEATED = "unknown-vehicle", "unreadable", "repeated"
_TURN = "SELECT pg_try_advisory_xact_lock(7204)"
_SEEN = {"cdas_state": "cdasState", "speed_kmh": "speedKmh", "airbag": "airbag"}


def take_all() -> int:
    """Take every event that waits; return how many there were."""
    done = 0
    while batch := take():
        done += batch
    return done


@transaction.atomic(durable=True)
def take(*, limit: int = AT_ONCE) -> int:
    """Take the oldest events that wait; return how many, or 0 if another worker is at it."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN)
        if not cursor.fetchone()[0]:
            return 0
    waiting = list(GatewayEvent.objects.filter(taken=False).order_by("id")[:limit])
    for event in waiting:
        event.ignored = _taken(event)
        event.taken = True
        event.save(update_fields=["taken", "ignored"])
    return len(waiting)


def _taken(event: GatewayEvent) -> str:
    """Make an incident of an event; return why not, if not."""
    vehicle = (
        Vehicle.objects.select_related("type", "manufacturer")
        .filter(manufacturer__ddi_tenant=event.tenant, controller_id=event.controller_id)
        .first()
    )
    if vehicle is None:
        return UNKNOWN_VEHICLE
    if Account.objects.filter(
        vehicle=vehicle, channel=Channel.VEHICLE, external_id=event.event_id
    ).exists():
        return REPEATED
    try:
        with transaction.atomic():
            told = _told(event)
            intake.begin(
                _about(vehicle, event.body),
                told,
                Channel.VEHICLE,
                _by(vehicle),
                event.received_at,
                by_id=None,
            )
    except (DomainError, KeyError, TypeError, ValueError):
        return UNREADABLE
    return ""


def _told(event: GatewayEvent) -> Told:
    """Return what a vehicle said as an account; a clock that runs ahead is not believed."""
    body: Mapping[str, Any] = event.body
    occurred = datetime.fromisoformat(body["occurredAt"])
    stated: dict[str, Any] = {"occurred_at": min(occurred, event.received_at)}
    stated |= {name: body[there] for name, there in _SEEN.items() if there in body}
    if body.get("recorders"):
        stated["recorders_holding"] = body["recorders"]
    if body.get("observed"):
        stated["incident_kinds"] = body["observed"]
    if body.get("place"):
        stated |= body["place"]
    return Told(
        trigger=Trigger(body["event"]),
        learned_at=event.received_at,
        words=body.get("details", ""),
        stated=stated,
        external_id=event.event_id,
        software=body.get("software", {}),
    )


def _about(vehicle: Vehicle, body: Mapping[str, Any]) -> About:
    named = body.get("function", "")
    function = Function.objects.filter(type=vehicle.type, code=named).first() if named else None
    return About(vehicle.manufacturer_id, vehicle, vehicle.type, function)


def _by(vehicle: Vehicle) -> Witnessed:
    told = commitment(bytes(vehicle.salt), f"vehicle/{vehicle.pk}")
    return Witnessed("vehicle", vehicle.manufacturer.slug, told)
