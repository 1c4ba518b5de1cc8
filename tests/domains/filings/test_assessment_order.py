"""Two who assess a release at once: the answer that stays is the one with the newest facts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from roadworthy.domains.filings import assessment, queries, services, upkeep
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.organisations.roles import Role
from tests.world import World

# Not pg_stat_activity: within a transaction that shows the same picture for ever.
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def test_upkeep_does_not_overwrite_a_decision_that_is_taken_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.levels_one_and_two()
    release = world.signed()
    for filing in world.drafts(Kind.ACTIVITY, release):
        world.submit(filing)
    samr = Filing.objects.get(dossier__release=release, authority__slug="samr")
    at = world.tick(days=1)  # upkeep looks at what was not assessed today

    def refuse() -> None:
        services.refuse(
            filing_id=samr.pk, reason="No.", actor=world.actor(Role.SAMR_REVIEWER), at=at
        )

    decision = threading.Thread(target=_closing, args=(refuse,))
    answer = assessment.evaluate
    upkeeps_own = threading.current_thread()

    def evaluate(*args: Any, **kwargs: Any) -> Any:
        result = answer(*args, **kwargs)
        if threading.current_thread() is upkeeps_own and decision.ident is None:
            # Upkeep has read its facts. Now SAMR decides: to the end, or until it has to wait.
            decision.start()
            while decision.is_alive() and not _somebody_waits():
                decision.join(0.01)
        return result

    monkeypatch.setattr(assessment, "evaluate", evaluate)
    upkeep.turn(world.platform, at)
    decision.join()
    latest = queries.latest_evaluation(release)
    assert latest is not None
    assert latest.result["facts"]["samr_filing"] == State.REFUSED


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])


def _closing(step: Callable[[], None]) -> None:
    try:
        step()
    finally:
        connections.close_all()
