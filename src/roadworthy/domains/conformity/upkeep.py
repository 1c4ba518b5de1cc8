"""What must happen without anybody asking: compare, report what was not explained, take snapshots.

Any number may run: findings are compared by one at a time, a snapshot can be taken only once.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from django.db import DatabaseError, close_old_connections

from roadworthy.domains.conformity import detection, errors, snapshots

logger = logging.getLogger(__name__)


def run(stop: threading.Event, *, tick_seconds: float = 30.0) -> None:
    """Work until ``stop`` is set; a database that is away is asked again."""
    while not stop.wait(tick_seconds):
        try:
            turn(datetime.now(UTC))
        except DatabaseError:
            logger.warning("conformity: the database did not answer; trying again")
            close_old_connections()


def turn(at: datetime) -> None:
    """Do once what is due now."""
    detection.detect(at=at)
    for campaign_id in snapshots.due():
        snapshots.take(campaign_id=campaign_id, at=at)
    for release_id in snapshots.to_restate():
        snapshots.restate(release_id=release_id, at=at)
    try:
        while detection.escalate(at=at):
            pass
    except errors.NoAuthority:
        logger.warning("conformity: findings are overdue, and no authority has an account here")
