"""What must happen without anybody asking: count scopes, follow filings, look at days anew.

Any number may run: a row that somebody works on is left to them.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from django.db import DatabaseError, close_old_connections, transaction

from roadworthy.domains.recalls import duties, resolving, running
from roadworthy.domains.recalls.models import Defect, RecallPlan
from roadworthy.domains.recalls.states import PlanState
from roadworthy.kernel.calendar import legal_day

logger = logging.getLogger(__name__)


def run(stop: threading.Event, *, tick_seconds: float = 5.0) -> None:
    """Work until ``stop`` is set; a database that is away is asked again."""
    while not stop.wait(tick_seconds):
        try:
            turn(datetime.now(UTC))
        except DatabaseError:
            logger.warning("recalls: the database did not answer; trying again")
            close_old_connections()


def turn(at: datetime) -> None:
    """Do once what is due now."""
    running.follow(at=at)
    waiting = RecallPlan.objects.filter(state=PlanState.DRAFT, resolved_at__isnull=True)
    for plan_id in waiting.order_by("pk").values_list("pk", flat=True):
        resolving.resolve(plan_id=plan_id, at=at)
    for defect_id in _not_seen_today(at):
        with transaction.atomic(durable=True):
            duties.settle(Defect.objects.select_for_update(no_key=True).get(pk=defect_id), at)


def _not_seen_today(at: datetime) -> list[int]:
    """Return defects whose duties nobody has looked at today: a day can make one late."""
    seen = Defect.objects.filter(settled_on__lt=legal_day(at), duties__fulfilled_at__isnull=True)
    return sorted(set(seen.values_list("pk", flat=True)))
