"""How an approval stands decides about releases: a step of the one is looked at by the other."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.access import approvals
from roadworthy.domains.access.models import Approval
from roadworthy.domains.access.states import Action
from roadworthy.domains.filings import assessment, gate
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State

_OPEN = (State.DRAFT, State.FROZEN, State.SIGNED)


@transaction.atomic(durable=True)
def move(
    *,
    number: str,
    action: Action,
    reason: str,
    platform: Platform,
    actor: Actor,
    at: datetime,
) -> Approval:
    """Suspend, resume, revoke or give back an approval, and ask about its open releases again.

    A suspended or revoked approval keeps the gate of every release of its type shut; with the
    resumption a gate at which nothing else is missing opens.

    Raises:
        NotAMember, NoSuchApproval, WrongState, WrongRole, ReasonMissing.
    """
    approval = approvals.move(number=number, action=action, reason=reason, actor=actor, at=at)
    by = witnessed(actor)
    concerned = Release.objects.select_for_update(no_key=True).filter(
        pk__in=Release.objects.filter(types=approval.type_id, state__in=_OPEN).values("pk")
    )
    for release in concerned.order_by("pk"):
        assessment.assess(release, by=by, at=at)
        gate.open_gate(release, platform=platform, at=at)
    return approval
