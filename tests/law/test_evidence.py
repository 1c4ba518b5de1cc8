"""An evaluation that was kept is asked again, byte for byte."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.kernel.canonical import canonical
from roadworthy.law import evidence
from roadworthy.law.evaluation import SCHEMA
from roadworthy.law.evidence import NoEvidence
from roadworthy.law.rulebook import rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from tests.law.test_rulebook import AS_OF, STATED

BOOK = rulebook()
DAY = date(2025, 6, 9)


def kept(facts=None, **asked):
    return evidence.content(BOOK.evaluate(facts or {"removes_defect": True}, as_of=DAY, **asked))


@given(STATED, AS_OF, st.sampled_from(Jurisdiction))
@settings(max_examples=25, deadline=None)
def test_asking_again_gives_the_same_bytes(facts, as_of, jurisdiction):
    answer = BOOK.evaluate(facts, as_of=as_of, jurisdiction=jurisdiction)
    again = evidence.rerun(BOOK, evidence.read(evidence.content(answer)))
    assert again.is_same
    assert again.rules == ()


def test_it_is_asked_again_about_the_same_topics():
    again = evidence.rerun(BOOK, evidence.read(kept(about=[Topic.MARKETING, Topic.RECALL])))
    assert again.is_same


def test_a_changed_outcome_is_found_with_its_rule():
    stored = evidence.read(kept())
    stored["findings"][0]["outcome"] = "met"
    again = evidence.rerun(BOOK, stored)
    assert not again.is_same
    assert again.fields == ("findings",)
    assert again.rules == (stored["findings"][0]["rule_id"],)
    told = again.to_json()
    assert {name: each["here"] for name, each in told.pop("versions").items()} == {
        name: stored[name] for name in evidence.VERSIONS
    }
    assert told == {
        "same": False, "differing_versions": [], "differing_fields": ["findings"],
        "differing_rules": list(again.rules), "refused": None,
    }  # fmt: skip


def test_a_changed_fact_is_found_by_what_follows_from_it():
    stored = evidence.read(kept())
    stored["facts"]["removes_defect"] = False
    again = evidence.rerun(BOOK, stored)
    assert "labels" in again.fields


@pytest.mark.parametrize(
    ("book", "name"),
    [
        (replace(BOOK, version="cn-2031.01"), "rulebook_version"),
        (replace(BOOK, law=replace(BOOK.law, digest="0" * 64)), "pack_digest"),
    ],
)
def test_another_version_is_named(book, name):
    again = evidence.rerun(book, evidence.read(kept()))
    assert not again.is_same
    told = again.to_json()
    assert told["differing_versions"] == [name]
    assert told["versions"][name]["stored"] != told["versions"][name]["here"]
    assert again.fields == ()


def test_facts_that_are_not_known_here_are_said_to_be_refused():
    stored = evidence.read(kept())
    stored["facts"]["no_longer_known"] = True
    again = evidence.rerun(BOOK, stored)
    assert not again.is_same
    assert "no_longer_known" in again.to_json()["refused"]


def test_a_refusal_says_what_is_wrong():
    stored = evidence.read(kept())
    stored["findings"][0]["outcome"] = "maybe"
    with pytest.raises(NoEvidence, match="findings/0/outcome has not its form"):
        evidence.checked(stored)
    with pytest.raises(NoEvidence, match="it is not JSON"):
        evidence.read(b"{")
    with pytest.raises(NoEvidence, match="it does not call itself roadworthy/evaluation/2"):
        evidence.read(b"[]")
    with pytest.raises(NoEvidence, match="the whole has not its form"):
        evidence.checked({"schema": "roadworthy/evaluation/2"})
    with pytest.raises(NoEvidence, match="its bytes were changed"):
        evidence.read(kept() + b" ")
    exact = evidence.read(kept())
    exact["facts"]["function_level"] = 2**60
    with pytest.raises(NoEvidence, match="cannot say exactly"):
        evidence.checked(exact)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff", b"[]", b"{}", b"[" * 100_000, b'{"schema":"roadworthy/evaluation/1"}',
        canonical({"schema": "roadworthy/evaluation/2"}),
        json.dumps(json.loads(kept()), indent=1).encode(),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_no_evidence_is_refused(content):
    with pytest.raises(NoEvidence):
        evidence.read(content)


def not_of_its_form(**changed):
    return canonical(json.loads(kept()) | changed)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "it is not JSON"),
        (b"[]", "it does not call itself roadworthy/evaluation/2"),
        (canonical({"schema": "x"}), "it does not call itself roadworthy/evaluation/2"),
        (canonical({"schema": SCHEMA}), "the whole has not its form (required)"),
        (not_of_its_form(as_of=1), "as_of has not its form (type)"),
        (not_of_its_form(as_of="2025-02-30"), "as_of has not its form (format)"),
        (not_of_its_form(labels=["x"]), "labels/0 has not its form (enum)"),
        (b" " + kept(), "it is not canonical JSON (RFC 8785), so its bytes were changed"),
        (
            json.dumps(json.loads(kept()) | {"facts": {"a": 2**60}}).encode(),
            "it holds something that JSON cannot say exactly",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_with_it(content, reason):
    with pytest.raises(NoEvidence) as refused:
        evidence.read(content)
    assert str(refused.value) == f"This is not the evidence of an evaluation: {reason}."


def test_the_same_is_asked_again_about_the_same():
    told = kept(about=[Topic.RECALL, Topic.DATA], jurisdiction=Jurisdiction.UN)
    again = evidence.rerun(BOOK, evidence.read(told))
    assert again.is_same
    assert kept(about=[Topic.RECALL]) != kept() != kept(jurisdiction=Jurisdiction.UN)
    assert evidence.rerun(BOOK, evidence.read(kept(about=[Topic.RECALL]))).is_same


def test_the_answer_to_asking_again_as_json():
    stored = evidence.read(kept())
    same = evidence.rerun(BOOK, stored).to_json()
    assert same == {
        "same": True,
        "versions": {
            name: {"stored": stored[name], "here": stored[name]}
            for name in ("pack_digest", "rulebook_version", "engine_version", "calendar_version")
        },
        "differing_versions": [],
        "differing_fields": [],
        "differing_rules": [],
        "refused": None,
    }
    stored["findings"][0]["outcome"] = "met"
    stored["calendar_version"] = "older"
    other = evidence.rerun(BOOK, stored).to_json()
    assert other["versions"]["calendar_version"] == {
        "stored": "older", "here": same["versions"]["calendar_version"]["here"],
    }  # fmt: skip
    assert (other["same"], other["differing_versions"]) == (False, ["calendar_version"])
    assert other["differing_fields"] == ["findings"]
    assert other["differing_rules"] == [stored["findings"][0]["rule_id"]]


def test_a_finding_that_is_gone_or_new_is_named():
    stored = evidence.read(kept())
    gone = stored["findings"].pop(0)["rule_id"]
    again = evidence.rerun(BOOK, stored)
    assert (again.fields, again.rules) == (("findings",), (gone,))
