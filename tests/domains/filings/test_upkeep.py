"""What the platform does without being asked: a gate opens when nothing holds it up any more."""

from __future__ import annotations

from django.db import transaction

from roadworthy.domains.filings import queries, upkeep
from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from tests.world import World


def test_a_gate_opens_when_what_was_missing_is_stated_after_every_signature(world: World) -> None:
    world.levels_one_and_two()
    release = world.signed(conforms_after_update=None)
    world.through(Kind.ACTIVITY, release)
    upkeep.turn(world.platform, world.tick())
    release.refresh_from_db()
    latest = queries.latest_evaluation(release)
    assert latest is not None
    assert (release.state, latest.decision) == ("signed", "undetermined")
    with transaction.atomic():
        filings.reassess(
            release.pk,
            stated={"conforms_after_update": True},
            by=witnessed(PLATFORM),
            at=world.tick(),
        )
    release.refresh_from_db()
    assert release.state == "signed", "stating a fact publishes nothing by itself"
    upkeep.turn(world.platform, world.tick())
    release.refresh_from_db()
    assert release.state == "released"


def test_a_gate_stays_shut_while_a_signature_is_missing_whatever_is_stated(world: World) -> None:
    world.levels_one_and_two()
    release = world.signed()
    miit, samr = world.drafts(Kind.ACTIVITY, release)
    world.submit(samr)
    world.accept(world.submit(miit))
    upkeep.turn(world.platform, world.tick())
    release.refresh_from_db()
    assert release.state == "signed"
