"""What the coverage reports: first that it hides nothing, then that nothing is missing."""

import json
from dataclasses import replace
from datetime import date

import pytest

from roadworthy.law import cases, coverage_table
from roadworthy.law.coverage import SCHEMA, Article, Covered, Fault, FaultKind, coverage
from roadworthy.law.register import rows
from roadworthy.law.register.rows import ToVerify, Uncovered
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.instruments import Grade
from roadworthy.rules.schema import BadPack
from roadworthy.rules.text import Text

ROW = next(row for row in rows.rows() if row.id == "RCL-06")
(RULE,) = rulebook().law.rules["RCL-06"]
EVERY = dict.fromkeys(cases.NEEDED, 1)


@pytest.fixture(scope="module")
def found():
    return coverage(rulebook())


def without(*rule_ids):
    book = rulebook()
    kept = {name: versions for name, versions in book.law.rules.items() if name not in rule_ids}
    return replace(book, law=replace(book.law, rules=kept))


def faults(**changes):
    one = replace(Covered("RCL-06", ROW, (RULE,), EVERY), **changes)
    return [(fault.kind, fault.detail) for fault in one.faults()]


def test_every_row_is_covered_and_every_card_agrees(found):
    assert [f"{fault.subject}: {fault.words}" for fault in found.faults] == []


def test_what_is_missing_are_exactly_the_rows_without_a_rule(found):
    missing = {row.id for row in rows.rows()} - set(rulebook().law.rules)
    assert {one.id for one in found.without_rule} == missing
    named = {fault.subject for fault in found.faults if fault.kind is FaultKind.NO_RULE}
    assert named == missing
    assert len(found.rows) == 127


def test_a_rule_that_goes_is_missed():
    found = coverage(without("RCL-06"))
    assert "RCL-06" in {one.id for one in found.without_rule}
    assert found.complete == coverage(rulebook()).complete - 1


def test_what_is_in_order_has_no_fault():
    assert faults() == []


def test_each_fault_is_told():
    assert faults(versions=()) == [(FaultKind.NO_RULE, "")]
    assert faults(cases={}) == [(FaultKind.NO_CASE, "")]
    some = {"applies": 3, "does-not": 1, "missing-fact": 1, "other": 2}
    assert faults(cases=some) == [(FaultKind.NO_KIND, "day-before, first-day")]
    worse = replace(RULE, grade=Grade.C)
    assert faults(versions=(worse,)) == [(FaultKind.GRADE, "C ≠ A")]
    (other,) = rulebook().law.rules["N45-04"]
    elsewhere = replace(RULE, source=other.source)
    assert faults(versions=(elsewhere,)) == [(FaultKind.INSTRUMENT, "N45 ∉ IMP176, REG626")]
    assert faults(row=replace(ROW, may_bind=False)) == [(FaultKind.BINDS, "")]
    watched = replace(RULE, binding=False)
    assert faults(row=replace(ROW, may_bind=False), versions=(watched,)) == []


def test_an_earlier_card_may_rest_on_something_else_but_a_draft_never_bound():
    earlier = replace(RULE, grade=Grade.D)
    assert faults(versions=(earlier, RULE)) == []
    assert faults(versions=(RULE, earlier)) == [(FaultKind.GRADE, "D ≠ A")]
    watched = replace(RULE, binding=False)
    draft = replace(ROW, may_bind=False)
    assert faults(row=draft, versions=(RULE, watched)) == [(FaultKind.BINDS, "")]


def test_a_rule_outside_the_register_needs_its_cases_and_no_row():
    assert faults(row=None) == []
    assert faults(row=None, cases={}) == [(FaultKind.NO_CASE, "")]


def test_a_rule_that_the_register_does_not_know_is_listed_apart():
    book = rulebook()
    rules = {**book.law.rules, "UN-01": (replace(RULE, id="UN-01"),)}
    found = coverage(replace(book, law=replace(book.law, rules=rules)))
    assert "UN-01" in {one.id for one in found.outside}
    assert found.about("UN-01").title == RULE.title
    assert any("UN-01" in line for line in coverage_table.lines(found, "en"))
    assert {fault.subject for fault in found.faults} >= {"UN-01"}


def test_a_provision_cannot_be_left_out_and_cited(found):
    row = replace(found.uncovered[0], instrument="IMP176", provision=RULE.source.provision.name)
    told = replace(found, uncovered=(row,)).faults
    assert told[-1].kind is FaultKind.LEFT_OUT
    assert told[-1].subject == "IMP176 第二十六条"
    assert "RCL-06" in told[-1].detail


