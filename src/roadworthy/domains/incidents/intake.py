"""How an incident comes in: from a person, another system, an owner; and how it is corrected.

* A word that names its own id (an event, another system's number) is taken once.
* Whoever tells of it states what they know; what they do not say stays unknown.
* What is corrected is a new version with a reason; the old one stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from roadworthy.domains.aftersales import intake as aftersales
from roadworthy.domains.campaigns import moves
from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.incidents import assessing, errors, fields, holding, records, running
from roadworthy.domains.incidents.models import Account, AccountVersion, Incident
from roadworthy.domains.incidents.states import INCIDENT, Channel, Trigger
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles.models import Vehicle, VehicleType
from roadworthy.kernel.calendar import legal_day

_SALT = 16  # bytes
_OF_AN_OWNER = 5  # incidents that one owner may tell of and that are still open
_NARRATORS = (Channel.PERSON, Channel.SYSTEM)  # whose words stand in reports; an owner's do not
# What a trigger is before the law unless somebody states otherwise; others are left open.
PRESUMED: Mapping[Trigger, tuple[str, ...]] = {
    Trigger.DISENGAGEMENT: ("disengagement",),
    Trigger.COLLISION: ("collision",),
    Trigger.INTRUSION: ("intrusion",),
    Trigger.LOSS_OF_CONTROL: ("loss_of_control",),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody told: of which vehicle or type, what is stated, in which words."""

    trigger: Trigger
    learned_at: datetime
    words: str = ""
    stated: Mapping[str, Any] = field(default_factory=dict)  # fields of the neutral record
    vin: str = ""
    type_code: str = ""
    function_code: str = ""
    contact: str = ""
    external_id: str = ""
    software: Mapping[str, str] = field(default_factory=dict)  # version by ECU label


@dataclass(frozen=True, slots=True)
class About:
    """Which of a manufacturer's things an incident is about."""

    manufacturer_id: int
    vehicle: Vehicle | None = None
    type: VehicleType | None = None
    function: Function | None = None


@transaction.atomic(durable=True)
def enter(
    *, told: Told, actor: Actor, at: datetime, channel: Channel = Channel.PERSON
) -> tuple[Incident, bool]:
    """Take in an incident; return it, and whether it is new (a known external id is not).

    Raises:
        NotAMember, NotYours, WordsMissing, TooManyWords, NoSuchField, WrongValue.
        NotTheVehicle, NotThisType, VehicleOrType: nothing of the manufacturer is meant.
        LearnedLater, HappenedLater: the moments cannot be.
    """
    by = witnessed(actor)
    _only(actor, Role.SAFETY)
    about = found(actor.organisation_id or 0, told)
    known = _known(about, channel, told.external_id)
    if known is not None:
        return known.incident, False
    records.said(told.words)
    try:
        with transaction.atomic():
            return begin(about, told, channel, by, at, by_id=actor.user_id), True
    except IntegrityError:  # somebody told the same at the same moment
        known = _known(about, channel, told.external_id)
        if known is None:
            raise
        return known.incident, False


@transaction.atomic(durable=True)
def add(*, incident_id: int, told: Told, actor: Actor, at: datetime) -> Account:
    """Add another account to an incident.

    Raises:
        NoSuchIncident, NotAMember, NotYours, WordsMissing, TooManyWords, NoSuchField, WrongValue.
        LearnedLater: nobody can have told it yet.
    """
    incident, by = records.locked(incident_id, actor)
    _only(actor, Role.SAFETY)
    records.said(told.words)
    about = About(incident.manufacturer_id, incident.vehicle, incident.type, incident.function)
    made = account(incident, about, told, Channel.PERSON, at, by_id=actor.user_id)
    records.log("incident:account-added", incident, by, at, channel=made.channel)
    assessing.reckon(incident, at)
    return made


@transaction.atomic(durable=True)
def correct(
    *,
    account_id: int,
    words: str,
    stated: Mapping[str, Any],
    reason: str,
    learned_at: datetime,
    actor: Actor,
    at: datetime,
) -> AccountVersion:
    """Keep another version of an account, and why; the earlier ones stay.

    Raises:
        NoSuchIncident, NotAMember, NotYours, ReasonMissing, TooManyWords, NoSuchField, WrongValue.
        NothingNew: it says what the last version says.
    """
    kept = Account.objects.filter(pk=account_id, manufacturer_id=actor.organisation_id).first()
    if kept is None:
        raise errors.NoSuchIncident
    incident, by = records.locked(kept.incident_id, actor)
    _only(actor, Role.SAFETY)
    why = records.reason(reason)
    last = AccountVersion.objects.filter(account=kept).order_by("-number")[0]
    if last.words == words.strip() and not stated:
        raise errors.NothingNew
    _in_order(learned_at, None, at)
    made = _version(kept, last.number + 1, words, stated, learned_at, at, actor.user_id, why)
    names = records.state(
        incident,
        stated,
        learned_at=learned_at,
        at=at,
        by_id=actor.user_id,
        account=kept,
        reason=why,
    )
    records.log(
        "incident:account-corrected",
        incident,
        by,
        at,
        version=made.number,
        fields=names,
        content=records.commitment_of(incident, names),
    )
    running.keep(incident)
    assessing.reckon(incident, at)
    return made


