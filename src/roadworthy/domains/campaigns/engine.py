"""The rollout engine: one loop that turns reports and decisions into what vehicles are told.

* It sleeps until a gateway has written reports, somebody has decided something, or a tick is over.
* Any number may run. Reports are applied by one of them at a time, a campaign is advanced by one
  at a time; all state is in the database, so one that dies leaves nothing undone.
* A lost database is waited for. A report that cannot be applied is set aside, alone and loudly.
"""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection

from roadworthy.domains.campaigns import access, intake, rollout

REPORTS_BELL = "gateway_report"
PAUSE_SECONDS = 0.05  # reports of a burst gather for so long and share a transaction
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


def run(stop: threading.Event, *, tick_seconds: float = 0.5) -> None:
    """Work until ``stop`` is set."""
    while not stop.is_set():
        try:
            with closing(_listener()) as bells:
                _work(stop, bells, tick_seconds)
        except (OperationalError, InterfaceError, psycopg.OperationalError) as lost:
            logger.warning("The database cannot be reached, trying again: %s", lost)
            connection.close()
            stop.wait(RETRY_SECONDS)
    connection.close()


def turn(at: datetime) -> int:
    """Do all that can be done now; return how much that was."""
    done = _drain()
    while batch := rollout.time_out(at=at):
        done += batch
    for campaign_id in rollout.to_advance():
        done += rollout.advance(campaign_id, at=at)
    return done


def _work(stop: threading.Event, bells: psycopg.Connection[Any], tick_seconds: float) -> None:
    while not stop.is_set():
        if not turn(datetime.now(UTC)):
            _sleep(bells, tick_seconds)
        stop.wait(PAUSE_SECONDS)


def _sleep(bells: psycopg.Connection[Any], seconds: float) -> None:
    """Wait for a bell; one turn answers all that have rung until now."""
    for _ in bells.notifies(timeout=seconds, stop_after=1):
        pass
    for _ in bells.notifies(timeout=0):
        pass


def _drain() -> int:
    """Apply every report that waits."""
    done = 0
    while True:
        try:
            applied = intake.apply_reports()
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # The loop is an edge: one report must not keep all vehicles' words from being heard.
            logger.exception("A batch of reports cannot be applied; going one by one")
            done += _one_by_one()
            continue
        done += applied
        if applied < intake.AT_ONCE:
            return done


def _one_by_one() -> int:
    """Apply reports singly until the one that fails, and set that one aside."""
    for done in range(intake.AT_ONCE):
        try:
            if not intake.apply_reports(limit=1):
                return done
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            report_id = intake.set_aside_oldest()
            logger.exception("Report %s cannot be applied and was set aside", report_id)
            return done + 1
    return intake.AT_ONCE


def _listener() -> psycopg.Connection[Any]:
    parameters = connection.get_connection_params()
    bells = psycopg.connect(**{**parameters, "autocommit": True})
    for bell in (REPORTS_BELL, access.BELL):
        bells.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(bell)))
    return bells
