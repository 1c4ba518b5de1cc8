import json
from datetime import date

import pytest

from roadworthy.law.rulebook import rulebook
from roadworthy.rules.explanation import explain

AS_OF = date(2025, 6, 17)
FACTS = {"completed_on": "2025-06-09", "miit_filing": "submitted", "samr_filing": "none"}


@pytest.fixture(scope="module")
def told():
    stored = json.loads(json.dumps(rulebook().evaluate(FACTS, as_of=AS_OF).to_json()))
    return {finding["rule_id"]: explain(finding) for finding in stored["findings"]}


def test_the_short_form_is_one_sentence_in_each_language(told):
    assert told["OTA22-10"].short == {
        "en": "Broken: The implementation report is filed in time after completion (OTA22-10). "
        "The report was due by 16 Jun 2025 and has not been filed.",
        "zh-hans": "不符合：活动完成后按期提交实施情况报告（OTA22-10）。"
        "报告应于2025年6月16日之前提交，尚未提交。",
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_long_form_names_basis_dates_facts_values_and_evidence(told, language):
    text = told["OTA22-10"].long[language]
    for wanted in (
        "2022-04-15",
        "OTA22",
        {"en": "5 working days", "zh-hans": "5个工作日"}[language],
    ):
        assert wanted in text
    assert {"en": "unverified", "zh-hans": "未经人工核对"}[language] in text
    assert {"en": "Evidence grade B", "zh-hans": "证据等级B"}[language] in text
    assert "实施情况 (how the activity was carried out)" in text


def test_the_long_form_names_what_is_missing(told):
    assert "Facts missing: " in told["OTA22-08"].long.en
    assert "缺少的事实：" in told["OTA22-08"].long.zh_hans


def test_every_finding_can_be_told(told):
    assert all(one.short.en and one.long.zh_hans for one in told.values())


def test_a_provisional_day_is_told_as_such():
    answer = rulebook().evaluate({"completed_on": "2031-06-09"}, as_of=date(2031, 6, 9))
    text = explain(answer.finding("OTA22-10").to_json()).long
    assert "provisional" in text.en
    assert "暂定" in text.zh_hans
