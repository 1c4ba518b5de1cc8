"""Attach evidence, confirm it, take it away; state what an approval does not say.

* Homologation attaches. A report that an institution signed and handed over counts at once: the
  second pair of eyes was the institution's. Anything else waits for the compliance officer, who is
  somebody else.
* Nothing is deleted: what was refused or withdrawn stays, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from roadworthy.domains.compliance import errors, gaps, proofs
from roadworthy.domains.compliance import profile as profiles
from roadworthy.domains.compliance.models import Evidence, Requirement, Statement
from roadworthy.domains.compliance.states import (
    EVIDENCE,
    EvidenceAction,
    EvidenceKind,
    EvidenceState,
)
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reports
from roadworthy.domains.software.models import Report
from roadworthy.domains.software.reporting import Result
from roadworthy.domains.vehicles import rights
from roadworthy.domains.vehicles.errors import NoSuchType
from roadworthy.domains.vehicles.models import VehicleType
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.rulebook import rulebook

ATTACHERS = frozenset({Role.HOMOLOGATION})


@dataclass(frozen=True, slots=True)
class Proof:
    """What is attached: a signed report, or a document that was handed in before."""

    kind: EvidenceKind
    title: str = ""
    report_id: int | None = None
    document_sha256: str = ""
    valid_from: date | None = None  # None: the day of the test, or today
    valid_until: date | None = None
    note: str = ""


@transaction.atomic(durable=True)
def attach(
    *, type_id: int, requirement_key: str, proof: Proof, actor: Actor, at: datetime
) -> Evidence:
    """Attach something that shows that a type meets a requirement.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask, NoSuchType, NoSuchRequirement.
        NotThatKind, ReportMissing, DocumentMissing, NoSuchReport, NoSuchDocument.
        ReportFailed, OtherStandard, OtherType, BeginsBeforeTest, EndsBeforeItBegins: it does not
            show that.
        StandsAlready: it is attached already.
    """
    kind, by = _own_type(type_id, actor)
    requirement = _requirement(requirement_key)
    if proof.kind not in requirement.evidence:
        raise errors.NotThatKind
    row = Evidence(
        manufacturer_id=kind.manufacturer_id,
        type=kind,
        requirement=requirement,
        kind=proof.kind,
        note=proof.note.strip(),
        attached_by_id=actor.person_id,
        attached_at=at,
    )
    _rest_on(row, proof, at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise errors.StandsAlready from None
    _log("evidence:attached", row, by, at)
    if row.report is not None:
        after = EVIDENCE.next_state(EvidenceState.PROPOSED, EvidenceAction.CONFIRM, Role.PLATFORM)
        row.confirmed_at = at
        _move(row, after, EvidenceAction.CONFIRM, witnessed(PLATFORM), at, "confirmed_at")
    gaps.settled(kind, at)
    return row


@transaction.atomic(durable=True)
def confirm(*, evidence_id: int, actor: Actor, at: datetime) -> Evidence:
    """Say that what a colleague attached shows what it is said to show.

    Raises:
        NotAMember, NoSuchEvidence, WrongState, WrongRole.
        OwnEvidence: the actor attached it.
    """
    row, by = _locked(evidence_id, actor)
    after = EVIDENCE.next_state(EvidenceState(row.state), EvidenceAction.CONFIRM, actor.role)
    if row.attached_by_id == actor.person_id:
        raise errors.OwnEvidence
    row.confirmed_by_id, row.confirmed_at = actor.person_id, at
    _move(row, after, EvidenceAction.CONFIRM, by, at, "confirmed_by", "confirmed_at")
    gaps.settled(row.type, at)
    return row


@transaction.atomic(durable=True)
def refuse(*, evidence_id: int, reason: str, actor: Actor, at: datetime) -> Evidence:
    """Say that what a colleague attached does not show it.

    Raises:
        NotAMember, NoSuchEvidence, WrongState, WrongRole, OwnEvidence, ReasonMissing.
    """
    row, by = _locked(evidence_id, actor)
    after = EVIDENCE.next_state(EvidenceState(row.state), EvidenceAction.REFUSE, actor.role)
    if row.attached_by_id == actor.person_id:
        raise errors.OwnEvidence
    return _end(row, after, EvidenceAction.REFUSE, reason, (actor, by), at)


@transaction.atomic(durable=True)
def withdraw(*, evidence_id: int, reason: str, actor: Actor, at: datetime) -> Evidence:
    """Take evidence away: from today on it shows nothing. What it showed before stays so.

    Raises:
        NotAMember, NoSuchEvidence, WrongState, WrongRole, ReasonMissing.
    """
    row, by = _locked(evidence_id, actor)
    after = EVIDENCE.next_state(EvidenceState(row.state), EvidenceAction.WITHDRAW, actor.role)
    return _end(row, after, EvidenceAction.WITHDRAW, reason, (actor, by), at)


@transaction.atomic(durable=True)
def state(
    *, type_id: int, fact: str, value: Any, source: str, actor: Actor, at: datetime
) -> Statement:
    """State something of a type that its approval does not say; the newest statement counts.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask, NoSuchType.
        NotToBeStated: the approval says it, or the rulebook knows no such fact.
        WrongFact, Contradictory: it cannot be so.
        SourceMissing: nobody says where it was read.
    """
    kind, by = _own_type(type_id, actor)
    profile = profiles.of(kind, legal_day(at))
    law = rulebook()
    if fact not in law.facts or not profiles.may_be_stated(profile, [fact]):
        raise errors.NotToBeStated(fact=fact)
    if not source.strip():
        raise errors.SourceMissing
    read = law.facts[fact].read(value)
    law.evaluate({**profile.facts, fact: read}, as_of=legal_day(at), rules=[])
    plain = read.isoformat() if isinstance(read, date) else read
    made = Statement.objects.create(
        type=kind,
        fact=fact,
        value=plain,
        source=source.strip(),
        stated_by_id=actor.person_id,
        stated_at=at,
    )
    ledger.record(
        event="type:stated",
        subject=f"type/{kind.pk}",
        actor=by,
        at=at,
        data={"type": kind.code, "fact": fact, "value": plain, "source": made.source},
    )
    gaps.settled(kind, at)
    return made


def _rest_on(row: Evidence, proof: Proof, at: datetime) -> None:
    """Put down what the evidence is, and from when to when it shows something."""
    first = legal_day(at)
    if proof.kind == EvidenceKind.TEST_REPORT:
        if proof.report_id is None:
            raise errors.ReportMissing
        row.report = reports.received(row.manufacturer_id, proof.report_id)
        _check(row.report, row)
        first = row.report.tested_on
        row.title = proof.title.strip() or f"{row.report.number} {row.report.title}"[:200]
    else:
        if not proof.document_sha256:
            raise errors.DocumentMissing
        row.document = documents.document(row.manufacturer_id, proof.document_sha256)
        row.title = proof.title.strip() or row.document.filename
    row.valid_from, row.valid_until = proof.valid_from or first, proof.valid_until
    if row.report is not None and row.valid_from < row.report.tested_on:
        raise errors.BeginsBeforeTest(tested=row.report.tested_on)
    if row.valid_until is not None and row.valid_until < row.valid_from:
        raise errors.EndsBeforeItBegins(until=row.valid_until, since=row.valid_from)


def _check(report: Report, row: Evidence) -> None:
    """Refuse a report that cannot show it: revoked, failed, of another standard or type.

    Raises:
        NoSuchReport: it is revoked, so nothing new can rest on it.
    """
    if report.revoked_at is not None:
        raise reports.NoSuchReport
    if report.result != Result.PASSED:
        raise errors.ReportFailed(number=report.number)
    wanted = row.requirement.standard.number
    if not proofs.is_about(report.standard, wanted):
        raise errors.OtherStandard(number=report.number, tested=report.standard, wanted=wanted)
    if report.type_code and report.type_code != row.type.code:
        raise errors.OtherType(number=report.number, tested=report.type_code, wanted=row.type.code)


def _own_type(type_id: int, actor: Actor) -> tuple[VehicleType, ledger.Named]:
    found = VehicleType.objects.select_for_update(no_key=True).filter(pk=type_id).first()
    if found is None or found.manufacturer_id != actor.organisation_id:
        raise NoSuchType
    return found, rights.check(found.manufacturer_id, actor, ATTACHERS)


def _requirement(key: str) -> Requirement:
    found = Requirement.objects.select_related("standard").filter(key=key).first()
    if found is None or not found.is_current:
        raise errors.NoSuchRequirement
    return found


def _locked(evidence_id: int, actor: Actor) -> tuple[Evidence, ledger.Named]:
    by = witnessed(actor)
    found = (
        Evidence.objects.select_for_update(no_key=True, of=("self",))
        .select_related("type", "requirement", "report", "document")
        .filter(pk=evidence_id, manufacturer_id=actor.organisation_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchEvidence
    return found, by


def _end(
    row: Evidence,
    after: EvidenceState,
    action: EvidenceAction,
    reason: str,
    who: tuple[Actor, ledger.Named],
    at: datetime,
) -> Evidence:
    actor, by = who
    if not reason.strip():
        raise errors.ReasonMissing
    row.reason, row.ended_by_id, row.ended_at = reason.strip(), actor.person_id, at
    _move(row, after, action, by, at, "reason", "ended_by", "ended_at")
    gaps.settled(row.type, at)
    return row


def _move(
    row: Evidence,
    after: EvidenceState,
    action: EvidenceAction,
    by: ledger.Named,
    at: datetime,
    *also: str,
) -> None:
    before = row.state
    row.state = after
    row.save(update_fields=["state", *also])
    _log("evidence:state:changed", row, by, at, action=action, before=before, after=after)


def _log(event: str, row: Evidence, by: ledger.Named, at: datetime, **data: Any) -> None:
    shown = row.report or row.document
    assert shown is not None, "the table holds one of the two"
    ledger.record(
        event=event,
        subject=f"evidence/{row.pk}",
        actor=by,
        at=at,
        data={
            "type": row.type.code,
            "requirement": row.requirement.key,
            "kind": row.kind,
            "sha256": shown.sha256,
            **data,
        },
    )
