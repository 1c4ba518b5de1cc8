"""What becomes of an approval after it was granted, and of the conditions that came with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.access import granting
from roadworthy.domains.access.errors import (
    ConditionDone,
    EvidenceMissing,
    NoSuchApproval,
    NoSuchCondition,
    ReasonMissing,
)
from roadworthy.domains.access.models import Approval, Condition
from roadworthy.domains.access.states import APPROVAL, Action, State
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.organisations.roles import Role

_REVIEWERS = frozenset({Role.MIIT_REVIEWER, Role.SAMR_REVIEWER})


def move(*, number: str, action: Action, reason: str, actor: Actor, at: datetime) -> Approval:
    """Suspend, resume, revoke or give back; inside the transaction of whoever answers for releases.

    Raises:
        NotAMember, NoSuchApproval: it is not the actor's authority's, nor their organisation's.
        WrongState, WrongRole: the table has no such step.
        ReasonMissing: everything but a resumption needs a reason, and it is public.
    """
    by = witnessed(actor)
    approval = granting.locked(None, number)
    owner = approval.authority_id if actor.role in _REVIEWERS else approval.manufacturer_id
    if owner != actor.organisation_id:
        raise NoSuchApproval
    before = State(approval.state)
    after = APPROVAL.next_state(before, action, actor.role)
    if not reason.strip():
        raise ReasonMissing
    approval.state = after
    approval.reason, approval.since = reason.strip(), at
    approval.save(update_fields=["state", "reason", "since"])
    ledger.record(
        event="approval:state:changed",
        subject=f"approval/{approval.number}",
        actor=by,
        at=at,
        data={
            "number": approval.number,
            "manufacturer": approval.manufacturer.slug,
            "action": action,
            "before": before,
            "after": after,
            "reason": approval.reason,
        },
    )
    return approval


@transaction.atomic(durable=True)
def fulfil(
    *,
    number: str,
    key: str,
    evidence: str,
    actor: Actor,
    at: datetime,
    document_sha256: str = "",
) -> Condition:
    """Say that a condition is fulfilled, and what shows it: words, and a document if there is one.

    Raises:
        NotAMember, NoSuchApproval, NoSuchCondition: it is not the actor's organisation's.
        EvidenceMissing: nothing is said that shows it.
        NoSuchDocument: the document is not the manufacturer's.
        ConditionDone: it is fulfilled already.
    """
    by = witnessed(actor)
    approval = granting.locked(actor.organisation_id, number)
    found = Condition.objects.filter(approval=approval, key=key).first()
    if found is None:
        raise NoSuchCondition
    if actor.role not in {found.owner_role, Role.COMPLIANCE_OFFICER}:
        raise NoSuchCondition
    if found.fulfilled_at is not None:
        raise ConditionDone
    if not evidence.strip():
        raise EvidenceMissing
    found.fulfilled_at, found.fulfilled_by_id = at, actor.person_id
    found.evidence = evidence.strip()
    if document_sha256:
        found.document = documents.document(approval.manufacturer_id, document_sha256)
    found.save(update_fields=["fulfilled_at", "fulfilled_by", "evidence", "document"])
    ledger.record(
        event="approval:condition:fulfilled",
        subject=f"approval/{approval.number}",
        actor=by,
        at=at,
        data={
            "number": approval.number,
            "condition": key,
            **({"document_sha256": document_sha256} if document_sha256 else {}),
        },
    )
    return found
