"""A flow is written down, and written anew: what it says has to make sense before it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.processing import countries, errors, records
from roadworthy.domains.processing.models import Assessment, Flow, ItemVersion
from roadworthy.domains.processing.states import (
    FLOW,
    Anonymised,
    Ground,
    Path,
    Place,
    Purpose,
    State,
    Storage,
)
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.egress.policy import Kind
from roadworthy.kernel.calendar import legal_day


@dataclass(frozen=True, slots=True)
class Declared:
    """What is said of a flow; None where nobody has said it."""

    item: str  # its code
    purpose: Purpose
    purpose_words: Mapping[str, str]
    necessity: Mapping[str, str]
    ground: Ground
    processed_in: Place
    stored: Storage
    retention_days: int
    starts_in: Place = Place.CAR
    recipient_id: int | None = None
    can_run_in_car: bool | None = None
    opened_from: Sequence[str] = ()
    managed_as_export: bool | None = None
    precision_metres: int | None = None
    on_by_default: bool = False
    anonymised: Anonymised | None = None
    outside_consented: bool = False
    biometrics_necessary: bool | None = None
    persons: int | None = None
    population: str = ""
    path: Path = Path.NONE
    path_number: str = ""
    assessment_id: int | None = None
    exempt: bool | None = None
    exemption: str = ""
    type_ids: Sequence[int] = field(default=())


@transaction.atomic(durable=True)
def draft(*, declared: Declared, actor: Actor, at: datetime) -> Flow:
    """Write a flow down as a draft.

    Raises:
        NotAMember, WrongRole, NoSuchItem, NoSuchRecipient, NoSuchCountry.
        NoPurpose, NoNecessity, NoRetention, NoRecipient, NothingStaysAndLeaves, PlacesDisagree,
        NoPrecision: it does not say what has to be known to judge it.
    """
    by = records.writer(actor, action="draft")
    mine = records.mine(actor)
    columns = _columns(mine, declared)
    year = legal_day(at).year
    made = Flow.objects.create(
        manufacturer_id=mine,
        number=_number(mine, year),
        state=FLOW.initial,
        **columns,
        written_by_id=actor.person_id,
        written_at=at,
    )
    made.types.set(_types(mine, declared.type_ids))
    records.log("data-flow:drafted", f"data-flow/{made.pk}", by, at, named(made))
    return made


@transaction.atomic(durable=True)
def rewrite(*, flow_id: int, declared: Declared, actor: Actor, at: datetime) -> Flow:
    """Write a draft anew; of a flow that stands or ended, write the next version as a draft.

    Raises:
        NotAMember, WrongRole, NoSuchFlow: and all that ``draft`` raises.
        WrongState: it waits for the second person.
    """
    by = records.writer(actor, action="rewrite")
    flow = records.flow(actor, flow_id)
    columns = _columns(flow.manufacturer_id, declared)
    if flow.state == State.DRAFT:
        for name, value in columns.items():
            setattr(flow, name, value)
        flow.outcome, flow.written_by_id, flow.written_at = "", actor.person_id, at
        flow.save(update_fields=[*columns, "outcome", "written_by", "written_at"])
        event = "data-flow:rewritten"
    else:
        flow = _next_version(flow, columns, actor, at)
        event = "data-flow:drafted"
    flow.types.set(_types(flow.manufacturer_id, declared.type_ids))
    records.log(event, f"data-flow/{flow.pk}", by, at, named(flow))
    return flow


def named(flow: Flow) -> dict[str, Any]:
    """Return how the log names a flow: no person is in it."""
    return {"number": flow.number, "version": flow.version, "item": flow.item.item.code}


def declared_of(flow: Flow) -> Declared:
    """Return what a flow says, for writing it anew."""
    return Declared(
        item=flow.item.item.code,
        purpose=Purpose(flow.purpose),
        purpose_words=flow.purpose_words,
        necessity=flow.necessity,
        ground=Ground(flow.ground),
        starts_in=Place(flow.starts_in),
        processed_in=Place(flow.processed_in),
        stored=Storage(flow.stored),
        retention_days=flow.retention_days,
        recipient_id=flow.recipient_id,
        can_run_in_car=flow.can_run_in_car,
        opened_from=tuple(flow.opened_from),
        managed_as_export=flow.managed_as_export,
        precision_metres=flow.precision_metres,
        on_by_default=flow.on_by_default,
        anonymised=Anonymised(flow.anonymised) if flow.anonymised else None,
        outside_consented=flow.outside_consented,
        biometrics_necessary=flow.biometrics_necessary,
        persons=flow.persons,
        population=flow.population,
        path=Path(flow.path or Path.NONE),
        path_number=flow.path_number,
        assessment_id=flow.assessment_id,
        exempt=flow.exempt,
        exemption=flow.exemption,
        type_ids=tuple(sorted(flow.types.values_list("pk", flat=True))),
    )


def _next_version(flow: Flow, columns: dict[str, Any], actor: Actor, at: datetime) -> Flow:
    latest = (
        Flow.objects.select_for_update(no_key=True)
        .filter(manufacturer_id=flow.manufacturer_id, number=flow.number)
        .order_by("-version")[0]
    )
    if latest.state in {State.DRAFT, State.DECLARED}:
        raise errors.VersionInWork(number=latest.number)
    return Flow.objects.create(
        manufacturer_id=flow.manufacturer_id,
        number=flow.number,
        version=latest.version + 1,
        state=FLOW.initial,
        **columns,
        written_by_id=actor.person_id,
        written_at=at,
    )


def _columns(mine: int, said: Declared) -> dict[str, Any]:
    item = _item(mine, said.item)
    recipient = records.recipient(mine, said.recipient_id)
    _check_places(said, recipient.country if recipient else "")
    if said.retention_days < 1:
        raise errors.NoRetention
    stays = said.processed_in == Place.CAR
    if item.kind == Kind.POSITION and not stays and not said.precision_metres:
        raise errors.NoPrecision
    return {
        "item": item,
        "purpose": said.purpose,
        "purpose_words": records.both(said.purpose_words, errors.NoPurpose),
        "necessity": records.both(said.necessity, errors.NoNecessity),
        "ground": said.ground,
        "starts_in": said.starts_in,
        "processed_in": said.processed_in,
        "stored": said.stored,
        "retention_days": said.retention_days,
        "recipient": recipient,
        "can_run_in_car": said.can_run_in_car,
        "opened_from": countries.all_checked(said.opened_from),
        "managed_as_export": said.managed_as_export,
        "precision_metres": said.precision_metres,
        "on_by_default": said.on_by_default,
        "anonymised": said.anonymised or "",
        "outside_consented": said.outside_consented,
        "biometrics_necessary": said.biometrics_necessary,
        "persons": said.persons,
        "population": said.population.strip(),
        "path": said.path,
        "path_number": said.path_number.strip(),
        "assessment": _assessment(mine, said.assessment_id),
        "exempt": said.exempt,
        "exemption": said.exemption.strip(),
    }


def _check_places(said: Declared, country: str) -> None:
    """Refuse places that cannot be true together, before a rule is asked about them."""
    stays, kept_inside = said.processed_in == Place.CAR, said.stored == Storage.VEHICLE
    if stays != kept_inside or (stays and (country or said.opened_from)):
        raise errors.NothingStaysAndLeaves
    if stays and said.starts_in != Place.CAR:
        raise errors.NothingStaysAndLeaves
    if not stays and not country:
        raise errors.NoRecipient
    stored_abroad = said.stored in {Storage.ABROAD, Storage.CHINA_AND_ABROAD}
    if stored_abroad and not countries.is_abroad(country):
        raise errors.PlacesDisagree


def _item(mine: int, code: str) -> ItemVersion:
    found = (
        ItemVersion.objects.select_related("item")
        .filter(item__manufacturer_id=mine, item__code=code)
        .order_by("-number")
        .first()
    )
    if found is None:
        raise errors.NoSuchItem
    return found


def _assessment(mine: int, assessment_id: int | None) -> Assessment | None:
    if assessment_id is None:
        return None
    found = Assessment.objects.filter(manufacturer_id=mine, pk=assessment_id).first()
    if found is None:
        raise errors.NoSuchAssessment
    return found


def _types(mine: int, ids: Sequence[int]) -> list[VehicleType]:
    found = list(VehicleType.objects.filter(manufacturer_id=mine, pk__in=ids))
    if len(found) != len(set(ids)):
        raise errors.NoSuchItem
    return found


def _number(mine: int, year: int) -> str:
    # Numbers of one manufacturer are given one at a time: its profile's row is the lock.
    taken = records.numbering(mine).filter(number__startswith=f"DF-{year}-", version=1).count()
    return f"DF-{year}-{taken + 1:04d}"
