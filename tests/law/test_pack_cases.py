"""Each rule and label against the cases in its pack, and the cases against what they must cover."""

import ast
from datetime import date
from pathlib import Path

import pytest

import roadworthy.law
from roadworthy.law import PACKS
from roadworthy.law.rulebook import rulebook
from roadworthy.rules import schema, strict_yaml
from roadworthy.rules.consistency import MISSING

LAW = Path(roadworthy.law.__file__).parent
KINDS = {"applies", "does-not", "day-before", "first-day", "missing-fact"}
WITH_CASES = [
    path
    for pack in PACKS
    for folder in ("labels", "rules")
    for path in sorted((LAW / pack / folder).glob("*.yaml"))
]


def card(path):
    return strict_yaml.load(path.read_text(encoding="utf-8"))


def cases_of(path):
    file = path.parents[1] / "cases" / path.name
    raw = strict_yaml.load(file.read_text(encoding="utf-8"))
    return schema.check("cases", raw, str(file.relative_to(LAW)))


ALL = [(card(path)["id"], case) for path in WITH_CASES for case in cases_of(path)]


def ask(rule_id, case):
    """Return the finding, or None where the rule is not in force; and what it owes."""
    as_of = date.fromisoformat(case["as_of"])
    if rule_id in rulebook().law.labels:
        answer = rulebook().evaluate(case["facts"], as_of=as_of, rules=[])
        tests = [c.finding for c in answer.classification if c.label == rule_id]
        return (tests[0] if tests else None), {}
    answer = rulebook().evaluate(case["facts"], as_of=as_of, rules=[rule_id])
    return (answer.findings or [None])[0], {o.key: o.to_json() for o in answer.obligations}


@pytest.mark.parametrize(("rule_id", "case"), ALL, ids=[f"{r}: {c['name']}" for r, c in ALL])
def test_the_case_comes_out_as_the_pack_says(rule_id, case):
    finding, owed = ask(rule_id, case)
    if case["outcome"] == "not-in-force":
        assert finding is None
        assert owed == {}
        return
    assert finding.outcome == case["outcome"], finding.why
    assert finding.reason == case.get("reason", finding.reason)
    assert [fact.name for fact in finding.missing] == case.get("missing", [])
    assert finding.provisional == case.get("provisional", finding.provisional)
    assert set(case.get("owes", {})) <= set(owed)
    for key, wanted in case.get("owes", {}).items():
        told = owed[key] | owed[key]["due"]
        assert {field: told[field] for field in wanted} == wanted
    for words in finding.why.values():
        assert words
        assert "{" not in words


@pytest.mark.parametrize("path", WITH_CASES, ids=lambda path: path.stem)
def test_every_rule_has_the_kinds_of_case_that_show_where_it_begins_and_ends(path):
    assert {case["kind"] for case in cases_of(path)} >= KINDS


@pytest.mark.parametrize("path", WITH_CASES, ids=lambda path: path.stem)
def test_the_days_around_the_first_day_in_force_are_those_of_the_card(path):
    since = date.fromisoformat(card(path)["applies"]["from"])
    for case in cases_of(path):
        on = date.fromisoformat(case["as_of"])
        if case["kind"] == "first-day":
            assert on == since
        if case["kind"] == "day-before":
            assert (since - on).days == 1
            assert case["outcome"] == "not-in-force" or earlier(path, on)


def earlier(path, day):
    """Say whether another card of the same rule was in force on the day."""
    versions = rulebook().law.rules.get(card(path)["id"], ())
    return any(day in version.applies for version in versions)


@pytest.mark.parametrize("path", WITH_CASES, ids=lambda path: path.stem)
def test_a_missing_fact_is_named_or_waits_for_an_event(path):
    for case in cases_of(path):
        if case["kind"] == "missing-fact":
            waits = [o.get("kind") == "after-event" for o in case.get("owes", {}).values()]
            assert case.get("missing") or any(waits)


@pytest.mark.parametrize("path", WITH_CASES, ids=lambda path: path.stem)
def test_every_reason_on_a_card_is_reached_by_a_case(path):
    rule_id = card(path)["id"]
    findings = (ask(rule_id, case)[0] for case in cases_of(path))
    reached = {finding.reason for finding in findings if finding}
    assert set(card(path)["reasons"]) - {MISSING} == reached - {MISSING}


@pytest.mark.parametrize("path", WITH_CASES, ids=lambda path: path.stem)
def test_a_rule_is_one_short_function_with_a_sentence_in_front(path):
    source = path.with_suffix(".py").read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 40
    tree = ast.parse(source)
    assert ast.get_docstring(tree).partition("\n")[0].endswith(".")
