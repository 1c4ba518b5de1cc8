"""What must happen without anybody asking: sequence the log, keep metadata fresh, look at gates.

Several at once are safe: the sequencer and the repository decide between them in the database.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, close_old_connections, transaction

from roadworthy.domains.filings import gate, searching, services
from roadworthy.domains.filings.models import Candidate
from roadworthy.domains.filings.platform import NotInitialised, Platform
from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.ledger import sequencing
from roadworthy.domains.ledger.holding import LogBehind, LogForked
from roadworthy.domains.software.models import Evaluation, Release
from roadworthy.domains.software.states import State
from roadworthy.kernel.calendar import legal_day
from roadworthy.law.evaluation import Decision
from roadworthy.trust.metadata_store import NoSuchMetadata, VersionExists
from roadworthy.trust.online import expiry

logger = logging.getLogger(__name__)

# The timestamp is signed again when half of its day is gone: a server that was down for a night
# comes back before its vehicles refuse it.
FRESH = timedelta(hours=12)
HELD_SECONDS = 30  # between two words about a log that may not be signed


def run(
    stop: threading.Event, open_platform: Callable[[], Platform], *, tick_seconds: float = 1.0
) -> None:
    """Work until ``stop`` is set; a database that is away is asked again."""
    platform: Platform | None = None
    while not stop.wait(tick_seconds):
        try:
            if platform is None:
                platform = open_platform()
                searching.keep_missing()
            turn(platform, datetime.now(UTC))
        except NotInitialised:
            continue
        except (LogBehind, LogForked) as wrong:
            # A person has to bring entries back; until then everything else goes on.
            logger.error("upkeep: %s", wrong)  # noqa: TRY400 - foreseen: no traceback
            stop.wait(HELD_SECONDS)
        except DatabaseError:
            logger.warning("upkeep: the database did not answer; trying again")
            close_old_connections()


def turn(platform: Platform, at: datetime) -> None:
    """Do once what is due now."""
    sequencing.sequence(signer=platform.log, at=at, head=platform.head)
    _refresh(platform, at)
    for release_id in _to_reconsider(at):
        services.reconsider(release_id=release_id, platform=platform, at=at)


def _refresh(platform: Platform, at: datetime) -> None:
    try:
        if expiry(DatabaseMetadata().get("timestamp")) - at > FRESH:
            return
        with transaction.atomic():
            gate.repository().refresh_online(online=platform.online, at=at)
    except (NoSuchMetadata, VersionExists):  # not there yet, or another process was faster
        return
    gate.export(platform)


def _to_reconsider(at: datetime) -> list[int]:
    """Return signed releases that the rulebook has not seen today: a day can open a gate."""
    signed = Release.objects.filter(state=State.SIGNED)
    seen = Evaluation.objects.filter(release__in=signed, as_of=legal_day(at))
    unseen = signed.exclude(pk__in=seen.values("release_id")).values_list("pk", flat=True)
    return sorted({*unseen, *_may_pass()})


def _may_pass() -> Iterator[int]:
    """Yield signed releases that nothing holds up any more: what was stated since opens a gate."""
    newest = (
        Evaluation.objects.filter(release__state=State.SIGNED)
        .order_by("release", "-pk")
        .distinct("release")
        .values_list("release_id", "decision")
    )
    ready = [one for one, decision in newest if decision == Decision.MAY_RELEASE]
    for candidate in Candidate.objects.filter(release__in=ready, published_at__isnull=True):
        if not gate.missing(candidate):
            yield candidate.release_id
