"""The owner's page: what it shows in each state, what it writes down, what it keeps to itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from roadworthy.domains.campaigns import engine, services
from roadworthy.domains.campaigns.models import Consent
from roadworthy.domains.campaigns.states import Act, ActionState
from roadworthy.domains.ledger.models import Entry
from roadworthy.portals.owner import redaction
from roadworthy.portals.shared import throttle
from tests.domains.campaigns.roads import Road
from tests.portals.owner.conftest import TEXTS, in_language
from tests.world import NEW

pytestmark = pytest.mark.django_db


def first(road: Road) -> int:
    return next(iter(road.tokens))


def link(road: Road) -> str:
    return f"/o/{road.tokens[first(road)]}/"


def body(answer: HttpResponse) -> str:
    return answer.content.decode()


def heading(answer: HttpResponse) -> str:
    found = re.search(r"<h1>(.*?)</h1>", body(answer))
    assert found
    return found[1]


def choose(client: Client, road: Road, choice: str, version: int = 1) -> HttpResponse:
    return client.post(link(road), {"choice": choice, "version": version})


def test_the_notice_is_whole_in_both_languages(asked: Road, browser: Client) -> None:
    answer = browser.get(link(asked))
    language = browser.cookies["django_language"].value
    page = body(answer)
    assert answer.status_code == 200
    for text in TEXTS[language].values():
        for line in text.splitlines():
            assert line.rstrip(".。") in page, line
    assert 'class="roomy"' in page
    assert 'data-audience="owner"' in page


def test_chinese_comes_first_and_the_other_language_is_one_link_away(asked: Road) -> None:
    client = Client()
    assert '<html lang="zh-Hans"' in body(client.get(link(asked)))
    switched = client.get(link(asked), {"lang": "en"}, follow=True)
    assert '<html lang="en"' in body(switched)


def test_nothing_is_preselected_and_no_is_as_large_as_yes(asked: Road, english: Client) -> None:
    page = body(english.get(link(asked)))
    assert "checked" not in page.replace("Who checked it", "")
    choices = re.findall(r'<label class="choice">.*?</label>', page, re.DOTALL)
    assert [re.search(r'value="(\w+)"', one)[1] for one in choices] == ["yes", "no"]  # type: ignore[index]
    assert all(one.count("<b>") == one.count("<span>") == 1 for one in choices)
    assert not re.search(r"\b(N45|OTA22|RCL|GB)-?\d*", page)


def test_what_was_shown_is_kept_with_version_and_language_once(asked: Road) -> None:
    for code in ("zh-hans", "en", "en"):
        in_language(code).get(link(asked))
    kept = Consent.objects.filter(action=asked.action(first(asked))).order_by("pk")
    assert list(kept.values_list("choice", "language", "notice__version", "channel")) == [
        ("shown", "zh-hans", 1, "web"),
        ("shown", "en", 1, "web"),
    ]


def test_an_owner_says_yes_then_no_then_yes(asked: Road, english: Client) -> None:
    answer = choose(english, asked, "yes")
    assert (answer.status_code, answer["Location"]) == (302, link(asked))
    assert asked.action(first(asked)).consented
    page = english.get(link(asked))
    assert heading(page) == "You have agreed to the update"
    assert "You chose to install it" in body(page)
    choose(english, asked, "no")
    assert asked.state(first(asked)) == ActionState.DECLINED
    assert heading(english.get(link(asked))) == "You have said no to this update"
    choose(english, asked, "yes")
    assert asked.state(first(asked)) == ActionState.WAITING
    answers = Entry.objects.filter(event__startswith="consent:").order_by("pk")
    assert list(answers.values_list("event", flat=True)) == [
        "consent:given",
        "consent:refused",
        "consent:given",
    ]


def test_no_answer_is_no_answer(asked: Road, english: Client) -> None:
    answer = english.post(link(asked), {"version": 1})
    assert answer.status_code == 422
    assert "Nothing is chosen. Choose one of the two." in body(answer)
    assert not Consent.objects.filter(choice__in=["yes", "no"]).exists()


@pytest.mark.parametrize("choice", ["maybe", "", "yes; no"])
def test_another_answer_is_refused(asked: Road, english: Client, choice: str) -> None:
    assert choose(english, asked, choice).status_code == 422


def test_a_notice_that_changed_meanwhile_is_shown_before_it_is_answered(
    asked: Road, english: Client
) -> None:
    english.get(link(asked))
    renewed = {language: texts | {"duration": "20"} for language, texts in TEXTS.items()}
    asked.publish(renewed)
    answer = choose(english, asked, "yes", version=1)
    assert answer.status_code == 409
    assert "The notice was changed while you read it" in body(answer)
    assert 'name="version" value="2"' in body(answer)
    assert not asked.action(first(asked)).consented
    assert choose(english, asked, "yes", version=2).status_code == 302


def test_an_answer_that_comes_too_late_is_told_so(asked: Road, english: Client) -> None:
    choose(english, asked, "yes")
    asked.take(Act.START)
    asked.turn()
    asked.report(first(asked), "retrieved")
    asked.turn()
    answer = choose(english, asked, "no")
    assert answer.status_code == 409
    assert "your choice can no longer change" in body(answer)
    assert asked.state(first(asked)) == ActionState.RETRIEVED
    assert "<form" not in body(answer)


def agreed(road: Road) -> None:
    road.answer(first(road))


def declined(road: Road) -> None:
    road.answer(first(road), "no")


def called_off(road: Road) -> None:
    road.take(Act.CANCEL)


def offered(road: Road) -> None:
    agreed(road)
    road.take(Act.START)
    road.turn()


def running(road: Road) -> None:
    offered(road)
    road.report(first(road), "retrieved")
    road.feedback(first(road), "proceeding")
    road.turn()


def stopping(road: Road) -> None:
    running(road)
    road.take(Act.STOP, "a test")
    road.take(Act.CANCEL)
    road.turn()


def installed(road: Road) -> None:
    running(road)
    road.feedback(first(road), "closed", "success")
    road.turn()


def proven(road: Road) -> None:
    installed(road)
    road.says(first(road), NEW)
    road.turn()


def failed(road: Road) -> None:
    running(road)
    road.feedback(first(road), "closed", "failure", "self-test")
    road.turn()


def silent(road: Road) -> None:
    running(road)
    engine.turn(road.world.now + timedelta(days=30))


STATES: list[tuple[Callable[[Road], None] | None, str]] = [
    (None, "An update is ready for your car"),
    (agreed, "You have agreed to the update"),
    (declined, "You have said no to this update"),
    (called_off, "This update has been called off"),
    (offered, "The update is on its way"),
    (running, "Your car is installing the update"),
    (stopping, "The update is being stopped"),
    (installed, "The update is installed"),
    (proven, "The update worked"),
    (failed, "The update did not work"),
    (silent, "We have not heard from your car"),
]


@pytest.mark.parametrize(("take", "title"), STATES, ids=[title for _, title in STATES])
def test_every_state_has_its_words_in_both_languages(
    asked: Road, take: Callable[[Road], None] | None, title: str
) -> None:
    if take:
        take(asked)
    english, chinese = (in_language(code).get(link(asked)) for code in ("en", "zh-hans"))
    assert english.status_code == chinese.status_code == 200
    assert heading(english) == title
    assert not re.search(r"[A-Za-z]{3}", heading(chinese)), heading(chinese)
    state = asked.state(first(asked))
    may_answer = state in {ActionState.WAITING, ActionState.DECLINED, ActionState.OFFERED}
    assert ("<form" in body(english)) == may_answer


def test_a_failure_says_that_the_car_has_its_previous_version(asked: Road, english: Client) -> None:
    failed(asked)
    page = body(english.get(link(asked)))
    assert "went back to its previous version" in page
    shown = Consent.objects.filter(action=asked.action(first(asked)), choice="result")
    assert shown.count() == 1


def test_an_unknown_link_is_a_page_of_its_own(asked: Road, english: Client) -> None:
    for answer in (english.get("/o/nobody/"), english.post("/o/nobody/", {"choice": "yes"})):
        assert answer.status_code == 404
        assert heading(answer) == "This link does not lead anywhere"


def test_a_link_that_is_early_says_so(drafted: Road, english: Client) -> None:
    answer = english.get(link(drafted))
    assert answer.status_code == 200
    assert heading(answer) == "There is nothing to decide yet"
    assert heading(choose(english, drafted, "yes")) == "There is nothing to decide yet"


def test_links_are_not_guessed_at_without_end(asked: Road, english: Client) -> None:
    for _ in range(throttle.UNKNOWN_LINKS.attempts):
        assert english.get("/o/guess/").status_code == 404
    assert english.get("/o/guess/").status_code == 429
    assert Client(REMOTE_ADDR="10.1.2.3").get(link(asked)).status_code == 200


def test_an_owner_cannot_fill_the_log(asked: Road, english: Client) -> None:
    for count in range(throttle.ANSWERS.attempts):
        choose(english, asked, "yes" if count % 2 else "no")
    written = Entry.objects.count()
    answer = choose(english, asked, "no")
    assert answer.status_code == 429
    assert "very often" in body(answer)
    assert Entry.objects.count() == written


@pytest.mark.parametrize("known", [True, False])
def test_the_link_stays_between_the_owner_and_this_host(
    asked: Road, english: Client, *, known: bool
) -> None:
    answer = english.get(link(asked) if known else "/o/nobody/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert "sessionid" not in answer.cookies
    assert not re.search(r'(src|href)="https?://', body(answer))


def test_a_browser_that_sends_no_origin_and_no_cookie_can_answer(asked: Road) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(link(asked), {"choice": "yes", "version": 1}, HTTP_ORIGIN="null")
    assert answer.status_code == 302
    assert answer.cookies == {}


def test_no_log_line_holds_a_link(
    asked: Road, english: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(redaction.Links())
    with caplog.at_level(logging.DEBUG):
        english.get("/o/secret-token/")
        english.post(link(asked), {"version": 1})
        logging.getLogger("test").error("POST %s", "/api/v1/consents/secret-token?x=1")
    token = asked.tokens[first(asked)]
    assert "/o/–/" in caplog.text
    assert "/consents/–?x=1" in caplog.text
    assert token not in caplog.text
    assert "secret-token" not in caplog.text


def test_the_handler_of_the_settings_hides_links() -> None:
    handlers = logging.getLogger().handlers
    assert any(isinstance(f, redaction.Links) for h in handlers for f in h.filters)


def test_one_owner_sees_nothing_of_another(asked: Road, english: Client) -> None:
    page = body(english.get(link(asked)))
    others = list(asked.tokens)[1:]
    for vehicle_id in others:
        vehicle = asked.action(vehicle_id).vehicle
        assert vehicle.vin not in page
        assert vehicle.controller_id not in page
    mine = asked.action(first(asked)).vehicle
    assert mine.vin not in page
    assert mine.vin[-4:] in page


def test_a_page_takes_a_fixed_number_of_queries(asked: Road, english: Client) -> None:
    english.get(link(asked))
    with CaptureQueriesContext(connection) as asked_of:
        english.get(link(asked))
    assert len(asked_of) <= 16, "\n".join(query["sql"][:160] for query in asked_of)


def test_an_old_link_ends_when_it_is_renewed(asked: Road, english: Client) -> None:
    from roadworthy.domains.organisations.roles import Role

    new = services.renew_consent_token(
        action_id=asked.action(first(asked)).pk,
        actor=asked.world.actor(Role.COMPLIANCE_OFFICER),
        at=asked.world.tick(),
    )
    assert english.get(link(asked)).status_code == 404
    assert english.get(f"/o/{new}/").status_code == 200
