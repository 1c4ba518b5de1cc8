"""Orders to stop that are carried out state it for the release that removes the defect."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings import classifying, queries, stopping
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.recalls import stopping as orders
from roadworthy.domains.recalls.models import StopOrder
from roadworthy.domains.recalls.states import StopAct
from roadworthy.domains.recalls.stopping import Shown, SiteRow
from tests import recalling
from tests.domains.campaigns import roads
from tests.domains.campaigns.conftest import people

BOTH_STOPPED = {"production_stopped": True, "sale_stopped": True}


@pytest.fixture
def confirmed(light):
    """A confirmed defect at a manufacturer with a plant and two dealers."""
    light.cast.actors |= people(Kind.SAMR, "samr", None)[1]
    roads.register(light, 1)
    recalling.sites(light)
    return recalling.confirmed(light)


@pytest.fixture
def remedy(light):
    release = light.frozen(removes_defect=True, declared_kind="recall")
    engineer = light.actor(Role.RELEASE_ENGINEER)
    classifying.classify(release_id=release.pk, actor=engineer, at=light.tick())
    release.refresh_from_db()
    return release


def link(light, confirmed, remedy):
    return recalling.drafted(light, confirmed, remedy="both", release_numbers=(remedy.number,))


def carry_out(light, digest: str, *parts: str) -> None:
    for order in StopOrder.objects.filter(part__in=parts).order_by("pk"):
        orders.take(
            StopAct.EXECUTE,
            order_id=order.pk,
            shown=Shown("It stands.", digest),
            actor=light.actor(Role.RECALL),
            at=light.tick(),
        )


def by_hand(light, remedy, folder: Path, *, goes_on: bool = False) -> None:
    stopping.state(
        release_id=remedy.pk,
        production=not goes_on,
        sale=not goes_on,
        shown=stopping.Shown("order.txt", io.BytesIO(b"To all plants and dealers.")),
        store=DocumentStore(folder / "documents"),
        platform=light.platform,
        actor=light.actor(Role.COMPLIANCE_OFFICER),
        at=light.tick(),
    )


def told(remedy) -> list[dict]:
    rows = ledger.about(f"release/{remedy.pk}")
    return [one.data for one in rows if one.event == "release:stop-shown"]


def test_the_last_order_states_it_and_the_log_cites_the_documents(
    light, confirmed, remedy, tmp_path
):
    link(light, confirmed, remedy)
    assert stopping.stated(remedy) == dict.fromkeys(BOTH_STOPPED, False)
    digest = recalling.document(light, tmp_path)
    carry_out(light, digest, "production")
    assert stopping.stated(remedy) == {"production_stopped": True, "sale_stopped": False}
    carry_out(light, digest, "sale")
    assert stopping.stated(remedy) == BOTH_STOPPED
    last = told(remedy)[-1]
    assert (last["defects"], last["documents_sha256"]) == ([confirmed.number], [digest])
    assert last["shown"] == BOTH_STOPPED
    known = queries.latest_evaluation(remedy).result["facts"]
    assert {name: known[name] for name in BOTH_STOPPED} == BOTH_STOPPED


def test_what_was_carried_out_before_the_plan_is_stated_when_the_plan_names_the_release(
    light, confirmed, remedy, tmp_path
):
    carry_out(light, recalling.document(light, tmp_path), "production", "sale")
    assert stopping.stated(remedy) == {}
    link(light, confirmed, remedy)
    assert stopping.stated(remedy) == BOTH_STOPPED
    assert len(told(remedy)) == 1


def test_an_open_order_does_not_take_back_what_a_person_has_stated(
    light, confirmed, remedy, tmp_path
):
    by_hand(light, remedy, tmp_path)
    link(light, confirmed, remedy)
    carry_out(light, recalling.document(light, tmp_path), "production")
    assert stopping.stated(remedy) == BOTH_STOPPED


def test_that_it_goes_on_again_is_stated_by_hand_and_stays(light, confirmed, remedy, tmp_path):
    digest = recalling.document(light, tmp_path)
    carry_out(light, digest, "production", "sale")
    plan = link(light, confirmed, remedy)
    by_hand(light, remedy, tmp_path, goes_on=True)
    recalling.filed(light, plan)
    assert stopping.stated(remedy) == dict.fromkeys(BOTH_STOPPED, False)


def test_a_dealer_who_comes_later_has_to_stop_as_well(light, confirmed, remedy, tmp_path):
    carry_out(light, recalling.document(light, tmp_path), "production", "sale")
    link(light, confirmed, remedy)
    orders.register_sites(
        rows=[SiteRow("dealer", "D9", "Dealer Xi'an")],
        actor=light.actor(Role.RECALL),
        at=light.tick(),
    )
    assert stopping.stated(remedy) == {"production_stopped": True, "sale_stopped": False}
