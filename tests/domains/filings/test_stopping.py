"""Production and sale of what is defective: who states it, what it changes, what the log keeps."""

from __future__ import annotations

import io

import pytest

from roadworthy.domains.filings import queries, stopping
from roadworthy.domains.filings.errors import NothingToStop
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.transitions import WrongRole
from tests.world import World

ORDER = b"To all plants and dealers: stop."


def state(world: World, release, role=Role.COMPLIANCE_OFFICER, *, production=True, sale=True):
    return stopping.state(
        release_id=release.pk,
        production=production,
        sale=sale,
        shown=stopping.Shown("order.txt", io.BytesIO(ORDER)),
        store=world.platform.documents,
        platform=world.platform,
        actor=world.actor(role),
        at=world.tick(),
    )


def finding(release, rule: str) -> str:
    result = queries.latest_evaluation(release).result
    return next(row["outcome"] for row in result["findings"] if row["rule_id"] == rule)


@pytest.fixture
def remedy(world: World):
    release = world.signed(removes_defect=True, declared_kind="recall")
    release.refresh_from_db()
    return release


def test_what_was_stated_is_a_fact_of_every_later_assessment(world: World, remedy) -> None:
    assert stopping.stated(remedy) == {}
    assert state(world, remedy) is False  # nothing else is there yet
    assert stopping.stated(remedy) == {"production_stopped": True, "sale_stopped": True}
    assert finding(remedy, "N45-08") == "broken"  # the plan is missing, not the stop
    state(world, remedy, sale=False)
    assert stopping.stated(remedy)["sale_stopped"] is False


def test_the_log_has_the_digest_of_what_shows_it_and_not_its_words(world: World, remedy) -> None:
    state(world, remedy)
    entries = [one.data for one in ledger.latest_about(f"release/{remedy.pk}", 20)]
    (told,) = (data for data in entries if "document_sha256" in data)
    assert told["production_stopped"] is True
    assert "order" not in str(told)


def test_only_the_compliance_officer_states_it(world: World, remedy) -> None:
    with pytest.raises(WrongRole):
        state(world, remedy, Role.RELEASE_ENGINEER)


def test_a_release_that_removes_no_defect_stops_nothing(world: World) -> None:
    with pytest.raises(NothingToStop):
        state(world, world.frozen())
