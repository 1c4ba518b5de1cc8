"""What can be asked about requests of persons. The manufacturer comes first; it sees its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.rights import errors, services, stores
from roadworthy.domains.rights.models import Request
from roadworthy.domains.rights.states import Kind, State

READERS: Final = (Role.DATA, Role.COMPLIANCE_OFFICER)
ORDERS: Final = {
    "number": "pk",
    "received": "received_at",
    "due": "due_on",
    "state": "state",
    "kind": "kind",
}


def requests(
    actor: Actor, *, search: str = "", state: str = "", kind: str = "", sort: str = "-received"
) -> QuerySet[Request]:
    """Return the requests that the actor may read."""
    found = _readable(actor).select_related("vehicle__type")
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if search:
        found = found.filter(Q(number__icontains=search) | Q(vehicle__vin__icontains=search))
    key = F(ORDERS.get(sort.removeprefix("-"), "received_at"))
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    return found.order_by(order, "-pk")


def request(actor: Actor, request_id: int) -> Request:
    """Return one request.

    Raises:
        NoSuchRequest: there is none that the actor may read.
    """
    found = _readable(actor).select_related("vehicle__type").filter(pk=request_id).first()
    if found is None:
        raise errors.NoSuchRequest
    return found


def held(found: Request, *, at: datetime) -> dict[stores.Store, int]:
    """Return how much of the person each store has, for a request that waits; else nothing."""
    return stores.held(found.vehicle, at=at) if found.state == State.RECEIVED else {}


def waiting(actor: Actor) -> int:
    """Return how many requests wait for an answer."""
    return _readable(actor).filter(state=State.RECEIVED).count()


def late(actor: Actor, *, on: date) -> int:
    """Return how many requests are past their day."""
    return _readable(actor).filter(state=State.RECEIVED, due_on__lt=on).count()


def counted(manufacturer_id: int, year: int) -> int:
    """Return how many requests about data came in during a year, for the yearly report."""
    return Request.objects.filter(manufacturer_id=manufacturer_id, received_at__year=year).count()


def of_owner(token: str) -> QuerySet[Request]:
    """Return what the holder of a link has asked for, newest first.

    Raises:
        NoSuchLink: the token is unknown.
    """
    return Request.objects.filter(vehicle=services.behind(token), channel="web").order_by("-pk")


def copy_for(token: str, *, at: datetime) -> dict[str, Any]:
    """Return the copy of everything that an access request was carried out for.

    Raises:
        NoSuchLink: the token is unknown.
        NoSuchRequest: no access request of the vehicle was carried out.
    """
    vehicle = services.behind(token)
    if not Request.objects.filter(
        vehicle=vehicle, kind=Kind.ACCESS, state=State.CARRIED_OUT
    ).exists():
        raise errors.NoSuchRequest
    return stores.copy_of(vehicle, at=at)


def _readable(actor: Actor) -> QuerySet[Request]:
    if actor.role not in READERS or actor.organisation_id is None:
        return Request.objects.none()
    return Request.objects.filter(manufacturer_id=actor.organisation_id)
