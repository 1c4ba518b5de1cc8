"""An approval that ends or rests stops the campaigns of its type; a person lets them go on.

What a vehicle runs after an update must still be what is approved (N45 part 3 (6)). So with the
suspension, the revocation or the giving back of an approval every campaign that touches its type
is stopped as in an emergency, in the same transaction; gateways hear of it within a second. The
resumption of the approval opens gates, and starts no campaign: its compliance officer does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from roadworthy.domains.access import approvals
from roadworthy.domains.access.models import Approval
from roadworthy.domains.access.states import Action
from roadworthy.domains.access.states import State as Standing
from roadworthy.domains.campaigns import lifecycle
from roadworthy.domains.campaigns.models import Campaign
from roadworthy.domains.campaigns.states import Act, State
from roadworthy.domains.filings import standing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.rules.text import Text

_UNDER_WAY = (State.NOTIFYING, State.RUNNING, State.PAUSED)
_WHY: Final[Mapping[Standing, Text]] = {
    Standing.SUSPENDED: Text(
        "准入批准{number}已暂停：{reason}", "The approval {number} is suspended: {reason}"
    ),
    Standing.REVOKED: Text(
        "准入批准{number}已撤销：{reason}", "The approval {number} is revoked: {reason}"
    ),
    Standing.WITHDRAWN: Text(
        "准入批准{number}已交回：{reason}", "The approval {number} is given back: {reason}"
    ),
}


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
    """Suspend, resume, revoke or give back an approval, with all that follows for its type.

    Raises:
        NotAMember, NoSuchApproval, WrongState, WrongRole, ReasonMissing.
    """
    approval = approvals.move(number=number, action=action, reason=reason, actor=actor, at=at)
    if approval.state != Standing.IN_FORCE:
        _stop(approval, at)
    standing.ask_again(approval, platform=platform, by=witnessed(actor), at=at)
    return approval


def _stop(approval: Approval, at: datetime) -> None:
    fields = {
        "number": Text(approval.number, approval.number),
        "reason": Text(approval.reason, approval.reason),
    }
    why = _WHY[Standing(approval.state)].fill(fields)
    concerned = (
        Campaign.objects.select_for_update(no_key=True, of=("self",))
        .select_related("release", "notice", "manufacturer")
        .filter(release__types=approval.type_id, state__in=_UNDER_WAY)
        .order_by("pk")
    )
    for campaign in concerned:
        lifecycle.perform(Act.STOP, campaign, PLATFORM.role, witnessed(PLATFORM), at, why)
