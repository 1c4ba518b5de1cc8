"""The rulebook as a program asks it: no account, nothing kept, problems with stable types."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from django.core.cache import cache
from django.test import Client
from jsonschema import Draft202012Validator

from roadworthy.api import law
from roadworthy.api.v1 import api
from roadworthy.law.topics import Jurisdiction, Topic

FACTS = {
    "changes_main_parameters": False, "changes_primary_version": False,
    "changes_automation_function": False, "affects_regulated_performance": False,
    "removes_defect": True, "known_defect_for_same_fault": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def unthrottled() -> None:
    cache.clear()


@pytest.fixture
def ask(client: Client):
    def post(where: str, body: Any, language: str = "en"):
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        return client.post(
            f"/api/v1/law/{where}", content, content_type="application/json",
            headers={"accept-language": language},
        )  # fmt: skip

    return post


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["type"] == f"/problems/{code}"
    return told


def test_facts_are_answered_by_jurisdiction_in_the_published_form(ask, client):
    answer = ask("evaluate", {"facts": FACTS, "as_of": "2025-06-09", "jurisdictions": ["CN", "UN"]})
    assert answer.status_code == 200
    told = answer.json()
    assert list(told["evaluations"]) == ["CN", "UN"]
    china = told["evaluations"]["CN"]
    assert china["labels"] == ["defect_remedy"]
    schema = client.get("/api/v1/law/schema").json()
    Draft202012Validator(schema).validate(china)
    explanation = {"$ref": "#/$defs/explanation", "$defs": schema["$defs"]}
    for each in told["explanations"]["CN"]:
        Draft202012Validator(explanation).validate(each)
    assert {"removes_defect": False} in [change["facts"] for change in told["changes"]["CN"]]


def test_only_the_topics_that_are_asked_about_are_answered(ask):
    told = ask("evaluate", {"facts": FACTS, "as_of": "2025-06-09", "about": ["recall"]}).json()
    assert told["evaluations"]["CN"]["about"] == ["recall"]


def test_without_a_day_it_is_today(ask):
    told = ask("evaluate", {"facts": {}}).json()
    assert told["evaluations"]["CN"]["as_of"] >= "2025-01-01"


def test_two_days_are_compared(ask):
    told = ask("diff", {"facts": FACTS, "days": ["2025-02-01", "2025-03-01"]}).json()
    assert told["schema"] == "roadworthy/difference/1"
    assert "N45-04" in {rule["rule_id"] for rule in told["began"]}


def test_every_unusable_fact_is_named_with_what_was_meant(ask):
    facts = {
        "removes_defekt": True, "removes_defect": "yes", "function_level": 4,
        "function_kind": "assistance",
    }  # fmt: skip
    for where, more in (("evaluate", {}), ("diff", {"days": ["2025-02-01", "2025-03-01"]})):
        told = problem(ask(where, {"facts": facts, **more}), 422, "unusable-facts")
        unknown, wrong, contradictory = told["faults"]
        assert unknown["type"] == "/problems/unknown-fact"
        assert unknown["data"]["suggestion"] == "removes_defect"
        assert wrong["field"] == "removes_defect"
        assert "true or false" in wrong["title"]
        assert contradictory["type"] == "/problems/contradictory-facts"
        assert "level 0 or 1" in contradictory["title"]


def test_what_contradicts_is_said_in_the_readers_language(ask):
    facts = {"function_level": 4, "function_kind": "assistance"}
    told = problem(ask("evaluate", {"facts": facts}, "zh-hans"), 422, "unusable-facts")
    assert "驾驶辅助为0级或1级" in told["faults"][0]["title"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "no-json"),
        ("{", "no-json"),
        (b"\xff\xfe", "no-json"),
        ("[" * 50_000, "no-json"),
        ('{"facts": {"removes_defect": true, "removes_defect": false}}', "repeated-name"),
        ("[]", "unreadable"),
        ({}, "unreadable"),
        ({"facts": []}, "unreadable"),
        ({"facts": {}, "as_of": "2025-02-30"}, "unreadable"),
        ({"facts": {}, "about": ["everything"]}, "unreadable"),
        ({"facts": {}, "jurisdictions": []}, "unreadable"),
        ({"facts": {}, "jurisdiction": "CN"}, "unreadable"),
        ({"facts": {}, "as_of": "2525-01-01"}, "wrong-fact"),
        ({"facts": {"function_level": float("nan")}}, "unusable-facts"),
        ({"facts": {"function_level": 10**30}}, "unusable-facts"),
        ({"facts": {"removes_defect": {"a": [1]}}}, "unusable-facts"),
        ({"facts": {"\ud83d": True}}, "unusable-facts"),
    ],
    ids=range(17),
)
def test_what_cannot_be_answered_is_a_problem(ask, body, code):
    problem(ask("evaluate", body), 422, code)


def test_a_wrong_field_is_named(ask):
    told = problem(ask("evaluate", {"facts": {}, "about": ["everything"]}), 422, "unreadable")
    assert told["fields"][0]["field"] == "about.0"
    assert "'update'" in told["fields"][0]["reason"]


@pytest.mark.parametrize("size", [law.MOST_BYTES + 1, 3_000_000])
def test_a_body_that_is_too_large_is_not_read(ask, size):
    problem(ask("evaluate", " " * size), 413, "refused")


def test_only_so_many_questions_are_answered_in_a_minute(ask):
    most = int(law.RATE.partition("/")[0])
    answers = [ask("diff", "{") for _ in range(most + 1)]
    problem(answers[-2], 422, "no-json")
    problem(answers[-1], 429, "refused")


def test_the_names_are_those_that_the_rulebook_knows():
    assert set(get_args(law.TopicName)) == set(Topic)
    assert set(get_args(law.JurisdictionName)) == set(Jurisdiction)


def test_openapi_describes_question_and_answer():
    paths = api.get_openapi_schema()["paths"]
    asked = paths["/api/v1/law/evaluate"]["post"]
    content = asked["requestBody"]["content"]["application/json"]["schema"]
    assert set(content["properties"]) == {"facts", "as_of", "about", "jurisdictions"}
    assert "$defs" not in content
    assert 200 in asked["responses"]
    assert "/api/v1/law/diff" in paths


def test_a_text_is_checked_phrase_by_phrase(ask):
    told = ask("text", {"text": "自动驾驶", "level": 2, "kind": "name"}).json()
    assert [hit["found"] for hit in told["hits"]] == ["自动驾驶"]
    assert told["evaluation"]["findings"][0]["outcome"] == "broken"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": " ", "level": 2}, 422, "no-text"),
        ({"text": "a" * 20_001, "level": 2}, 422, "text-too-long"),
        ({"text": "a", "level": 6}, 422, "unreadable"),
    ],
)
def test_a_text_that_cannot_be_checked_is_a_problem(ask, body, status, code):
    answer = ask("text", body)
    assert answer.status_code == status, answer.content
    assert answer["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{code}"
