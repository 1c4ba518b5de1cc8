"""The reviewer's pages: everything that was filed, and a decision over its full digest."""

from __future__ import annotations

import pytest
from django.test import Client

from roadworthy.domains.filings import questions
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations.roles import Role
from tests.portals.town import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(town: Town) -> Client:
    client = town.client(Role.MIIT_REVIEWER)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def address(town: Town) -> str:
    return f"/a/filings/{town.filings['submitted'].pk}/"


def state(town: Town) -> str:
    return Filing.objects.get(pk=town.filings["submitted"].pk).state


def test_the_queue_shows_what_waits_and_nothing_that_is_a_draft(reviewer, town) -> None:
    page = reviewer.get("/a/").content.decode()
    assert town.filings["submitted"].number in page
    assert town.filings["draft"].number not in page


def test_a_draft_is_not_found_by_the_authority_it_is_meant_for(town) -> None:
    client = town.client(Role.SAMR_REVIEWER)
    assert client.get(f"/a/filings/{town.filings['draft'].pk}/").status_code == 404


def test_a_filing_shows_its_full_digest_its_documents_and_the_other_authority(
    reviewer, address, town
) -> None:
    page = reviewer.get(address).content.decode()
    digest = town.filings["submitted"].dossier.sha256
    assert page.count(f"sha256:{digest}") >= 2  # on screen, and on paper's first page
    assert "identical" in page
    assert town.filed[:8] in page


def test_no_decision_is_preselected(reviewer, address) -> None:
    page = reviewer.get(address).content.decode()
    assert page.count('type="radio"') == 3
    assert "checked" not in page


def test_a_return_needs_its_reason(reviewer, address, town) -> None:
    answer = reviewer.post(f"{address}decide/", {"decision": "return", "reason": " "})
    assert answer.status_code == 422
    assert "Write the reason: the manufacturer reads it." in answer.content.decode()
    assert state(town) == "submitted"


def test_a_decision_is_confirmed_before_it_is_taken(reviewer, address, town) -> None:
    form = {"decision": "return", "reason": "The mileage is missing."}
    first = reviewer.post(f"{address}decide/", form)
    assert first.status_code == 200
    assert "The mileage is missing." in first.content.decode()
    assert state(town) == "submitted"
    assert reviewer.post(f"{address}decide/", form | {"confirmed": "yes"}).status_code == 302
    assert state(town) == "returned"


def test_an_acceptance_is_signed_with_the_reviewers_own_passphrase(reviewer, address, town) -> None:
    form = {"decision": "accept", "reason": "", "confirmed": "yes"}
    wrong = reviewer.post(f"{address}decide/", form | {"passphrase": "not it"})
    assert wrong.status_code == 422
    assert state(town) == "submitted"
    right = town.world.passphrase(Role.MIIT_REVIEWER)
    asked = reviewer.post(f"{address}decide/", form | {"passphrase": right})
    assert asked.status_code == 422, "a question is open"
    assert state(town) == "submitted"
    questions.take_back(
        question_id=town.question.pk,
        actor=town.world.actor(Role.MIIT_REVIEWER),
        at=town.world.tick(),
    )
    assert reviewer.post(f"{address}decide/", form | {"passphrase": right}).status_code == 302
    accepted = Filing.objects.get(pk=town.filings["submitted"].pk)
    assert accepted.state == "accepted"
    assert accepted.receipt


def test_what_is_decided_offers_no_decision(reviewer, town) -> None:
    page = reviewer.get(f"/a/filings/{town.filings['accepted'].pk}/").content.decode()
    assert 'type="radio"' not in page


def test_a_file_is_given_back_as_it_came_and_never_shown_in_place(reviewer, address, town) -> None:
    answer = reviewer.get(f"{address}files/{town.filed}/")
    content = b"".join(answer)
    assert content.startswith(b"image ")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"


def test_a_file_that_was_not_filed_is_not_found(reviewer, address, town) -> None:
    assert reviewer.get(f"{address}files/{'0' * 64}/").status_code == 404
    assert reviewer.get(f"{address}files/{town.image}/").status_code == 404
