"""The coverage as a page of text."""

from dataclasses import replace

import pytest

from roadworthy.law import coverage_table
from roadworthy.law.coverage import Article, Covered, coverage
from roadworthy.law.register.rows import ToVerify, Uncovered
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.instruments import Grade
from roadworthy.rules.text import Text
from tests.law.test_coverage import EVERY, ROW, RULE


@pytest.fixture(scope="module")
def found():
    return coverage(rulebook())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_names_each_row_each_article_left_out_and_each_open_question(found, lang):
    table = "\n".join(coverage_table.lines(found, lang))
    language = {"zh": "zh-hans", "en": "en"}[lang]
    assert "{" not in table
    for one in (*found.rows, *found.outside):
        assert one.id in table
        assert one.title[language] in table
    for left in found.uncovered:
        assert left.reason[language] in table
    for entry in found.to_verify:
        assert entry.what[language] in table


def test_the_columns_of_the_table_stand_below_each_other():
    lines = list(coverage_table._aligned([["中文", "x"], ["abc", "y", "z"]]))
    assert lines == ["  中文  x", "  abc   y  z"]
    assert list(coverage_table._aligned([])) == []


def test_what_does_not_agree_has_a_section_of_its_own(found):
    worse = replace(found.about("RCL-06"), versions=(replace(RULE, grade=Grade.D),))
    changed = replace(found, rows=(worse, *(one for one in found.rows if one.id != "RCL-06")))
    table = coverage_table.lines(changed, "en")
    assert "  RCL-06  its grade is not the register's: D ≠ A" in table


def small(found):
    """Return a coverage that a page can show whole, with one of each kind."""
    (act,) = (act for act in found.acts if act.instrument.key == "IMP176")
    provision = {article.provision.name.en: article.provision for article in act.articles}
    articles = (
        Article(provision["Article 26"], ("RCL-06", "X-01"), ("RCL-15",), ("a_period",)),
        Article(provision["Article 11"], (), ("RCL-15", "RCL-16"), ()),
        Article(provision["Article 14"], (), (), ()),
    )
    draft = replace(act.instrument, in_force_from=None)
    title = Text("某规则", "Some rule")
    other = replace(RULE, id="X-01", title=title, binding=False, verified_by="Li Na")
    left = Uncovered("IMP176", Text("第一条", "Article 1"), Text("目的", "its purpose"))
    ask = ToVerify(
        1, Text("某问题", "Some question"), Text("某处", "somewhere"), ("RCL-06", "X-01")
    )
    return replace(
        found,
        rows=(
            Covered("RCL-06", ROW, (replace(RULE, grade=Grade.C),), EVERY),
            Covered("RCL-07", replace(ROW, id="RCL-07"), (), {}),
        ),
        outside=(Covered("X-01", None, (other,), {"applies": 7}),),
        acts=(
            replace(act, articles=articles),
            replace(act, instrument=draft, articles=(), verified_by="Li Na"),
        ),
        uncovered=(left,),
        to_verify=(ask, replace(ask, order=12)),
        rulebook_version="cn-1",
    )


def test_the_table_word_for_word_in_english(found):
    published = "The recall is published in time after its plan is filed"
    title = RULE.source.instrument.title.en
    wide = " " * len("(also RCL-15, RCL-")  # the cell that is as wide as the column of ids
    card = f"RCL-06{wide[3:]}  {published}  5 cases{wide}evidence C  binds  from 2016-01-01"
    rest = "7 cases, not every kind  evidence A  watch  from 2016-01-01  Li Na"
    gap = " " * (len(published) - len("Some rule"))
    assert coverage_table.lines(small(found), "en") == [
        (
            "Rulebook cn-1: the register has 2 rows; 1 have a rule, 1 a rule with every "
            "kind of case. Rules outside the register: 1."
        ),
        "",
        f"IMP176  {title}  [from 2016-01-01, evidence A, unverified]",
        f"  Article 26  {card}  unverified  (also RCL-15, a_period)",
        f"              X-01{wide[1:]}  Some rule{gap}  {rest}",
        "  Article 11  (also RCL-15, RCL-16)",
        "  Article 14  -",
        "",
        f"IMP176  {title}  [draft, evidence A, Li Na]",
        "",
        "Rows without a rule (1)",
        (
            "  RCL-07  The plan is filed: "
            "Publish the defect, what to do meanwhile and the remedy; run a hotline"
        ),
        "",
        "Rules outside the register (1)",
        f"  X-01  Some rule  {rest}",
        "",
        "Provisions left out on purpose (1)",
        "  IMP176  Article 1  its purpose",
        "",
        "What a lawyer still has to check, most valuable first",
        "   1. Some question",
        "      somewhere; rules: RCL-06, X-01",
        "  12. Some question",
        "      somewhere; rules: RCL-06, X-01",
        "",
        "What does not agree (2)",
        "  RCL-06  its grade is not the register's: C ≠ A",
        "  X-01    no case of this kind: does-not, day-before, first-day, missing-fact",
    ]


def test_the_table_in_chinese_has_the_same_lines(found):
    table = coverage_table.lines(small(found), "zh")
    assert len(table) == len(coverage_table.lines(small(found), "en"))
    assert table[0] == "规则库cn-1：登记册2条，已有规则1条，规则与案例齐备1条；册外规则1条。"
    assert table[2].endswith("  [2016-01-01起, 证据A, 未经核对]")
    bare = replace(small(found), acts=(), outside=(Covered("RCL-07", ROW, (), {}),))
    assert f"  RCL-07  {bare.outside[0].title.zh_hans}" in coverage_table.lines(bare, "zh")
    assert table[3].endswith("  有约束力  2016-01-01起  未经核对  (另见 RCL-15, a_period)")
    assert [line for line in table if line.endswith("）") and not line.startswith(" ")] == [
        "尚无规则（1条）", "登记册以外的规则（1条）", "有意不覆盖的条款（1条）",
        "须由律师核对（按价值排序）", "不一致（2项）",
    ]  # fmt: skip


def test_what_there_is_nothing_of_has_no_section(found):
    table = coverage_table.lines(replace(small(found), outside=(), acts=(), uncovered=()), "en")
    assert [line for line in table if line.startswith(("Rules outside", "Provisions"))] == []
