"""Which actions of a plan's campaigns have news since somebody looked: work follows what changed.

* What happens to an action, and what its owner answers, is appended with a growing number. Numbers
  are drawn before they are committed: one may appear below others that were read already. A number
  is behind us for good only when every transaction that ran when it was read has ended.
* All actions are looked at when the plan's scope or releases change, and once a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db import connection

from roadworthy.domains.recalls.models import PlanRelease, RecallPlan
from roadworthy.domains.remedies.models import Watermark

_WHOLE_EVERY: Final = timedelta(days=1)
_NOW: Final = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       (SELECT coalesce(max(id), 0) FROM campaigns_actionevent),
       (SELECT coalesce(max(id), 0) FROM campaigns_consent)
"""
# Asked for after the numbers were read: whoever wrote below them by then has a smaller one. (A
# snapshot's own xmax will not do: transactions that run already may lie above it.)
_HERE: Final = "SELECT pg_current_xact_id()::text::bigint"
_NEWS: Final = """
SELECT action.id FROM campaigns_action action
JOIN campaigns_campaign campaign ON campaign.id = action.campaign_id
JOIN recalls_planrelease link ON link.release_id = campaign.release_id
WHERE link.plan_id = %(plan)s AND action.id IN (
    SELECT action_id FROM campaigns_actionevent WHERE id > %(event)s
    UNION SELECT action_id FROM campaigns_consent WHERE id > %(consent)s)
ORDER BY action.id
"""


@dataclass(frozen=True, slots=True)
class News:
    """What to look at: ``actions``, or all of them (None)."""

    actions: list[int] | None


def since_last(plan: RecallPlan, at: datetime) -> News:
    """Return what is new, and take it as looked at with the caller's transaction.

    The caller holds the lock on the plan.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOW)
        ended_before, event_id, consent_id = cursor.fetchone()
        cursor.execute(_HERE)
        (here,) = cursor.fetchone()
    basis = _basis(plan)
    mark = Watermark.objects.filter(plan=plan).first()
    latest = {"next_event_id": event_id, "next_consent_id": consent_id, "next_xid": here}
    if mark is None or mark.basis != basis or at >= mark.whole_at + _WHOLE_EVERY:
        Watermark.objects.update_or_create(
            plan=plan,
            defaults={
                "basis": basis, "event_id": None, "consent_id": None, "whole_at": at, **latest,
            },
        )  # fmt: skip
        return News(None)
    news = _read(plan, mark)
    if ended_before > mark.next_xid:
        mark.event_id, mark.consent_id = mark.next_event_id, mark.next_consent_id
        for name, value in latest.items():
            setattr(mark, name, value)
        mark.save()
    return news


def _read(plan: RecallPlan, mark: Watermark) -> News:
    if mark.event_id is None:
        return News(None)
    given = {"plan": plan.pk, "event": mark.event_id, "consent": mark.consent_id}
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, given)
        return News([pk for (pk,) in cursor.fetchall()])


def _basis(plan: RecallPlan) -> str:
    """Return a digest of what decides which actions count."""
    releases = PlanRelease.objects.filter(plan=plan).order_by("pk")
    told = (plan.resolved_at, list(releases.values_list("release_id", flat=True)))
    return sha256(repr(told).encode()).hexdigest()
