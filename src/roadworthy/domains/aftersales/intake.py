"""How a complaint comes in: from after-sales service, or from the owner behind a notice's link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from roadworthy.domains.aftersales import errors, records
from roadworthy.domains.aftersales.models import Complaint, Policy, Running
from roadworthy.domains.aftersales.states import COMPLAINT, Category
from roadworthy.domains.campaigns import moves
from roadworthy.domains.campaigns.consents import NoSuchLink
from roadworthy.domains.campaigns.creation import token_digest
from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.campaigns.states import State as CampaignState
from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, commitment, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from roadworthy.domains.vehicles.models import InstalledSoftware, Vehicle
from roadworthy.kernel.calendar import PRC, legal_day
from roadworthy.kernel.transitions import WrongRole

CHANNELS = ("telephone", "workshop", "letter", "app", "web")
WEB = "web"
_SALT = 16  # bytes
_OPEN_AT_ONCE = 5  # complaints of one vehicle that its owner may have open


@dataclass(frozen=True, slots=True)
class Account:
    """What was said, about what, by whom."""

    category: Category
    words: str
    contact: str = ""
    channel: str = WEB
    happened_on: date | None = None
    function_id: int | None = None
    release_number: str = ""


@transaction.atomic(durable=True)
def enter(*, vin: str, account: Account, actor: Actor, at: datetime) -> Complaint:
    """Enter what an owner told after-sales service; it is then the actor's to answer.

    Raises:
        NotAMember, WrongRole.
        NoSuchVin: the manufacturer has no vehicle of that VIN, or it is of no type.
        NotAboutThisType: the function or the release is not one for the vehicle.
        NothingSaid, TooManyWords.
    """
    by = witnessed(actor)
    if actor.role != Role.AFTER_SALES:
        raise WrongRole(roles=Role.AFTER_SALES, action="enter")
    vehicle = (
        Vehicle.objects.select_related("type")
        .filter(manufacturer_id=actor.organisation_id, vin=vin.strip().upper(), type__isnull=False)
        .first()
    )
    if vehicle is None:
        raise errors.NoSuchVin
    return _keep(vehicle, account, by, at, assigned_to=actor.person_id)


@transaction.atomic(durable=True)
def complain(*, token: str, account: Account, at: datetime) -> Complaint:
    """Take the complaint of the holder of a notice's link about that vehicle and that update.

    Raises:
        NoSuchLink: the token is unknown, or nothing is published yet.
        TooManyComplaints: so many of this vehicle are open already.
        NotAboutThisType, NothingSaid, TooManyWords.
    """
    action = behind(token)
    vehicle = Vehicle.objects.select_for_update(no_key=True).get(pk=action.vehicle_id)
    unanswered = Complaint.objects.filter(vehicle=vehicle, ended_at__isnull=True).count()
    if unanswered >= _OPEN_AT_ONCE:
        raise errors.TooManyComplaints(count=unanswered)
    by = Witnessed("owner", None, moves.commitment_of(action))
    return _keep(vehicle, account, by, at, release=action.campaign.release)


def behind(token: str) -> Action:
    """Return the action that a notice's link stands for.

    Raises:
        NoSuchLink: the token is unknown, or its notice is not published yet.
    """
    found = (
        Action.objects.select_related("campaign__release", "vehicle__type", "vehicle__manufacturer")
        .filter(token_sha256=token_digest(token), campaign__notice__isnull=False)
        .exclude(campaign__state=CampaignState.DRAFT)
        .filter(vehicle__type__isnull=False)
        .first()
    )
    if found is None:
        raise NoSuchLink
    return found


def policy_of(manufacturer_id: int) -> Policy | None:
    """Return the manufacturer's own service levels, if it has set any."""
    return Policy.objects.filter(manufacturer_id=manufacturer_id).first()


def due_on(at: datetime, working_days: int | None) -> date | None:
    """Return the last day of a service level; None where the manufacturer has set none."""
    return None if working_days is None else PRC.after(legal_day(at), working_days).day


def _keep(
    vehicle: Vehicle,
    account: Account,
    by: ledger.Named,
    at: datetime,
    *,
    assigned_to: int | None = None,
    release: Release | None = None,
) -> Complaint:
    if vehicle.type is None:
        raise errors.NoSuchVin
    function = _function(vehicle, account.function_id)
    policy = policy_of(vehicle.manufacturer_id)
    words, salt = records.said(account.words), secrets.token_bytes(_SALT)
    complaint = Complaint.objects.create(
        manufacturer_id=vehicle.manufacturer_id,
        number=f"new-{secrets.token_hex(8)}",
        state=COMPLAINT.initial,
        category=account.category,
        vehicle=vehicle,
        type=vehicle.type,
        function=function,
        release=release or _release(vehicle, account.release_number),
        words=words,
        contact=account.contact.strip()[: records.LONGEST],
        channel=account.channel if account.channel in CHANNELS else WEB,
        happened_on=account.happened_on,
        salt=salt,
        assigned_to_id=assigned_to,
        received_at=at,
        answer_due_on=due_on(at, policy.answer_days if policy else None),
    )
    complaint.number = f"CP-{legal_day(at).year}-{complaint.pk:05d}"
    records.save(complaint, ["number"])
    _note_software(complaint, vehicle)
    records.log(
        "complaint:received",
        complaint,
        by,
        at,
        category=complaint.category,
        type=vehicle.type.code,
        words=commitment(salt, words),
    )
    return complaint


def _note_software(complaint: Complaint, vehicle: Vehicle) -> None:
    running = InstalledSoftware.objects.filter(vehicle=vehicle).values_list("ecu_id", "version")
    Running.objects.bulk_create(
        Running(complaint=complaint, ecu_id=ecu_id, version=version) for ecu_id, version in running
    )


def _function(vehicle: Vehicle, function_id: int | None) -> Function | None:
    if function_id is None:
        return None
    found = Function.objects.filter(pk=function_id, type_id=vehicle.type_id).first()
    if found is None:
        raise errors.NotAboutThisType
    return found


def _release(vehicle: Vehicle, number: str) -> Release | None:
    if not number.strip():
        return None
    found = Release.objects.filter(
        manufacturer_id=vehicle.manufacturer_id, number=number.strip(), types=vehicle.type_id or 0
    ).first()
    if found is None:
        raise errors.NotAboutThisType
    return found
