"""How a possible defect is opened: by a person, by SAMR, or by a signal by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from roadworthy.domains.disclosure.models import Function
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import duties, errors, records
from roadworthy.domains.recalls.models import Defect
from roadworthy.domains.recalls.records import Words
from roadworthy.domains.recalls.states import DEFECT, Origin
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.transitions import WrongRole

OPENERS = frozenset(
    {Role.SAFETY, Role.COMPLIANCE_OFFICER, Role.AFTER_SALES, Role.RECALL, Role.PLATFORM}
)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What may be wrong with which vehicles, and why somebody thinks so."""

    origin: Origin
    title: Words
    type_ids: Iterable[int]
    reason: Words
    links: Mapping[str, str]
    ecus: Iterable[str] = ()
    function_id: int | None = None


@transaction.atomic(durable=True)
def open_defect(  # noqa: PLR0913 - what a person enters
    *,
    origin: Origin | str,
    title: Words,
    type_ids: Iterable[int],
    reason: Words,
    links: Mapping[str, str],
    actor: Actor,
    at: datetime,
    ecus: Iterable[str] = (),
    function_id: int | None = None,
) -> Defect:
    """Open the analysis of a possible defect; from now on it is to be investigated at once.

    ``reason`` says why; ``links`` names what it comes from, such as ``{"signal": "12"}``. A signal
    opens it as ``PLATFORM``.

    Raises:
        NotAMember, WrongRole.
        NoTypes: no type is named, or types of more than one manufacturer, or another's.
        FieldMissing: title or reason is empty.
    """
    about = Suspicion(Origin(origin), title, type_ids, reason, links, ecus, function_id)
    return opened(about, actor=actor, at=at)


def opened(about: Suspicion, *, actor: Actor, at: datetime) -> Defect:
    """Open the analysis inside the caller's transaction; SAMR's notice does so, too."""
    by = witnessed(actor)
    if actor.role not in OPENERS | {Role.SAMR_REVIEWER}:
        raise WrongRole(roles=", ".join(sorted(OPENERS)), action="open")
    types = list(VehicleType.objects.filter(pk__in=set(about.type_ids)).order_by("pk"))
    manufacturer = _one_manufacturer(types, actor)
    return began(about, manufacturer, types, by=by, at=at, person_id=actor.user_id)


def began(
    about: Suspicion,
    manufacturer: Organisation,
    types: list[VehicleType],
    *,
    by: ledger.Named,
    at: datetime,
    person_id: int | None = None,
    since: datetime | None = None,
) -> Defect:
    """Open the analysis of types of a manufacturer whose row is locked; in a transaction.

    ``since`` is when the manufacturer learned of it, where that was earlier.

    Raises:
        FieldMissing: title or reason is empty.
    """
    defect = Defect.objects.create(
        manufacturer=manufacturer,
        number=_number(manufacturer, at),
        origin=about.origin,
        title=records.in_both(about.title, "title"),
        reason=records.in_both(about.reason, "reason"),
        links={str(key): str(value) for key, value in about.links.items()},
        ecus=sorted({one.strip() for one in about.ecus if one.strip()}),
        function=Function.objects.filter(pk=about.function_id or 0, type__in=types).first(),
        state=DEFECT.initial,
        opened_at=since or at,
        opened_by_id=person_id,
    )
    defect.types.set(types)
    records.log(
        "defect:opened",
        defect,
        by,
        at,
        origin=defect.origin,
        types=[one.code for one in types],
        ecus=defect.ecus,
    )
    duties.settle(defect, at)
    return defect


def _one_manufacturer(types: list[VehicleType], actor: Actor) -> Organisation:
    makers = {one.manufacturer_id for one in types}
    foreign = actor.role not in {PLATFORM.role, Role.SAMR_REVIEWER} and makers != {
        actor.organisation_id
    }
    if len(makers) != 1 or foreign:
        raise errors.NoTypes
    # Locked, so that two who open at once do not get one number.
    return Organisation.objects.select_for_update(no_key=True).get(pk=makers.pop())


def _number(manufacturer: Organisation, at: datetime) -> str:
    numbers = Defect.objects.filter(manufacturer=manufacturer).values_list("number", flat=True)
    return records.next_number("D", list(numbers), at)
