"""Stage and final reports, prefilled with the figures of the day: drafts of what is filed.

IMP176 30 asks for a stage report every three months and a final report after the plan is completed;
when each is due stands with the plan's duties. Figures are those of proofs, never of sendings.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import records
from roadworthy.domains.remedies import queries, rights
from roadworthy.domains.remedies.models import Report
from roadworthy.kernel.calendar import legal_day

STAGE, FINAL = "stage", "final"


@transaction.atomic(durable=True)
def draft_report(
    *, plan_id: int, kind: str, words: Mapping[str, str], actor: Actor, at: datetime
) -> Report:
    """Draft a report with today's figures; drafted twice on a day, the later one stays.

    Raises:
        NoSuchPlan, NotAMember, NotYourTask, NotInForce.
    """
    plan, by = rights.plan_in_force(plan_id, actor, (Role.RECALL,))
    today = legal_day(at)
    made, _new = Report.objects.update_or_create(
        plan=plan,
        kind=FINAL if kind == FINAL else STAGE,
        as_of=today,
        defaults={
            "figures": figures(plan.pk, today),
            "words": dict(words),
            "made_at": at,
            "made_by_id": actor.person_id,
        },
    )
    records.log_plan("recall:report:drafted", plan, by, at, kind=made.kind)
    return made


def figures(plan_id: int, today: date) -> dict[str, Any]:
    """Return what a report says in numbers, as JSON."""
    told = queries.progress(plan_id)
    return {
        "as_of": today.isoformat(),
        "vehicles": told.vehicles,
        "remedied": told.remedied,
        "by_running_version": told.by_version,
        "by_workshop": told.by_workshop,
        "completion_percent": str(told.percent),
        "notices_sent": told.sent,
        "notices_bounced": told.bounced,
        "accepted": told.accepted,
        "declined": told.declined,
        "unreachable": told.unreachable,
        "to_follow_up": told.follow_up,
        "curve": [[point.on.isoformat(), point.total] for point in queries.curve(plan_id)],
    }
