"""What owners answered to the notice of the update that is the remedy: a "no" is followed up.

* Whoever declines the update behind the notice's link has declined the remedy, and stands among
  those who are to be followed up; who agrees after all leaves the list again.
* What an owner said of the recall itself later than that counts instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from roadworthy.domains.campaigns.models import Action, Consent
from roadworthy.domains.campaigns.states import ActionState
from roadworthy.domains.recalls.models import InScope, PlanRelease, RecallPlan, Remedied
from roadworthy.domains.remedies import answering
from roadworthy.domains.remedies.models import Answer
from roadworthy.domains.remedies.states import Choice

NOTICE = "notice"


def take(plan: RecallPlan, at: datetime, among: Sequence[int] | None = None) -> int:
    """Take the answers that are news, inside the caller's transaction; return how many.

    ``among`` names the actions to look at; None: all of the plan's.
    """
    actions = _actions(plan)
    known = Answer.objects.filter(recall_id=plan.recall_id, choice=Choice.DECLINE)
    if among is not None:
        actions = actions.filter(pk__in=among)
        known = known.filter(vehicle_id__in=actions.order_by().values("vehicle_id"))
    answered = dict(known.values_list("vehicle_id", "channel"))
    refused = [
        (vehicle_id, Choice.DECLINE)
        for vehicle_id in _refused(plan, actions)
        if answered.get(vehicle_id) is None
    ]
    noticed = [one for one, channel in answered.items() if channel == NOTICE]
    agreed = actions.filter(vehicle_id__in=noticed, consented=True)
    news = refused + [(one, Choice.ACCEPT) for one in agreed.values_list("vehicle_id", flat=True)]
    for vehicle_id, choice in news:
        answering.keep(plan, vehicle_id, choice, NOTICE, "", at)
    return len(news)


def _refused(plan: RecallPlan, actions: QuerySet[Action]) -> Iterable[int]:
    """Return the vehicles whose owner said no, and has said nothing else of the recall since."""
    last_no = Consent.objects.filter(action=OuterRef("pk"), choice="no").order_by("-pk")
    later = Answer.objects.filter(recall_id=plan.recall_id, vehicle=OuterRef("vehicle"))
    remedied = Remedied.objects.filter(recall_id=plan.recall_id).values("vehicle_id")
    return (
        actions.filter(state=ActionState.DECLINED)
        .exclude(vehicle_id__in=remedied)
        .annotate(
            said_at=Subquery(last_no.values("at")[:1]),
            answered_at=Subquery(later.values("at")[:1]),
        )
        .filter(Q(answered_at=None) | Q(answered_at__lt=F("said_at")))
        .values_list("vehicle_id", flat=True)
    )


def _actions(plan: RecallPlan) -> QuerySet[Action]:
    releases = PlanRelease.objects.filter(plan=plan).values("release_id")
    scoped = InScope.objects.filter(plan=plan, included=True).values("vehicle_id")
    return Action.objects.filter(campaign__release__in=releases, vehicle_id__in=scoped).order_by(
        "pk"
    )