@transaction.atomic(durable=True)
def owner_tells(*, token: str, told: Told, at: datetime) -> Incident:
    """Take in what the holder of a notice's link tells of their vehicle.

    Raises:
        NoSuchLink: the token is unknown, or nothing is published yet.
        TooManyReports, WordsMissing, TooManyWords, NoSuchField, WrongValue, HappenedLater.
    """
    action = aftersales.behind(token)
    vehicle = Vehicle.objects.select_for_update(no_key=True).get(pk=action.vehicle_id)
    waiting = Account.objects.filter(vehicle=vehicle, channel=Channel.OWNER)
    if waiting.filter(incident__closed_at__isnull=True).count() >= _OF_AN_OWNER:
        raise errors.TooManyReports
    records.said(told.words)
    about = About(vehicle.manufacturer_id, vehicle, vehicle.type)
    by = Witnessed("owner", None, moves.commitment_of(action))
    return begin(about, told, Channel.OWNER, by, at, by_id=None)


def begin(
    about: About,
    told: Told,
    channel: Channel,
    by: ledger.Named,
    at: datetime,
    *,
    by_id: int | None,
) -> Incident:
    """Make an incident of what was told, inside the caller's transaction."""
    _in_order(told.learned_at, told.stated.get("occurred_at"), at)
    incident = Incident.objects.create(
        manufacturer_id=about.manufacturer_id,
        number=f"new-{secrets.token_hex(8)}",
        state=INCIDENT.initial,
        trigger=told.trigger,
        learned_at=told.learned_at,
        vehicle=about.vehicle,
        type=about.type,
        function=about.function,
        level=about.function.level if about.function else _level(about.type),
        salt=secrets.token_bytes(_SALT),
    )
    incident.number = f"IN-{legal_day(told.learned_at).year}-{incident.pk:05d}"
    incident.save(update_fields=["number"])
    account(incident, about, told, channel, at, by_id=by_id)
    running.keep(incident, told.software)
    holding.at_once(incident, at)
    records.log(
        "incident:learned",
        incident,
        by,
        at,
        trigger=incident.trigger,
        channel=channel,
        type=about.type.code if about.type else "",
        learned_at=ledger.instant(told.learned_at),
        content=records.commitment_of(incident, sorted(incident.known)),
    )
    assessing.reckon(incident, at)
    return incident


def account(
    incident: Incident,
    about: About,
    told: Told,
    channel: Channel,
    at: datetime,
    *,
    by_id: int | None,
) -> Account:
    """Keep what was told and what it states, inside the caller's transaction."""
    _in_order(told.learned_at, told.stated.get("occurred_at"), at)
    made = Account.objects.create(
        incident=incident,
        manufacturer_id=about.manufacturer_id,
        channel=channel,
        external_id=told.external_id,
        vehicle=about.vehicle,
        contact=told.contact.strip()[:200],
        received_at=at,
    )
    presumed: dict[str, Any] = {"incident_kinds": list(PRESUMED.get(told.trigger, ()))}
    if "incident_kinds" in incident.known:
        presumed = {}
    if channel in _NARRATORS and "narrative" not in incident.known:
        presumed["narrative"] = told.words
    stated = {**presumed, **told.stated}
    _version(made, 1, told.words, stated, told.learned_at, at, by_id, "")
    records.state(incident, stated, learned_at=told.learned_at, at=at, by_id=by_id, account=made)
    return made


def found(manufacturer_id: int, told: Told) -> About:
    """Return what was told about, of one manufacturer's.

    Raises:
        NotTheVehicle, NotThisType, VehicleOrType.
    """
    vehicle, type_ = None, None
    if told.vin.strip():
        vin = told.vin.strip().upper()
        vehicle = (
            Vehicle.objects.select_related("type")
            .filter(manufacturer_id=manufacturer_id, vin=vin)
            .first()
        )
        if vehicle is None:
            raise errors.NotTheVehicle
        type_ = vehicle.type
    elif told.type_code.strip():
        type_ = VehicleType.objects.filter(
            manufacturer_id=manufacturer_id, code=told.type_code.strip()
        ).first()
        if type_ is None:
            raise errors.NotThisType
    else:
        raise errors.VehicleOrType
    return About(manufacturer_id, vehicle, type_, _function(type_, told.function_code))


def _function(type_: VehicleType | None, code: str) -> Function | None:
    if not code.strip():
        return None
    named = Function.objects.filter(type=type_, code=code.strip()).first()
    if named is None:
        raise errors.NotThisType
    return named


def _known(about: About, channel: Channel, external_id: str) -> Account | None:
    if not external_id:
        return None
    return (
        Account.objects.select_related("incident")
        .filter(manufacturer_id=about.manufacturer_id, channel=channel, external_id=external_id)
        .filter(Q(vehicle=about.vehicle) if about.vehicle else Q(vehicle__isnull=True))
        .first()
    )


def _version(
    kept: Account,
    number: int,
    words: str,
    stated: Mapping[str, Any],
    learned_at: datetime,
    at: datetime,
    by_id: int | None,
    reason: str,
) -> AccountVersion:
    return AccountVersion.objects.create(
        account=kept,
        number=number,
        words=words.replace("\0", "").strip(),
        stated=fields.read(stated),
        learned_at=learned_at,
        at=at,
        by_id=by_id,
        reason=reason,
    )


def _in_order(learned_at: datetime, occurred_at: Any, at: datetime) -> None:
    if learned_at > at:
        raise errors.LearnedLater
    if occurred_at in (None, ""):
        return
    if datetime.fromisoformat(fields.instant("occurred_at", occurred_at)) > learned_at:
        raise errors.HappenedLater


def _level(type_: VehicleType | None) -> int | None:
    return type_.automation_level if type_ else None


def _only(actor: Actor, *roles: Role) -> None:
    if actor.role not in roles:
        raise errors.NotYours(roles=", ".join(roles))
