"""The rulebook's pages, asked over HTTP by somebody without an account."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import parse_qs

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from roadworthy.law.rulebook import rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.portals.public import law_form, law_questions
from roadworthy.portals.public.law_examples import EXAMPLES
from roadworthy.portals.shared import throttle
from roadworthy.rules.facts import FactType

pytestmark = pytest.mark.django_db
ASK = "/p/law/ask/"
DAY = date(2025, 6, 9)
SIX = (
    "removes_defect=no&known_defect_for_same_fault=no&changes_automation_function=no"
    "&changes_main_parameters=no&changes_primary_version=no&affects_regulated_performance=no"
)


@pytest.fixture(params=("zh-hans", "en"))
def browser(request: pytest.FixtureRequest) -> Client:
    return speaking(request.param)


@pytest.fixture
def english() -> Client:
    return speaking("en")


def speaking(language: str) -> Client:
    cache.clear()
    client = Client()
    client.cookies["django_language"] = language
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == status
    return answer.content.decode()


def part(text: str, heading: str) -> str:
    """Return one section of a page as words."""
    start = text.index(f'aria-labelledby="{heading}"')
    words = re.sub(r"<[^>]+>", " ", text[start : text.index("</section>", start)])
    return " ".join(words.split())


# What is asked


def test_nothing_answered_says_so_and_asks_about_today(browser: Client) -> None:
    text = page(browser, ASK)
    assert 'class="empty"' in text
    assert 'id="h-why"' not in text
    assert text.count("<h1") == 1


def test_every_fact_that_a_rule_about_updates_can_miss_has_a_question() -> None:
    asked = {question.fact for group in law_questions.groups() for question in group.questions}
    yes = {n: True for n, f in rulebook().facts.items() if f.type is FactType.BOOL and n in asked}
    no = dict.fromkeys(yes, False)
    for facts in ({}, yes, no, {**no, "removes_defect": True}):
        for where in (Jurisdiction.CN, Jurisdiction.UN):
            told = rulebook().evaluate(
                facts, as_of=date(2026, 11, 1), about=[Topic.UPDATE], jurisdiction=where
            )
            assert set(told.missing) <= asked


def test_no_question_stands_twice_and_each_is_a_fact() -> None:
    asked = [question.fact for group in law_questions.groups() for question in group.questions]
    assert len(asked) == len(set(asked))
    assert set(asked) <= set(rulebook().facts)


def test_not_stated_is_never_taken_for_no(english: Client) -> None:
    text = page(english, f"{ASK}?as_of=2025-06-09&removes_defect=no")
    assert "Routine" not in part(text, "h-why")
    assert "Has the same fault already been found to be a defect?" in part(text, "h-miss")


@pytest.mark.parametrize(
    ("example", "labels", "owed"),
    [
        (0, {"Routine"}, "Send assessment form and package to SAMR"),
        (1, {"Main parameter change", "Regulated performance"}, "Obtain the product change permit"),
        (2, {"Defect remedy", "Regulated performance"}, "16 Jun 2025"),
    ],
)
def test_the_examples_show_label_reason_and_obligation(
    english: Client, example: int, labels: set[str], owed: str
) -> None:
    text = page(english, ASK + EXAMPLES[example].href(DAY))
    why = part(text, "h-why")
    for name in ("Routine", "Main parameter change", "Defect remedy", "Driving automation"):
        assert (name in why) == (name in labels), name
    assert owed in part(text, "h-owed")
    assert 'aria-current="true"><b>' + str(EXAMPLES[example].title) in text
    assert "Not decided yet" in text


def test_what_would_make_it_routine_is_said_and_linked(english: Client) -> None:
    text = page(english, f"{ASK}?as_of=2025-06-09&{SIX.replace('defect=no', 'defect=yes', 1)}")
    changes = part(text, "h-chg")
    assert "If “Does it remove a defect?” were answered “no”: R Routine" in changes
    href = re.search(r'href="(\?[^"]+)">See that answer', text)
    assert href
    there = page(english, ASK + href[1].replace("&amp;", "&"))
    assert "Routine" in part(there, "h-why")


def test_the_decision_follows_the_facts(english: Client) -> None:
    filed = (
        "&applicant_holds_permit=yes&capability_filing=accepted&type_filing=accepted"
        "&miit_filing=accepted&samr_filing=accepted&activity_submitted=yes"
        "&safety_assessment_attached=yes&assessment_form_attached=yes&content_digest_equal=yes"
        "&planned_release_on=2025-06-23&samr_package_submitted_on=2025-06-10"
        "&activity_submitted_on=2025-06-10"
    )
    if "conforms_after_update" in rulebook().facts:
        filed += "&conforms_after_update=yes"
    assert "May be released" in page(english, f"{ASK}?as_of=2025-06-10&{SIX}{filed}")
    late = filed.replace("2025-06-10&activity", "2025-06-20&activity")
    text = page(english, f"{ASK}?as_of=2025-06-20&{SIX}{late}")
    assert "May not be released" in text


def test_the_united_nations_stand_beside_china_or_say_that_they_are_not_there(
    english: Client,
) -> None:
    text = page(english, f"{ASK}?as_of=2025-06-09&{SIX}")
    rules = [r for rs in rulebook().law.rules.values() for r in rs if r.jurisdiction == "UN"]
    about = [r for r in rules if Topic.UPDATE in r.topics]
    assert ("Not in the rulebook yet" in text) == (not about)


# The address


def test_the_address_is_led_to_its_shortest_form_and_stays_there(english: Client) -> None:
    answer = english.get(f"{ASK}?miit_filing=&removes_defect=yes&as_of=2025-06-09&roll_last_day=")
    assert answer.status_code == 302
    assert parse_qs(answer["Location"].partition("?")[2]) == {
        "as_of": ["2025-06-09"],
        "removes_defect": ["yes"],
    }
    assert english.get(answer["Location"]).status_code == 200


def test_every_kind_of_answer_survives_the_address(english: Client) -> None:
    facts = {
        "removes_defect": True,
        "function_level": 3,
        "planned_release_on": date(2025, 7, 1),
        "stage_reports_filed_on": (date(2025, 5, 1), date(2025, 6, 1)),
        "notice_fields": (),
        "miit_filing": "submitted",
    }
    address = f"{ASK}?{law_form.address(facts, DAY)}"
    text = page(english, address)
    assert english.get(address).status_code == 200, "it is in its shortest form"
    assert 'value="2025-05-01,2025-06-01"' in text
    for checked in (
        'name="removes_defect" value="yes"',
        'name="notice_fields" value="none-of-these"',
    ):
        assert re.search(rf"<input[^>]*{checked}[^>]*checked", text)
    assert 'value="submitted" selected' in text


def test_an_answer_says_the_same_on_every_day_that_it_is_opened(english: Client) -> None:
    one, two = (part(page(english, ASK + EXAMPLES[2].href(DAY)), "h-owed") for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("planned_release_on=soon", "planned_release_on", "“soon” cannot be read."),
        ("function_level=9", "function_level", "“9” is not one of the choices."),
        ("removes_defect=maybe", "removes_defect", "“maybe” is not one of the choices."),
        ("stage_reports_filed_on=2025-01-01,x", "stage_reports_filed_on", "with commas"),
        ("planned_release_on=1850-01-01", "planned_release_on", "from 1990-01-01"),
        ("own_hours_prompt=99999", "own_hours_prompt", "from 0 to 8760"),
        ("as_of=2025-02-30", "as_of", "This is not a day."),
        ("as_of=1850-01-01", "as_of", "from 1990-01-01"),
        ("notice_fields=purpose&notice_fields=none-of-these", "notice_fields", "none of these"),
        ("function_kind=combined_assistance&function_level=4", "function_level", "contradicts"),
    ],
)
def test_what_cannot_be_read_is_named_at_its_field_and_nothing_is_lost(
    english: Client, query: str, field: str, said: str
) -> None:
    text = page(english, f"{ASK}?{query}&affects_regulated_performance=yes", status=422)
    errors = text[text.index(f'id="q-{field}_error"') :][:600]
    assert said in re.sub(r"<[^>]+>", "", errors)
    assert re.search(r'name="affects_regulated_performance" value="yes"[^>]*checked', text)
    assert 'id="h-why"' not in text, "no answer while one of the facts cannot be read"


def test_a_fact_that_nobody_knows_is_named_with_the_nearest_one(english: Client) -> None:
    text = page(english, f"{ASK}?remove_defect=yes", status=422)
    assert "no fact remove_defect. Did you mean removes_defect?" in text


def test_a_fact_of_another_topic_can_be_stated_and_is_then_asked(english: Client) -> None:
    text = page(english, f"{ASK}?as_of=2025-06-09&vehicle_category=M1")
    assert 'value="M1" selected' in text


def test_rubbish_in_the_address_is_no_bug(english: Client) -> None:
    for query in (
        "%00=%00",
        "removes_defect=%00",
        "x" * 3000,
        "&".join(f"a{n}=1" for n in range(900)),
    ):
        assert english.get(f"{ASK}?{query}").status_code in {200, 302, 422}
    text = page(english, f"{ASK}?removes_defect=<script>alert(1)</script>", status=422)
    assert "<script>alert" not in text


# The part that HTMX swaps


def test_a_script_gets_the_answer_alone_and_the_address_to_show(english: Client) -> None:
    answer = english.get(f"{ASK}?removes_defect=yes&miit_filing=", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in text
    assert 'id="answer"' in text
    assert 'id="live-status"' in text
    assert answer["HX-Replace-Url"].endswith("removes_defect=yes")
    assert "miit_filing" not in answer["HX-Replace-Url"]
    assert "HX-Request" in answer["Vary"]
    wrong = english.get(f"{ASK}?planned_release_on=soon", headers={"HX-Request": "true"})
    assert wrong.status_code == 200, "HTMX shows no page that says 422"
    assert "“soon” cannot be read." in wrong.content.decode()


# Nothing is kept


def test_asking_keeps_nothing_and_sets_no_cookie(english: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = english.get(ASK + EXAMPLES[2].href(DAY))
    assert not answer.cookies
    assert answer["Cache-Control"] == "private, no-cache"
    assert [q["sql"] for q in asked if not q["sql"].startswith("SELECT")] == []
    assert len(asked) <= 2


def test_who_asks_too_often_waits(english: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "QUESTIONS", throttle.Throttle("question", 2, 60))
    assert [english.get(ASK).status_code for _ in range(3)] == [200, 200, 429]
    cache.clear()


# The register and the single rule


def test_the_register_counts_what_it_lists(browser: Client) -> None:
    text = page(browser, "/p/law/")
    rows = re.findall(r'<tr role="row" id="([^"]+)"', text)
    assert len(rows) == len(set(rows))
    assert set(rulebook().law.rules) <= set(rows)
    for section in ("h-acts", "h-unc", "h-verify", "grade-A"):
        assert section in text


def test_the_register_is_filtered_by_its_address(english: Client) -> None:
    def rows(query: str) -> set[str]:
        return set(re.findall(r'<tr role="row" id="([^"]+)"', page(english, f"/p/law/?{query}")))

    assert "N45-06" in rows("instrument=N45")
    assert "RCL-17" not in rows("instrument=N45")
    assert rows("search=product+change+permit") >= {"N45-06"}
    assert rows("search=产品变更许可") >= {"N45-06"}
    everything, best = rows(""), rows("grade=A")
    assert set() < best < everything
    assert not best & rows("grade=C")
    assert "N45-06" not in rows("on=2024-12-31")
    assert "N45-06" in rows("on=2025-03-01")
    assert rows("area=rcl") <= {i for i in everything if i.startswith("RCL")}
    assert "Nothing matches" in page(english, "/p/law/?search=zzz")


@pytest.mark.parametrize("rule_id", sorted(rulebook().law.rules))
def test_each_rule_has_a_page_with_its_sources_and_cases(rule_id: str) -> None:
    for language in ("zh-hans", "en"):
        text = page(speaking(language), f"/p/law/{rule_id}/")
        assert 'class="cite"' in text
        assert "{" not in re.sub(r"<[^>]+>", "", text[text.index('class="cols"') :])


def test_an_unknown_rule_is_not_found(english: Client) -> None:
    page(english, "/p/law/RCL-99/", status=404)


def test_the_old_address_leads_to_the_register(english: Client) -> None:
    answer = english.get("/rulebook/")
    assert (answer.status_code, answer["Location"]) == (302, "/p/law/")


def test_a_rules_id_leads_to_its_page(english: Client) -> None:
    text = page(english, ASK + EXAMPLES[0].href(DAY))
    linked = set(re.findall(r'href="/p/law/([A-Z0-9-]+)/"', text))
    assert {"RCL-17", "N45-04"} <= linked
    for rule_id in linked:
        assert rule_id in rulebook().law.rules


@pytest.mark.parametrize("audience", ["manufacturer", "authority", "owner"])
def test_a_host_without_the_public_record_shows_the_register_itself(
    english: Client, settings, audience: str
) -> None:
    settings.ROOT_URLCONF = f"roadworthy.config.urls_{audience}"
    text = page(english, "/rulebook/?instrument=N45")
    assert 'id="N45-06"' in text
    assert "/p/law/" not in text


TEXT = "/p/law/text/"


def checked(client: Client, words: str, status: int = 200, **others: str) -> str:
    answer = client.post(TEXT, {"words": words, "level": "2", "kind": "name"} | others)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_text_is_asked_for_and_nothing_is_said_before(browser):
    assert 'id="h-verdict"' not in page(browser, TEXT)


def test_each_claim_is_marked_with_its_ground(english):
    told = checked(english, "全新自动驾驶，不是无人驾驶")
    assert 'data-tone="broken">自动驾驶' in told
    assert "To be corrected before publication" in told
    assert "combined driver assistance" in part(told, "h-claims")
    assert "Denied in its own clause" in part(told, "h-claims")


def test_words_that_no_law_names_are_a_hint(english):
    told = checked(english, "Autopilot")
    assert "Nothing to correct was found" in told
    assert "A hint: no law names these words" in told


def test_what_a_description_leaves_out_is_listed(english):
    told = checked(english, "Lane centring", kind="description")
    assert "the driver's responsibility" in part(told, "h-absent").replace("&#x27;", "'")


def test_a_text_is_shown_as_text_and_kept_nowhere(english):
    with CaptureQueriesContext(connection) as queries:
        told = checked(english, "<script>alert(1)</script> self-driving")
    assert "<script>alert(1)" not in told
    assert "self-driving" in told
    assert not [one for one in queries.captured_queries if "INSERT" in one["sql"]]


@pytest.mark.parametrize(
    ("words", "others", "said"),
    [
        ("", {}, "This is empty. Fill it in."),
        ("  ", {}, "This is empty. Fill it in."),
        ("a" * 20_001, {}, "at most 20000 are checked"),
        ("a", {"level": "9"}, "is not one of the choices"),
        ("a", {"kind": "poem"}, "is not one of the choices"),
    ],
)
def test_what_cannot_be_checked_stays_in_the_form(english, words, others, said):
    told = checked(english, words, 422, **others)
    assert said in told
    assert 'id="h-verdict"' not in told