def test_an_article_leads_to_its_rules(found):
    (act,) = (act for act in found.acts if act.instrument.key == "IMP176")
    articles = {article.provision.name.en: article for article in act.articles}
    assert set(articles["Article 26"].rules) >= {"RCL-06", "RCL-07"}
    assert "recall_publication_period" in articles["Article 26"].others
    assert (act.pack, act.verified_by) == ("cn_recall", None)
    assert "RCL-18" in {
        rule
        for act in found.acts
        if act.instrument.key == "REG626"
        for article in act.articles
        for rule in article.also
    }


def test_the_cases_of_a_rule_are_counted_by_kind(found):
    kinds = found.about("RCL-06").cases
    assert set(kinds) >= set(cases.NEEDED)
    assert sum(kinds.values()) == sum(case.rule_id == "RCL-06" for case in cases.cases())


def test_all_of_it_is_json(found):
    told = json.loads(json.dumps(found.to_json()))
    assert told["schema"] == SCHEMA
    assert told["tally"]["rows"] == len(told["rows"]) == 127
    assert told["tally"]["with_rule"] == 127 - len(found.without_rule)
    assert told["tally"]["complete"] == found.complete
    by_id = {row["id"]: row for row in told["rows"]}
    card = by_id["RCL-06"]["rules"][0]
    assert (card["grade"], card["binding"], card["from"]) == ("A", True, "2016-01-01")
    assert (card["until"], card["verified_by"]) == (None, None)
    assert card["citation"]["provision"]["en"] == "Article 26"
    assert {fault["kind"] for fault in told["faults"]} <= set(FaultKind)


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


def test_a_rule_without_a_file_of_cases_has_none(tmp_path):
    assert cases._read(tmp_path / "none.yaml", "none.yaml") == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("- name: TODO\n", "line 1 still says TODO"),
        ("- name: a\n  name: b\n", "repeated key"),
        ("- name: a\n", "required property"),
    ],
)
def test_cases_that_are_wrong_or_unfinished_are_refused(tmp_path, words, fault):
    file = tmp_path / "x_01.yaml"
    file.write_text(words)
    with pytest.raises(BadPack, match=fault):
        cases._read(file, "x_01.yaml")


def test_a_row_as_json_is_the_row_its_cards_and_its_cases():
    one = Covered("RCL-06", ROW, (RULE,), {"applies": 4, "other": 2})
    assert one.to_json() == {
        "id": "RCL-06",
        "title": RULE.title.to_json(),
        "row": ROW.to_json(),
        "rules": [
            {
                "citation": RULE.source.named(),
                "grade": "A",
                "binding": True,
                "gate": "none",
                "topics": ["update", "recall"],
                "jurisdiction": "CN",
                "from": "2016-01-01",
                "until": None,
                "verified_by": None,
            }
        ],
        "cases": {"number": 6, "kinds": {"applies": 4, "other": 2}},
    }
    ended = replace(RULE.applies, until=date(2030, 1, 1))
    card = replace(one, row=None, versions=(replace(RULE, applies=ended),)).to_json()
    assert (card["row"], card["rules"][0]["until"]) == (None, "2030-01-01")


def test_a_row_without_a_rule_is_called_by_its_condition_and_duty():
    title = Covered("RCL-06", ROW, (), {}).title
    assert title.zh_hans == "召回计划已备案：公布缺陷、应急处置方法和召回措施，开通热线"
    assert title.en.startswith("The plan is filed: Publish the defect, ")


def test_a_fault_as_json_says_whose_it_is_and_what():
    assert Fault("RCL-06", FaultKind.GRADE, "C ≠ A").to_json() == {
        "subject": "RCL-06",
        "kind": "grade-differs",
        "words": {
            "zh-hans": "证据等级与登记册不一致：C ≠ A",
            "en": "its grade is not the register's: C ≠ A",
        },
    }


def test_an_instrument_as_json_has_its_dates_and_its_articles(found):
    (act,) = (act for act in found.acts if act.instrument.key == "IMP176")
    told = act.to_json()
    articles = told.pop("articles")
    assert told == {
        "instrument": "IMP176",
        "title": act.instrument.title.to_json(),
        "pack": "cn_recall",
        "jurisdiction": "CN",
        "grade": "A",
        "made_on": "2015-11-27",
        "published_on": None,
        "in_force_from": "2016-01-01",
        "repealed_on": None,
        "verified_by": None,
        "verified_on": None,
    }
    assert articles[0] == {
        "provision": {"zh-hans": "第十一条", "en": "Article 11"},
        "rules": ["RCL-14"],
        "also": ["RCL-15"],
        "others": ["producer_information_period"],
    }
    checked = replace(act, verified_by="Li Na", verified_on="2026-11-20").to_json()
    assert (checked["verified_by"], checked["verified_on"]) == ("Li Na", "2026-11-20")


