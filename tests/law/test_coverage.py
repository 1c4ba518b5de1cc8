"""What the coverage reports: first that it hides nothing, then that nothing is missing."""

import json
from dataclasses import replace
from datetime import date

import pytest

from roadworthy.law import cases, coverage_table
from roadworthy.law.coverage import SCHEMA, Covered, Fault, FaultKind, coverage
from roadworthy.law.register import rows
from roadworthy.law.rulebook import rulebook
from roadworthy.rules.instruments import Grade
from roadworthy.rules.schema import BadPack

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
