"""What owners answer. Nobody drops out of the list silently."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.recalls import records
from roadworthy.domains.recalls.models import InScope, RecallPlan, Remedied
from roadworthy.domains.recalls.states import IN_FORCE
from roadworthy.domains.remedies import counting, errors, rights
from roadworthy.domains.remedies.models import Answer, FollowUp
from roadworthy.domains.remedies.states import Choice, Figure, Reason
from roadworthy.domains.vehicles.models import Vehicle

_FIGURE: Final[Mapping[str, Figure]] = {
    Choice.ACCEPT: Figure.ACCEPTED,
    Choice.DECLINE: Figure.DECLINED,
    Choice.UNREACHABLE: Figure.UNREACHABLE,
}
_FOLLOWED: Final[Mapping[str, Reason]] = {
    Choice.DECLINE: Reason.DECLINED,
    Choice.UNREACHABLE: Reason.UNREACHABLE,
}
_LONGEST = 500


@transaction.atomic(durable=True)
def record_answer(
    *, plan_id: int, vin: str, choice: str, words: str = "", actor: Actor, at: datetime
) -> Answer:
    """Write down what an owner said on the telephone or in a workshop; the last answer counts.

    Raises:
        NoSuchPlan, NotAMember, NotYourTask, NotInForce, NotInScope, BadChoice.
    """
    plan, by = rights.plan_in_force(plan_id, actor, rights.REPORTS)
    vehicle = Vehicle.objects.filter(manufacturer_id=plan.manufacturer_id, vin=vin).first()
    if vehicle is None:
        raise errors.NotInScope
    made = keep(plan, vehicle.pk, choice, "telephone", words, at)
    records.log_plan("recall:answer", plan, by, at, choice=choice)
    return made


@transaction.atomic(durable=True)
def owner_answers(*, plan_id: int, vehicle_id: int, choice: str, at: datetime) -> Answer:
    """Keep what the owner chose behind their link.

    Raises:
        NotInScope: the link's plan is no longer in force, or has no such vehicle.
        BadChoice: owners accept or decline.
    """
    if choice == Choice.UNREACHABLE:
        raise errors.BadChoice(value=choice, choices="accept, decline")
    plan = RecallPlan.objects.filter(pk=plan_id, state__in=IN_FORCE).first()
    if plan is None:
        raise errors.NotInScope
    return keep(plan, vehicle_id, choice, "web", "", at)


def keep(
    plan: RecallPlan, vehicle_id: int, choice: str, channel: str, words: str, at: datetime
) -> Answer:
    """Keep an answer inside the caller's transaction; the last one counts.

    Raises:
        BadChoice, NotInScope.
    """
    if choice not in _FIGURE:
        raise errors.BadChoice(value=choice, choices=", ".join(Choice))
    if not InScope.objects.filter(plan=plan, vehicle_id=vehicle_id, included=True).exists():
        raise errors.NotInScope
    root = plan.recall_id
    before = (
        Answer.objects.select_for_update().filter(recall_id=root, vehicle_id=vehicle_id).first()
    )
    counts = {_FIGURE[choice]: 1}
    if before is not None:
        old = _FIGURE[before.choice]
        counts = {old: -1, _FIGURE[choice]: 1} if old != _FIGURE[choice] else {}
    made, _new = Answer.objects.update_or_create(
        recall_id=root,
        vehicle_id=vehicle_id,
        defaults={
            "choice": choice, "channel": channel, "words": words.strip()[:_LONGEST], "at": at,
        },
    )  # fmt: skip
    if choice in _FOLLOWED:
        counts[Figure.FOLLOW_UP] = follow_up(root, vehicle_id, _FOLLOWED[choice], at)
    else:
        counts[Figure.FOLLOW_UP] = -end_follow_up(root, vehicle_id, at)
    counting.add(root, counts, at)
    return made


def follow_up(recall_id: int, vehicle_id: int, reason: Reason, at: datetime) -> int:
    """Put a vehicle on the list, or say why anew; return 1 if it was not on it."""
    if Remedied.objects.filter(recall_id=recall_id, vehicle_id=vehicle_id).exists():
        return 0
    known = (
        FollowUp.objects.select_for_update()
        .filter(recall_id=recall_id, vehicle_id=vehicle_id)
        .first()
    )
    was_open = known is not None and known.ended_at is None
    FollowUp.objects.update_or_create(
        recall_id=recall_id,
        vehicle_id=vehicle_id,
        defaults={"reason": reason, "since": at, "ended_at": None},
    )
    return 0 if was_open else 1


def end_follow_up(recall_id: int, vehicle_id: int, at: datetime) -> int:
    """Take a vehicle off the list; return how many that were."""
    return FollowUp.objects.filter(
        recall_id=recall_id, vehicle_id=vehicle_id, ended_at__isnull=True
    ).update(ended_at=at)