def test_the_whole_as_json_holds_each_part_once(found):
    worse = replace(found, rows=(Covered("RCL-06", ROW, (), {}), found.about("RCL-07")))
    told = worse.to_json()
    cases_told = sum(sum(one.cases.values()) for one in (found.about("RCL-07"), *found.outside))
    assert told.pop("tally") == {
        "rows": 2, "with_rule": 1, "complete": 1, "outside": len(found.outside),
        "cases": cases_told,
    }  # fmt: skip
    assert told == {
        "schema": "roadworthy/law-coverage/1",
        "rulebook_version": found.rulebook_version,
        "rows": [one.to_json() for one in worse.rows],
        "outside": [one.to_json() for one in found.outside],
        "instruments": [act.to_json() for act in found.acts],
        "uncovered": [entry.to_json() for entry in found.uncovered],
        "to_verify": [entry.to_json() for entry in found.to_verify],
        "faults": [fault.to_json() for fault in worse.faults],
    }
    assert told["faults"][0]["subject"] == "RCL-06"
    assert told["uncovered"]
    assert told["to_verify"]


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


def test_who_checked_a_pack_and_who_cites_what_comes_from_the_packs():
    book = rulebook()
    checked = [
        replace(pack, verified_by="Li Na", verified_on="2026-11-20")
        if pack.id == "cn_n45"
        else pack
        for pack in book.packs
    ]
    found = coverage(replace(book, law=replace(book.law, packs=tuple(checked))))
    assert {(act.pack, act.jurisdiction) for act in found.acts} >= {
        ("cn_n45", "CN"), ("us_nhtsa", "US"), ("un_r156", "UN"),
    }  # fmt: skip
    assert {(act.verified_by, act.verified_on) for act in found.acts if act.pack == "cn_n45"} == {
        ("Li Na", "2026-11-20")
    }
    told = {
        (act.instrument.key, article.provision.name.zh_hans): article
        for act in found.acts
        for article in act.articles
    }
    for rule in (rule for versions in book.law.rules.values() for rule in versions):
        assert (
            rule.id in told[rule.source.citation.instrument, rule.source.citation.provision].rules
        )
        for besides in rule.also:
            assert rule.id in told[besides.citation.instrument, besides.citation.provision].also
    for (label,) in book.law.labels.values():
        where = label.source.citation
        assert label.id in told[where.instrument, where.provision].others
    for article in told.values():
        assert len(set(article.rules)) == len(article.rules)


def test_faults_are_named_by_their_row():
    for changed in (
        {"versions": ()}, {"cases": {}}, {"cases": {"applies": 1}},
        {"versions": (replace(RULE, grade=Grade.D),)},
        {"row": replace(ROW, may_bind=False)},
        {"row": replace(ROW, sources=ROW.sources[1:])},
    ):  # fmt: skip
        one = replace(Covered("RCL-06", ROW, (RULE,), EVERY), **changed)
        assert [fault.subject for fault in one.faults()] == ["RCL-06"]


def test_cases_are_counted_from_the_packs(found):
    counted = sum(sum(one.cases.values()) for one in (*found.rows, *found.outside))
    assert counted == sum(not case.is_label for case in cases.cases())
    assert list(found.about("RCL-06").cases) == sorted(found.about("RCL-06").cases)
    assert found.about("RCL-06").row == ROW
    assert found.rulebook_version == rulebook().version
    assert coverage(without("RCL-06")).about("RCL-06").versions == ()


def test_who_cites_a_left_out_provision_is_listed_with_commas(found):
    row = replace(found.uncovered[0], instrument="IMP176", provision=RULE.source.provision.name)
    named = replace(found, uncovered=(row,)).faults[-1].detail.split(", ")
    assert {"RCL-06", "RCL-07"} <= set(named) <= set(rulebook().law.rules)


def test_a_parameter_is_listed_at_each_provision_its_values_rest_on(found):
    told = {
        (act.instrument.key, article.provision.name.zh_hans): article.others
        for act in found.acts
        for article in act.articles
    }
    for parameter in rulebook().law.parameters.values():
        for value in parameter.values:
            where = value.source.citation
            assert parameter.name in told[where.instrument, where.provision]
