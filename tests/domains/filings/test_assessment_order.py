"""Two who assess a release at once: the answer that stays is the one with the newest facts."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from django.db import connections, transaction

from roadworthy.domains.filings import queries, services, upkeep
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software.models import Release
from tests.world import World


def test_upkeep_does_not_overwrite_a_decision_that_is_being_taken(world: World) -> None:
    world.levels_one_and_two()
    release = world.signed()
    for filing in world.drafts(Kind.ACTIVITY, release):
        world.submit(filing)
    samr = Filing.objects.get(dossier__release=release, authority__slug="samr")
    next_day = world.tick(days=1)  # upkeep looks at what was not assessed today
    waiting = threading.Event()
    thread = threading.Thread(target=_upkeep, args=(world, next_day, waiting))
    with transaction.atomic():
        # The refusal has begun and not committed: its row is changed, the release is locked.
        Filing.objects.filter(pk=samr.pk).update(reason="late")
        Release.objects.select_for_update(no_key=True).get(pk=release.pk)
        thread.start()
        assert waiting.wait(30)
    thread.join()
    services.refuse(
        filing_id=samr.pk, reason="No.", actor=world.actor(Role.SAMR_REVIEWER), at=next_day
    )
    latest = queries.latest_evaluation(release)
    assert latest is not None
    assert latest.result["facts"]["samr_filing"] == State.REFUSED


def _upkeep(world: World, at: datetime, waiting: threading.Event) -> None:
    try:
        waiting.set()
        upkeep.turn(world.platform, at)
    finally:
        connections.close_all()


@pytest.mark.parametrize("state", [State.SUBMITTED, State.REFUSED])
def test_the_last_evaluation_speaks_of_the_last_state(world: World, state: State) -> None:
    world.levels_one_and_two()
    release = world.signed()
    for filing in world.drafts(Kind.ACTIVITY, release):
        world.submit(filing)
    samr = Filing.objects.get(dossier__release=release, authority__slug="samr")
    if state == State.REFUSED:
        services.refuse(
            filing_id=samr.pk,
            reason="No.",
            actor=world.actor(Role.SAMR_REVIEWER),
            at=world.tick(),
        )
    latest = queries.latest_evaluation(release)
    assert latest is not None
    assert latest.result["facts"]["samr_filing"] == state
