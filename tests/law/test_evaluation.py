"""The parts of an answer as JSON."""

from dataclasses import replace
from datetime import date

import pytest

from roadworthy.law.evaluation import Upcoming
from roadworthy.law.rulebook import Label, Outcome, Topic, rulebook
from roadworthy.rules.contradictions import Contradictory

DAY = date(2026, 8, 18)


def test_a_label_as_json_says_why_and_on_what_ground():
    answer = rulebook().evaluate({"removes_defect": True}, as_of=DAY)
    routine = answer.classification[-1]
    (held,) = [one for one in answer.classification if one.label is Label.DEFECT_REMEDY]
    finding = held.finding.to_json()
    assert held.to_json() == {
        "label": "defect_remedy",
        "title": held.title.to_json(),
        "holds": True,
        "rule_id": held.rule_id,
        "why": finding["why"],
        "facts": finding["facts"],
        "missing": [],
        "values": finding["values"],
        "citation": finding["citation"],
        "grade": finding["grade"],
        "verified": False,
    }
    assert held.rule_id in rulebook().law.rules
    told = routine.to_json()
    assert (told["label"], told["holds"], told["why"], told["facts"]) == (
        "routine", False, None, None,
    )  # fmt: skip


def test_a_place_on_a_scale_as_json():
    facts = {"removes_defect": True}
    told = rulebook().evaluate(facts, as_of=DAY).to_json()["scales"]["n45_category"]
    assert told == {
        "title": {
            "zh-hans": "升级活动类别（2025年通知）",
            "en": "Category of upgrade (2025 notice)",
        },
        "code": "D",
        "words": {"zh-hans": "消除缺陷，按召回管理", "en": "removes a defect; recall"},
        "all_codes": ["D"],
    }
    nothing = rulebook().evaluate({}, as_of=DAY).to_json()["scales"]["n45_category"]
    assert (nothing["code"], nothing["words"], nothing["all_codes"]) == (None, None, [])


def test_the_tally_counts_each_outcome():
    answer = rulebook().evaluate({"removes_defect": True}, as_of=DAY)
    counted = {outcome.value: 0 for outcome in Outcome}
    for finding in answer.findings:
        counted[finding.outcome] += 1
    assert answer.to_json()["tally"] == counted
    assert len(set(counted.values())) > 1


def test_a_finding_as_json_has_the_fact_as_it_was_read():
    facts = {"applicant_holds_permit": True, "notice_fields": ["impact", "purpose"]}
    answer = rulebook().evaluate(facts, as_of=DAY, rules=["OTA22-01", "OTA22-08"])
    (permit,) = answer.finding("OTA22-01").to_json()["facts"]
    assert permit == {
        "name": "applicant_holds_permit",
        "label": rulebook().facts["applicant_holds_permit"].label.to_json(),
        "value": True,
        "shown": {"zh-hans": "是", "en": "yes"},
    }
    (fields,) = answer.finding("OTA22-08").to_json()["facts"]
    assert fields["value"] == ["purpose", "impact"]
    assert fields["shown"]["en"] == "purpose, impact"


def test_a_rule_that_is_still_to_come_as_json():
    rule = rulebook().rule("N45-04")
    checked = Upcoming(replace(rule, verified_by="Li Na"))
    assert checked.to_json() == {
        "rule_id": "N45-04",
        "title": rule.title.to_json(),
        "from": "2025-02-28",
        "citation": rule.source.named(),
        "grade": "C",
        "binding": True,
        "verified": True,
    }
    assert Upcoming(rule).to_json()["verified"] is False


def test_named_rules_are_about_every_topic():
    assert rulebook().evaluate({}, as_of=DAY, rules=["N45-04"]).about == tuple(Topic)


def test_a_scale_is_there_from_its_first_day_and_called_by_its_name():
    first = date(2025, 2, 28)
    assert "n45_category" not in rulebook().evaluate({}, as_of=date(2025, 2, 27)).scales
    assert rulebook().evaluate({}, as_of=first).scales["n45_category"].name == "n45_category"


def test_a_contradiction_names_the_facts_and_says_why():
    facts = {"function_kind": "combined_assistance", "function_level": 4}
    with pytest.raises(Contradictory) as refused:
        rulebook().evaluate(facts, as_of=DAY)
    assert str(refused.value) == (
        "function_kind = combined_assistance, function_level = 4 contradict each other. "
        "Combined driver assistance is level 2 (GB/T 40429)."
    )
