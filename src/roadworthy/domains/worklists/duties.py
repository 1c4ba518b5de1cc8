"""What a type owes by itself: the rulebook says what and by when, people say that it was done.

* N45 2(2): a type that had access before the notice is supplemented with both authorities.
* N45 2(3): with access, a type with combined assistance gets three documents to SAMR, promptly.
* Scheduling is idempotent: asked again on the same facts, it changes nothing.
* A duty that no longer applies, because what is known of the type changed, is no duty; one that
  was fulfilled stays as a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.filings.models import Filing
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.domains.worklists import errors
from roadworthy.domains.worklists.models import TypeDuty
from roadworthy.domains.worklists.states import DUTY, Action, State
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.engine import Finding, Obligation

RULES = ("N45-02", "N45-03")
_COMBINED = 2  # GB/T 40429: level 2 is combined driver assistance; it names the level, no limit
# What a fulfilled duty states to the rulebook, as a day or as a fact.
_SENT_ON = {
    "N45-02.miit": "supplement_sent_to_miit_on",
    "N45-02.samr": "supplement_sent_to_samr_on",
}
_SENT = {
    f"N45-03.{name}": name
    for name in ("deep_test_plan_sent", "risk_assessment_plan_sent", "preliminary_test_report_sent")
}


@dataclass(frozen=True, slots=True)
class Proof:
    """That and when it was done, and what shows it: a receipt, a document or a filing."""

    sent_on: date
    reference: str = ""
    evidence_sha256: str = ""
    filing_id: int | None = None
    with_material: bool | None = None  # N45 2(2): verification material was enclosed


def schedule_due(*, at: datetime) -> int:
    """Schedule what every type owes; return how many rows changed. Each manufacturer by itself."""
    owners = VehicleType.objects.order_by("manufacturer").values_list("manufacturer", flat=True)
    return sum(schedule(manufacturer_id=one, at=at) for one in owners.distinct())


@transaction.atomic(durable=True)
def schedule(*, manufacturer_id: int, at: datetime) -> int:
    """Ask the rulebook about each of a manufacturer's types and keep what is owed.

    Returns how many duties came, changed or went.
    """
    types = VehicleType.objects.select_for_update(no_key=True).filter(
        manufacturer_id=manufacturer_id
    )
    rows: dict[int, dict[str, TypeDuty]] = {}
    for duty in TypeDuty.objects.filter(manufacturer_id=manufacturer_id):
        rows.setdefault(duty.type_id, {})[duty.key] = duty
    return sum(_settle(one, rows.get(one.pk, {}), at) for one in types.order_by("pk"))


@transaction.atomic(durable=True)
def fulfil(*, duty_id: int, proof: Proof, actor: Actor, at: datetime) -> TypeDuty:
    """State that a duty was done, with what shows it.

    Raises:
        NotAMember, WrongState, WrongRole.
        NoSuchDuty: there is none, or it is another's.
        DayToCome, DayBeforeApproval: it cannot have been sent on that day.
        EvidenceMissing: nothing shows it, or what was named is not the manufacturer's.
    """
    duty, by = _locked(duty_id, actor)
    after = DUTY.next_state(State(duty.state), Action.FULFIL, actor.role)
    _check(duty, proof, at)
    duty.state = after
    duty.sent_on, duty.with_material = proof.sent_on, proof.with_material
    duty.reference, duty.evidence_sha256 = proof.reference, proof.evidence_sha256
    duty.filing_id, duty.fulfilled_at, duty.fulfilled_by_id = proof.filing_id, at, actor.person_id
    duty.save()
    _record("type-duty:fulfilled", duty, by, at, sent_on=proof.sent_on.isoformat())
    _settle(duty.type, {one.key: one for one in _of(duty.type_id)}, at)
    duty.refresh_from_db()
    return duty


@transaction.atomic(durable=True)
def reopen(*, duty_id: int, actor: Actor, at: datetime) -> TypeDuty:
    """Take back that a duty was done.

    Raises:
        NotAMember, NoSuchDuty, WrongState, WrongRole.
    """
    duty, by = _locked(duty_id, actor)
    after = DUTY.next_state(State(duty.state), Action.REOPEN, actor.role)
    duty.state = after
    duty.sent_on = duty.with_material = duty.filing = None
    duty.reference = duty.evidence_sha256 = ""
    duty.fulfilled_at = duty.fulfilled_by = None
    duty.save()
    _record("type-duty:reopened", duty, by, at)
    _settle(duty.type, {one.key: one for one in _of(duty.type_id)}, at)
    duty.refresh_from_db()
    return duty


def facts(vehicle_type: VehicleType, duties: Iterable[TypeDuty], *, today: date) -> dict[str, Any]:
    """Return what the platform knows of a type, by the rulebook's names; what it does not, is not.

    Whoever updates a type with this platform has made it one that can be updated over the air.
    A type of a higher level may or may not have combined assistance besides: nobody said.
    """
    known: dict[str, Any] = {
        "today": today,
        "access_granted_on": vehicle_type.approved_on,
        "has_ota": True,
    }
    if vehicle_type.automation_level <= _COMBINED:
        known["has_combined_assistance"] = vehicle_type.automation_level == _COMBINED
    done = [duty for duty in duties if duty.state == State.FULFILLED]
    for duty in done:
        if duty.key in _SENT_ON:
            known[_SENT_ON[duty.key]] = duty.sent_on
        if duty.key in _SENT:
            known[_SENT[duty.key]] = True
    material = [duty.with_material for duty in done if duty.key in _SENT_ON]
    if len(material) == len(_SENT_ON) and None not in material:
        known["supplement_verified"] = all(material)
    return known


def _settle(vehicle_type: VehicleType, rows: Mapping[str, TypeDuty], at: datetime) -> int:
    """Bring the rows of one type in line with what the rulebook says today."""
    today = legal_day(at)
    known = facts(vehicle_type, rows.values(), today=today)
    result = rulebook().evaluate(known, as_of=today, rules=RULES)
    changed, owed = 0, set()
    for finding in result.findings:
        for duty in finding.obligations:
            owed.add(duty.key)
            changed += _keep(vehicle_type, rows.get(duty.key), duty, finding, at)
    for key, row in rows.items():
        if key not in owed and row.state == State.OPEN:
            _record("type-duty:lapsed", row, witnessed(PLATFORM), at)
            row.delete()
            changed += 1
    return changed


def _keep(
    vehicle_type: VehicleType,
    row: TypeDuty | None,
    duty: Obligation,
    finding: Finding,
    at: datetime,
) -> int:
    told = {
        "title": duty.title.to_json(),
        "due": duty.due.to_json(),
        "due_on": duty.due.date,
        "why": finding.why.to_json(),
        "outcome": str(finding.outcome),
    }
    if row is None:
        made = TypeDuty.objects.create(
            manufacturer_id=vehicle_type.manufacturer_id,
            type=vehicle_type,
            key=duty.key,
            rule_id=duty.rule_id,
            created_at=at,
            updated_at=at,
            **told,
        )
        _record("type-duty:scheduled", made, witnessed(PLATFORM), at)
        return 1
    if all(getattr(row, name) == value for name, value in told.items()):
        return 0
    for name, value in told.items():
        setattr(row, name, value)
    row.updated_at = at
    row.save(update_fields=[*told, "updated_at"])
    return 1


def _check(duty: TypeDuty, proof: Proof, at: datetime) -> None:
    if proof.sent_on > legal_day(at):
        raise errors.DayToCome(day=proof.sent_on)
    if proof.sent_on < duty.type.approved_on:
        raise errors.DayBeforeApproval(day=proof.sent_on, approved_on=duty.type.approved_on)
    filed = (
        proof.filing_id is not None
        and Filing.objects.filter(
            pk=proof.filing_id, manufacturer_id=duty.manufacturer_id, submitted_at__isnull=False
        ).exists()
    )
    shown = False
    if (proof.filing_id is not None and not filed) or (proof.evidence_sha256 and not shown):
        raise errors.EvidenceMissing
    if not (filed or shown or proof.reference.strip()):
        raise errors.EvidenceMissing


def _locked(duty_id: int, actor: Actor) -> tuple[TypeDuty, ledger.Named]:
    by = witnessed(actor)
    duty = TypeDuty.objects.filter(pk=duty_id, manufacturer_id=actor.organisation_id).first()
    if duty is None:
        raise errors.NoSuchDuty
    # The type is locked first, as scheduling does: the duties of one type change one at a time.
    VehicleType.objects.select_for_update(no_key=True).get(pk=duty.type_id)
    found = TypeDuty.objects.select_related("type").filter(pk=duty_id).first()
    if found is None:
        raise errors.NoSuchDuty
    return found, by


def _of(type_id: int) -> Iterable[TypeDuty]:
    return TypeDuty.objects.filter(type_id=type_id)


def _record(event: str, duty: TypeDuty, by: ledger.Named, at: datetime, **data: Any) -> None:
    ledger.record(
        event=event,
        subject=f"type-duty/{duty.pk}",
        actor=by,
        at=at,
        data={"type_id": duty.type_id, "key": duty.key, **data},
    )
