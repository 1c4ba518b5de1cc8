"""Whose recall it is, and who may do what about it."""

from __future__ import annotations

from roadworthy.domains.organisations.actors import Actor, Witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import records
from roadworthy.domains.recalls.models import RecallPlan
from roadworthy.domains.recalls.states import IN_FORCE
from roadworthy.domains.remedies import errors

FOLLOWS = (Role.RECALL, Role.COMPLIANCE_OFFICER)
REPORTS = (*FOLLOWS, Role.AFTER_SALES)


def plan_in_force(
    plan_id: int, actor: Actor, roles: tuple[Role, ...]
) -> tuple[RecallPlan, Witnessed]:
    """Return the actor's plan, its row locked, and the actor as the ledger names them.

    Raises:
        NoSuchPlan, NotAMember.
        NotYourTask: another role has to do this.
        NotInForce: the plan is not filed yet, or no longer what counts.
    """
    plan, by = records.locked_plan(plan_id, actor)
    if actor.role not in {*roles, Role.PLATFORM}:
        raise errors.NotYourTask(roles=", ".join(roles))
    if plan.state not in IN_FORCE:
        raise errors.NotInForce(state=plan.state)
    return plan, by
