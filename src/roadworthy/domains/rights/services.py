"""The steps of a person's request. The only place that moves its state."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.aftersales import intake
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, commitment, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import implied
from roadworthy.domains.processing import queries as register
from roadworthy.domains.rights import errors, stores
from roadworthy.domains.rights.models import Request
from roadworthy.domains.rights.states import REQUEST, Action, Kind, State
from roadworthy.domains.rights.states import Actor as Mover
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.transitions import WrongRole
from roadworthy.law.rulebook import rulebook

_SALT = 16  # bytes
_LONGEST = 2_000  # characters


@transaction.atomic(durable=True)
def ask(*, token: str, kind: Kind, words: str = "", at: datetime) -> Request:
    """Take the request of the holder of a link to a vehicle.

    Raises:
        NoSuchLink: the token is unknown.
        AskedAlready: the same is asked and not answered yet.
    """
    vehicle = behind(token)
    by = Witnessed("owner", None, commitment(bytes(vehicle.salt), f"vehicle/{vehicle.pk}"))
    return _receive(vehicle, kind, words, by, at, channel="web", checked="")


@transaction.atomic(durable=True)
def enter(
    *, vin: str, kind: Kind, words: str, checked: str, channel: str, actor: Actor, at: datetime
) -> Request:
    """Enter what a person asked for by telephone or letter, and how it is known who they are.

    Raises:
        NotAMember, WrongRole, NoSuchVehicle, NotChecked, AskedAlready.
    """
    by = _data(actor)
    if not checked.strip():
        raise errors.NotChecked
    vehicle = Vehicle.objects.filter(
        manufacturer_id=actor.organisation_id, vin=vin.strip().upper()
    ).first()
    if vehicle is None:
        raise errors.NoSuchVehicle
    return _receive(vehicle, kind, words, by, at, channel=channel, checked=checked)


@transaction.atomic(durable=True)
def carry_out(*, request_id: int, actor: Actor, at: datetime) -> Request:
    """Do what the person asked for: erase in our own stores, or lay the copy ready behind the link.

    Raises:
        NotAMember, NoSuchRequest, WrongState, WrongRole.
    """
    found, by = _locked(request_id, actor)
    after = REQUEST.next_state(State(found.state), Action.CARRY_OUT, Mover(actor.role))
    if found.kind == Kind.DELETION:
        done = stores.erase(found.vehicle, but=found)
        found.result = [one.to_json() for one in done]
        found.words, found.checked, found.salt = "", "", b""
    return _move(found, after, Action.CARRY_OUT, by, at)


@transaction.atomic(durable=True)
def refuse(*, request_id: int, answer: str, actor: Actor, at: datetime) -> Request:
    """Refuse, with the reason that the person reads.

    Raises:
        NotAMember, NoSuchRequest, WrongState, WrongRole, WhyMissing.
    """
    found, by = _locked(request_id, actor)
    after = REQUEST.next_state(State(found.state), Action.REFUSE, Mover(actor.role))
    if not answer.strip():
        raise errors.WhyMissing
    found.answer = answer.strip()[:_LONGEST]
    return _move(found, after, Action.REFUSE, by, at)


@transaction.atomic(durable=True)
def take_back(*, token: str, request_id: int, at: datetime) -> Request:
    """Take a request back, as the owner asks.

    Raises:
        NoSuchLink, NoSuchRequest, WrongState.
    """
    vehicle = behind(token)
    found = (
        Request.objects.select_for_update(no_key=True)
        .filter(pk=request_id, vehicle=vehicle)
        .first()
    )
    if found is None:
        raise errors.NoSuchRequest
    after = REQUEST.next_state(State(found.state), Action.TAKE_BACK, Mover.OWNER)
    by = Witnessed("owner", None, commitment(bytes(vehicle.salt), f"vehicle/{vehicle.pk}"))
    return _move(found, after, Action.TAKE_BACK, by, at)


def behind(token: str) -> Vehicle:
    """Return the vehicle that a link stands for.

    Raises:
        NoSuchLink: the token is unknown, or its notice is not published yet.
    """
    return intake.behind(token).vehicle


def _receive(
    vehicle: Vehicle,
    kind: Kind,
    words: str,
    by: ledger.Named,
    at: datetime,
    *,
    channel: str,
    checked: str,
) -> Request:
    Vehicle.objects.select_for_update(no_key=True).only("pk").get(pk=vehicle.pk)
    same = Request.objects.filter(vehicle=vehicle, kind=kind, state=State.RECEIVED).first()
    if same is not None:
        raise errors.AskedAlready(number=same.number)
    day, provisional = _due(vehicle.manufacturer_id, kind, at)
    made = Request.objects.create(
        manufacturer_id=vehicle.manufacturer_id,
        number=f"new-{secrets.token_hex(8)}",
        kind=kind,
        state=REQUEST.initial,
        vehicle=vehicle,
        words=words.replace("\0", "").strip()[:_LONGEST],
        checked=checked.strip(),
        channel=channel,
        salt=secrets.token_bytes(_SALT),
        received_at=at,
        due_on=day,
        due_provisional=provisional,
    )
    made.number = f"PR-{legal_day(at).year}-{made.pk:05d}"
    made.save(update_fields=["number"])
    said = commitment(bytes(made.salt), f"{made.pk}/{made.words}")
    _log("rights-request:received", made, by, at, kind=kind, said=said)
    return made


def _due(manufacturer_id: int, kind: Kind, at: datetime) -> tuple[date | None, bool]:
    """Return by when a deletion is owed; what the rulebook gives no day for is owed promptly."""
    if kind != Kind.DELETION:
        return None, False
    kinds = sorted(
        {one for item in register.items(manufacturer_id) for one in implied.sensitive(item)}
    )
    facts: dict[str, Any] = {
        "sensitive_information_kinds": kinds,
        "deletion_requested_on": legal_day(at),
    }
    told = rulebook().evaluate(facts, as_of=legal_day(at), rules=["DAT-08"])
    for owed in told.obligations:
        if owed.rule_id == "DAT-08":
            return owed.due.date, owed.due.provisional
    return None, False


def _data(actor: Actor) -> Witnessed:
    by = witnessed(actor)
    if actor.role != Role.DATA:
        raise WrongRole(roles=Role.DATA, action="enter")
    return by


def _locked(request_id: int, actor: Actor) -> tuple[Request, Witnessed]:
    by = _data(actor)
    found = (
        Request.objects.select_for_update(no_key=True, of=("self",))
        .select_related("vehicle")
        .filter(pk=request_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchRequest
    return found, by


def _move(found: Request, after: State, action: Action, by: ledger.Named, at: datetime) -> Request:
    found.state = after
    found.answered_at = at
    found.save()
    _log("rights-request:state:changed", found, by, at, action=action, state=after)
    return found


def _log(event: str, found: Request, by: ledger.Named, at: datetime, **data: Any) -> None:
    """Write a step into the ledger: a number and a commitment, never a person or a vehicle."""
    ledger.record(
        event=event,
        subject=f"rights-request/{found.pk}",
        actor=by,
        at=at,
        data={"number": found.number, **data},
    )
