"""Every answer of the rulebook, and every explanation of it, has the form that is published."""

import json
from datetime import date
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from roadworthy.law.changes import finding_would_change, would_change
from roadworthy.law.diff import diff
from roadworthy.law.evaluation import SCHEMA, Decision
from roadworthy.law.labels import Label
from roadworthy.law.rulebook import rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.rules.answers import DueKind, Gate, Outcome
from roadworthy.rules.tree import Kind, explained
from tests.law.test_rulebook import AS_OF, STATED

PATH = resources.files("roadworthy.rules") / "schemas" / "evaluation.schema.json"
WHOLE = json.loads(PATH.read_text(encoding="utf-8"))


def validator(name=None):
    schema = WHOLE if name is None else {"$ref": f"#/$defs/{name}", "$defs": WHOLE["$defs"]}
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_the_schema_is_one():
    Draft202012Validator.check_schema(WHOLE)
    assert WHOLE["properties"]["schema"]["const"] == SCHEMA


@given(STATED, AS_OF, st.sampled_from(Jurisdiction), st.none() | st.lists(st.sampled_from(Topic)))
@settings(max_examples=40, deadline=None)
def test_every_evaluation_validates(facts, as_of, jurisdiction, about):
    answer = rulebook().evaluate(facts, as_of=as_of, jurisdiction=jurisdiction, about=about)
    validator().validate(json.loads(json.dumps(answer.to_json())))


@given(STATED, AS_OF)
@settings(max_examples=15, deadline=None)
def test_every_explanation_validates(facts, as_of):
    answer = rulebook().evaluate(facts, as_of=as_of, about=list(Topic))
    explanations = validator("explanation")
    for finding in answer.findings:
        explanations.validate(json.loads(json.dumps(explained(finding.to_json()))))


@given(STATED, AS_OF, AS_OF, st.sampled_from(Jurisdiction))
@settings(max_examples=25, deadline=None)
def test_every_difference_and_every_change_validates(facts, one, other, jurisdiction):
    asked = {"about": list(Topic), "jurisdiction": jurisdiction}
    found = diff(rulebook(), facts, between=(one, other), **asked)
    validator("difference").validate(json.loads(json.dumps(found.to_json())))
    for change in would_change(rulebook(), facts, as_of=one, **asked):
        validator("change").validate(json.loads(json.dumps(change.to_json())))
    for change in finding_would_change(rulebook(), facts, "RCL-24", as_of=one):
        validator("finding_change").validate(json.loads(json.dumps(change.to_json())))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("label", Label), ("topic", Topic), ("jurisdiction", Jurisdiction),
        ("decision", Decision), ("outcome", Outcome), ("gate", Gate),
    ],
)  # fmt: skip
def test_the_schema_knows_the_words_that_the_code_knows(name, known):
    assert set(WHOLE["$defs"][name]["enum"]) == {str(each) for each in known}


def test_the_schema_knows_every_kind_of_due_date_and_of_branch():
    assert set(WHOLE["$defs"]["due"]["properties"]["kind"]["enum"]) == set(DueKind)
    assert set(WHOLE["$defs"]["branch"]["properties"]["kind"]["enum"]) == set(Kind)


def test_what_the_schema_does_not_know_is_refused():
    answer = rulebook().evaluate({}, as_of=date(2025, 6, 9)).to_json()
    assert not validator().is_valid({**answer, "surprise": 1})
    assert not validator().is_valid({**answer, "as_of": "2025-02-30"})
