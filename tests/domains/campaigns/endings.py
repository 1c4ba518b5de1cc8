"""An approval of the world's type, and what an authority does with it later."""

from __future__ import annotations

from roadworthy.domains.access.models import Approval
from roadworthy.domains.access.states import Action
from roadworthy.domains.campaigns import standing
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.kernel.calendar import legal_day
from tests.domains.campaigns.conftest import people
from tests.world import World


def approve(world: World, number: str = "MA-1") -> Approval:
    """Approve the world's type, as the acceptance of its application would have."""
    authority, reviewers = people(Kind.MIIT, "miit", None)
    world.cast.actors |= reviewers
    return Approval.objects.create(
        manufacturer_id=world.cast.manufacturer_id,
        authority_id=authority,
        type_id=world.type_id,
        number=number,
        granted_on=legal_day(world.now),
        since=world.now,
    )


def move(world: World, approval: Approval, action: Action, reason: str = "Field findings") -> None:
    standing.move(
        number=approval.number,
        action=action,
        reason=reason,
        platform=world.platform,
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
    )
