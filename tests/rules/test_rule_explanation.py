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


CITED = {
    "instrument": "ACT1",
    "title": {"zh-hans": "某某规定", "en": "Some Provisions"},
    "number": "第1号",
    "provision": {"zh-hans": "第一条", "en": "Article 1"},
    "text": {"zh-hans": "应当备案。", "en": "It is filed."},
    "terms": [
        {"official": "备案", "english": "filing"},
        {"official": "变更", "english": "change"},
    ],
    "made_on": "2025-01-02",
    "published_on": "2025-01-03",
    "in_force_from": "2025-01-04",
}
DRAFT = CITED | {
    "number": None, "terms": [], "made_on": None, "published_on": None, "in_force_from": None,
}  # fmt: skip
PERIOD = {
    "label": {"zh-hans": "期限", "en": "Period"},
    "shown": {"zh-hans": "5个工作日", "en": "5 working days"},
    "applies_from": "2025-01-04",
    "source": {"instrument": "ACT1", "provision": {"zh-hans": "第二条", "en": "Article 2"}},
}
STORED = {
    "rule_id": "ACT1-01",
    "outcome": "met",
    "title": {"zh-hans": "须备案", "en": "It must be filed"},
    "why": {"zh-hans": "已备案。", "en": "It was filed."},
    "citation": CITED,
    "also": [DRAFT],
    "facts": [
        {"label": {"zh-hans": "甲", "en": "One"}, "shown": {"zh-hans": "是", "en": "yes"}},
        {"label": {"zh-hans": "乙", "en": "Two"}, "shown": {"zh-hans": "否", "en": "no"}},
    ],
    "missing": [
        {"label": {"zh-hans": "丙", "en": "Three"}},
        {"label": {"zh-hans": "丁", "en": "4"}},
    ],
    "values": [PERIOD, PERIOD],
    "provisional": True,
    "grade": "A",
    "verified": True,
}


def test_the_long_form_word_for_word():
    assert explain(STORED).long.zh_hans.splitlines() == [
        "符合：须备案（ACT1-01）。已备案。",
        "依据：某某规定（第1号） 第一条。应当备案。",
        "官方用语：备案 (filing)；变更 (change)。",
        "成文2025-01-02，发布2025-01-03，施行2025-01-04。",
        "依据：某某规定 第一条。应当备案。",
        "成文不详，发布不详，施行尚未施行（征求意见稿）。",
        "所用事实：甲：是；乙：否。",
        "缺少的事实：丙；丁。",
        (
            "所用数值：期限：5个工作日（自2025-01-04起，ACT1 第二条）；"
            "期限：5个工作日（自2025-01-04起，ACT1 第二条）。"
        ),
        "其中日期为暂定：相关年份的放假安排未知。",
        "证据等级A（已读官方全文），已核对。转述为本系统用语，以官方文本为准。",
    ]
    assert explain(STORED).long.en.splitlines() == [
        "Met: It must be filed (ACT1-01). It was filed.",
        "Basis: Some Provisions (第1号), Article 1. It is filed.",
        "Official terms: 备案 (filing); 变更 (change).",
        "Made 2025-01-02, published 2025-01-03, in force 2025-01-04.",
        "Basis: Some Provisions, Article 1. It is filed.",
        "Made not known, published not known, in force never (a draft).",
        "Facts used: One: yes; Two: no.",
        "Facts missing: Three; 4.",
        (
            "Values used: Period: 5 working days (since 2025-01-04, ACT1 Article 2); "
            "Period: 5 working days (since 2025-01-04, ACT1 Article 2)."
        ),
        "A date in it is provisional: the holiday notice of that year is not known.",
        (
            "Evidence grade A (full official text read), verified. Our wording and an unofficial "
            "English reading; the official Chinese text prevails."
        ),
    ]


def test_what_was_not_read_is_not_spoken_of():
    bare = STORED | {
        "also": [], "facts": [], "missing": [], "values": [], "provisional": False,
        "verified": False, "why": {"zh-hans": "", "en": ""},
    }  # fmt: skip
    told = explain(bare)
    assert told.short == {
        "zh-hans": "符合：须备案（ACT1-01）。",
        "en": "Met: It must be filed (ACT1-01).",
    }
    assert [line.partition(" ")[0] for line in told.long.en.splitlines()] == [
        "Met:", "Basis:", "Official", "Made", "Evidence",
    ]  # fmt: skip
    assert "(full official text read), unverified." in told.long.en
