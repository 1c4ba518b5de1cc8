"""What can be done to a finding: by the manufacturer that explains it, by the authorities.

* An explanation needs words and a document; it is never changed, only undone, with the reason.
* What is before the authorities stays before them: each settles its own copy, and when both have,
  the finding is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.conformity import errors
from roadworthy.domains.conformity.models import Explanation, Finding, Referral
from roadworthy.domains.conformity.states import (
    BEFORE_AUTHORITIES,
    FINDING,
    NOISE_REASONS,
    REFERRAL,
    Act,
    Reason,
    ReferralAct,
    ReferralState,
    State,
)
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Kind, Role

AUTHORITIES = (Kind.MIIT, Kind.SAMR)
_REVIEWERS = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})


@transaction.atomic(durable=True)
def explain(
    *,
    finding_id: int,
    because: Reason,
    text: str,
    document_sha256: str,
    actor: Actor,
    at: datetime,
    act: Act = Act.EXPLAIN,
) -> Finding:
    """Say what a finding is, with a document that shows it; ``DISMISS`` calls it noise.

    ``document_sha256`` names a document that the manufacturer has handed in.

    Raises:
        NoSuchFinding, WrongState, WrongRole.
        TextMissing, EvidenceMissing: half of it is not there.
        NotNoise: the reason says that it is software after all.
    """
    finding, by = _locked(finding_id, actor)
    after = FINDING.next_state(State(finding.state), act, actor.role)
    if not text.strip():
        raise errors.TextMissing
    if not document_sha256:
        raise errors.EvidenceMissing
    if act == Act.DISMISS and because not in NOISE_REASONS:
        raise errors.NotNoise
    document = documents.document(finding.manufacturer_id, document_sha256)
    Explanation.objects.create(
        finding=finding,
        because=because,
        text=text.strip(),
        document_sha256=document.sha256,
        document_name=document.filename,
        at=at,
        by_id=actor.person_id,
    )
    data = {"because": because, "document_sha256": document.sha256}
    return _move(finding, after, act, by, at, **data)


@transaction.atomic(durable=True)
def undo(*, finding_id: int, reason: str, actor: Actor, at: datetime) -> Finding:
    """Take a wrong explanation back; an authority that is not satisfied does the same.

    Raises:
        NoSuchFinding, WrongState, WrongRole, ReasonMissing.
    """
    finding, by = _locked(finding_id, actor)
    after = FINDING.next_state(State(finding.state), Act.UNDO, actor.role)
    _undo_explanation(finding, _given(reason), at)
    return _move(finding, after, Act.UNDO, by, at)


@transaction.atomic(durable=True)
def report(*, finding_id: int, actor: Actor, at: datetime) -> Finding:
    """Put a finding before both authorities without waiting for the limit.

    Raises:
        NoSuchFinding, WrongState, WrongRole.
        NoAuthority: neither has an account here.
    """
    finding, by = _locked(finding_id, actor)
    return refer(finding, authorities(), actor.role, by, at)


@transaction.atomic(durable=True)
def settle(*, finding_id: int, note: str, actor: Actor, at: datetime) -> Finding:
    """Settle one authority's copy of a finding; when both are settled it is closed.

    Raises:
        NoSuchFinding, WrongState, WrongRole, ReasonMissing.
    """
    finding, by = _locked(finding_id, actor)
    referral = _referral(finding, actor)
    after = REFERRAL.next_state(ReferralState(referral.state), ReferralAct.SETTLE, actor.role)
    referral.state, referral.note = after, _given(note)
    referral.settled_at, referral.settled_by_id = at, actor.person_id
    referral.save(update_fields=["state", "note", "settled_at", "settled_by"])
    _log("conformity:referral:settled", finding, by, at)
    waiting = Referral.objects.filter(finding=finding, state=ReferralState.WAITING).exists()
    if waiting:
        return finding
    closed = FINDING.next_state(State(finding.state), Act.CLOSE, Role.PLATFORM)
    return _move(finding, closed, Act.CLOSE, witnessed(PLATFORM), at)


@transaction.atomic(durable=True)
def reopen(*, finding_id: int, reason: str, actor: Actor, at: datetime) -> Finding:
    """Take a settled finding up again. If it was closed, its explanation no longer stands.

    Raises:
        NoSuchFinding, WrongState, WrongRole, ReasonMissing.
    """
    finding, by = _locked(finding_id, actor)
    referral = _referral(finding, actor)
    after = REFERRAL.next_state(ReferralState(referral.state), ReferralAct.REOPEN, actor.role)
    why = _given(reason)
    referral.state = after
    referral.save(update_fields=["state"])
    if finding.state != State.CLOSED:
        _log("conformity:referral:reopened", finding, by, at)
        return finding
    reopened = FINDING.next_state(State(finding.state), Act.REOPEN, actor.role)
    _undo_explanation(finding, why, at)
    return _move(finding, reopened, Act.REOPEN, by, at)


def authorities() -> list[Organisation]:
    """Return both authorities, as far as they have accounts here.

    Raises:
        NoAuthority: neither has.
    """
    found = [one for kind in AUTHORITIES if (one := organisations.authority(kind)) is not None]
    if not found:
        raise errors.NoAuthority(authority="MIIT, SAMR")
    return found


def refer(
    finding: Finding,
    to: Sequence[Organisation],
    role: Role,
    by: Witnessed,
    at: datetime,
) -> Finding:
    """Put a locked finding before the authorities, inside the caller's transaction."""
    after = FINDING.next_state(State(finding.state), Act.REPORT, role)
    Referral.objects.bulk_create([Referral(finding=finding, authority=one, at=at) for one in to])
    finding.reported_at = at
    finding.save(update_fields=["reported_at"])
    return _move(finding, after, Act.REPORT, by, at, to=[one.slug for one in to])


def cover(finding: Finding, at: datetime) -> Finding:
    """Note that something covers by now what a locked finding is about."""
    after = FINDING.next_state(State(finding.state), Act.COVER, Role.PLATFORM)
    return _move(finding, after, Act.COVER, witnessed(PLATFORM), at)


def opened(found: Sequence[Finding], at: datetime) -> None:
    """Write into the ledger that findings were opened."""
    by = witnessed(PLATFORM)
    ledger.record_many(
        ledger.Step(
            event="conformity:finding:opened",
            subject=f"finding/{one.pk}",
            actor=by,
            at=at,
            release_id=one.release_id,
            data=_about(one) | {"explain_by": one.explain_by.isoformat()},
        )
        for one in found
    )


def _locked(finding_id: int, actor: Actor) -> tuple[Finding, Witnessed]:
    """Return the finding if it is the actor's: of their house, or put before their authority."""
    by = witnessed(actor)
    finding = (
        Finding.objects.select_for_update(no_key=True, of=("self",))
        .select_related("manufacturer", "type", "ecu")
        .filter(pk=finding_id)
        .first()
    )
    if finding is None:
        raise errors.NoSuchFinding
    if actor.role in _REVIEWERS:
        mine = Referral.objects.filter(finding=finding, authority=actor.organisation_id).exists()
        if not mine or finding.state not in BEFORE_AUTHORITIES:
            raise errors.NoSuchFinding
    elif finding.manufacturer_id != actor.organisation_id:
        raise errors.NoSuchFinding
    return finding, by


def _referral(finding: Finding, actor: Actor) -> Referral:
    found = Referral.objects.filter(finding=finding, authority=actor.organisation_id).first()
    if found is None:
        raise errors.NoSuchFinding
    return found


def _undo_explanation(finding: Finding, reason: str, at: datetime) -> None:
    Explanation.objects.filter(finding=finding, undone_at__isnull=True).update(
        undone_at=at, undone_because=reason
    )
    finding.reason = reason
    finding.save(update_fields=["reason"])


def _given(reason: str) -> str:
    if not reason.strip():
        raise errors.ReasonMissing
    return reason.strip()


def _move(
    finding: Finding, after: State, act: Act, by: Witnessed, at: datetime, **data: Any
) -> Finding:
    before = finding.state
    finding.state = after
    finding.save(update_fields=["state"])
    steps = {"action": act, "before": before, "after": after}
    _log("conformity:finding:changed", finding, by, at, **steps, **data)
    return finding


def _log(event: str, finding: Finding, by: Witnessed, at: datetime, **data: Any) -> None:
    ledger.record(
        event=event,
        subject=f"finding/{finding.pk}",
        actor=by,
        at=at,
        release_id=finding.release_id,
        data=_about(finding) | data,
    )


def _about(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "rule": finding.rule_id,
        "manufacturer": finding.manufacturer.slug,
        "type": finding.type.code if finding.type else None,
        "ecu": finding.ecu.name if finding.ecu else None,
        "version": finding.version,
        "vehicles": finding.vehicles,
    }
