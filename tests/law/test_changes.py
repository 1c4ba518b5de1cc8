"""What would have to change: found by asking little, and the same as by asking everything."""

from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.law import changes
from roadworthy.law.changes import finding_would_change, would_change
from roadworthy.law.evaluation import Gate
from roadworthy.law.rulebook import Decision, Jurisdiction, Label, Outcome, Topic, rulebook
from roadworthy.rules import strict_yaml
from roadworthy.rules.contradictions import Contradictory
from roadworthy.rules.facts import FactType

BOOK = rulebook()
CASES = Path(__file__).with_name("cases") / "worked.yaml"
UPDATE, DATA = [Topic.UPDATE], [Topic.DATA]
DAY = date(2025, 6, 9)
THEME = {
    "changes_main_parameters": False,
    "changes_primary_version": False,
    "changes_automation_function": False,
    "affects_regulated_performance": False,
    "removes_defect": False,
    "known_defect_for_same_fault": False,
}
YES_OR_NO = sorted(
    name for name, f in BOOK.facts.items() if f.type is FactType.BOOL and f.default is None
)


def by_facts(found):
    return {frozenset((fact.name, value) for fact, value in each.facts): each for each in found}


def turned(**facts):
    return frozenset(facts.items())


def test_a_repair_would_be_routine_if_it_removed_no_defect():
    found = by_facts(would_change(BOOK, THEME | {"removes_defect": True}, as_of=DAY))
    change = found[turned(removes_defect=False)]
    assert change.labels == {Label.ROUTINE}
    assert "“Removes a defect” were “no”: labels: Routine;" in change.words.en
    assert change.words.zh_hans.startswith("若“用于消除缺陷”为“否”：法律标签为常规升级；")


def test_two_facts_that_each_make_a_recall_have_to_change_together():
    facts = THEME | {"removes_defect": True, "known_defect_for_same_fault": True}
    found = by_facts(would_change(BOOK, facts, as_of=DAY))
    both = turned(removes_defect=False, known_defect_for_same_fault=False)
    assert found[both].labels == {Label.ROUTINE}
    assert turned(removes_defect=False) not in found


def test_what_takes_three_facts_is_not_looked_for():
    facts = THEME | {
        "removes_defect": True, "changes_main_parameters": True,
        "affects_regulated_performance": True,
    }  # fmt: skip
    found = would_change(BOOK, facts, as_of=DAY)
    assert all(Label.ROUTINE not in change.labels for change in found)
    assert max(len(change.facts) for change in found) == 1


def test_a_release_that_lacks_two_papers_could_go_out_with_both(worked):
    lacking = worked | {"safety_assessment_attached": False, "assessment_form_attached": False}
    assert BOOK.evaluate(lacking, as_of=DAY, about=UPDATE).decision is Decision.MAY_NOT_RELEASE
    found = by_facts(would_change(BOOK, lacking, as_of=DAY, about=UPDATE))
    both = turned(safety_assessment_attached=True, assessment_form_attached=True)
    assert found[both].decision is Decision.MAY_RELEASE
    assert found[both].words.en.endswith("it may be released.")
    assert found[both].words.zh_hans.endswith("；可以发布。")


def test_the_words_say_when_the_decision_stays_and_which_rules_hold_it():
    facts = THEME | {"removes_defect": True, "miit_filing": "none", "applicant_holds_permit": True}
    told = BOOK.evaluate(facts, as_of=DAY, about=UPDATE)
    for change in would_change(BOOK, facts, as_of=DAY, about=UPDATE):
        same = change.decision is told.decision
        assert ("still" in change.words.en) == same
        assert ("仍" in change.words.zh_hans) == same


def test_one_rule_says_what_would_change_its_own_outcome(worked):
    lacking = worked | {"assessment_form_attached": False}
    rule_id = BOOK.evaluate(lacking, as_of=DAY, about=UPDATE).reasons[0]
    found = by_facts(finding_would_change(BOOK, lacking, rule_id, as_of=DAY))
    change = found[turned(assessment_form_attached=True)]
    assert change.outcome is Outcome.MET
    before = BOOK.evaluate(lacking, as_of=DAY, about=UPDATE).finding(rule_id).outcome
    assert all(each.outcome is not before for each in found.values())
    assert f"{rule_id} Met. " in change.words.en


def test_a_rule_that_is_not_in_force_has_no_outcome_to_change():
    assert finding_would_change(BOOK, THEME, "N45-04", as_of=date(2020, 1, 1)) == ()


def test_facts_are_not_turned_round_into_a_contradiction():
    law = BOOK.law
    words = law.contradictions[0].words
    row = replace(law.contradictions[0], facts={"removes_defect": (False,)}, words=words)
    strict = replace(BOOK, law=replace(law, contradictions=(row,)))
    facts = THEME | {"removes_defect": True}
    every = by_facts(would_change(BOOK, facts, as_of=DAY))
    found = by_facts(would_change(strict, facts, as_of=DAY))
    assert set(found) == {each for each in every if ("removes_defect", False) not in each}
    assert found


def test_only_so_many_pairs_are_asked(monkeypatch):
    monkeypatch.setattr(changes, "MOST_PAIRS", 0)
    facts = THEME | {"removes_defect": True, "known_defect_for_same_fault": True}
    assert all(len(change.facts) == 1 for change in would_change(BOOK, facts, as_of=DAY))


def test_a_label_can_fall_away_by_two_facts_while_another_stays():
    facts = THEME | {
        "removes_defect": True, "known_defect_for_same_fault": True,
        "affects_regulated_performance": True,
    }  # fmt: skip
    found = by_facts(would_change(BOOK, facts, as_of=DAY))
    both = turned(removes_defect=False, known_defect_for_same_fault=False)
    assert found[both].labels == {Label.REGULATED_PERFORMANCE}
    assert [each for each in found if len(each) > 1] == [both]


def test_an_update_with_two_labels_would_be_routine_without_both():
    facts = THEME | {"removes_defect": True, "affects_regulated_performance": True}
    found = by_facts(would_change(BOOK, facts, as_of=DAY, about=[Topic.MARKETING]))
    both = turned(removes_defect=False, affects_regulated_performance=False)
    assert found[both].labels == {Label.ROUTINE}
    assert [each for each in found if len(each) > 1] == [both]


def test_where_no_label_is_left_the_words_say_so():
    (change,) = by_facts(
        would_change(BOOK, {"removes_defect": True}, as_of=DAY, about=[Topic.MARKETING])
    ).values()
    assert change.labels == frozenset()
    assert "labels: undetermined; " in change.words.en


def test_only_the_wished_topics_decide():
    facts = THEME | {"miit_filing": "none", "removes_defect": True}
    found = would_change(BOOK, facts, as_of=DAY, about=[Topic.MARKETING])
    assert {change.decision for change in found} == {Decision.NOT_ASKED}


class Counting:
    """The rulebook, writing down which rules it is asked."""

    def __init__(self):
        self.asked = []

    def evaluate(self, facts, **how):
        self.asked.append((how.get("rules"), how["jurisdiction"]))
        return BOOK.evaluate(facts, **how)


@pytest.mark.parametrize("jurisdiction", [Jurisdiction.CN, Jurisdiction.US])
def test_only_rules_that_read_what_was_turned_round_are_asked_again(worked, jurisdiction):
    book = Counting()
    would_change(book, worked, as_of=DAY, about=UPDATE, jurisdiction=jurisdiction)
    whole = BOOK.evaluate(worked, as_of=DAY, about=UPDATE, jurisdiction=jurisdiction)
    gates = {
        f.rule_id for f in whole.findings if f.binding and f.gate in {Gate.FILING, Gate.RELEASE}
    }
    (first, where), *again = book.asked
    assert (first, where) == (None, jurisdiction)
    for rules, where in again:
        assert rules is not None
        assert set(rules) <= gates
        assert where is jurisdiction
    assert len({frozenset(rules) for rules, _ in again}) > 1 or not again


def test_an_answer_is_data_too():
    change = would_change(BOOK, THEME | {"removes_defect": True}, as_of=DAY)[0]
    told = change.to_json()
    assert set(told) == {"facts", "labels", "decision", "words"}
    assert all(isinstance(value, bool) for value in told["facts"].values())
    one = finding_would_change(BOOK, THEME, "RCL-17", as_of=DAY)
    assert all(set(each.to_json()) == {"facts", "outcome", "words"} for each in one)


def asked_anew(facts):
    try:
        answer = BOOK.evaluate(facts, as_of=DAY, about=UPDATE)
    except Contradictory:
        return None
    return answer.labels, answer.decision


@given(st.dictionaries(st.sampled_from(YES_OR_NO), st.booleans(), max_size=14))
@settings(max_examples=40, deadline=None)
def test_asking_little_finds_what_asking_everything_finds(extra):
    facts = THEME | extra
    told = asked_anew(facts)
    if told is None:
        return
    found = by_facts(would_change(BOOK, facts, as_of=DAY, about=UPDATE))
    for change, answer in found.items():
        assert asked_anew(facts | dict(change)) == (answer.labels, answer.decision)
    singles = {
        turned(**{name: not value})
        for name, value in facts.items()
        if asked_anew(facts | {name: not value}) not in {told, None}
    }
    assert singles == {change for change in found if len(change) == 1}
    allowed = any(answer.decision is Decision.MAY_RELEASE for answer in found.values())
    if told[1] is not Decision.MAY_RELEASE and not allowed:
        for one, other in combinations(facts, 2):
            both = asked_anew(facts | {one: not facts[one], other: not facts[other]})
            assert both is None or both[1] is not Decision.MAY_RELEASE


@pytest.fixture
def worked():
    """Return the facts of the theme that may be released."""
    cases = strict_yaml.load(CASES.read_text("utf-8"))
    (case,) = [case for case in cases if case["name"].endswith("may be released")]
    return case["facts"]


def ids(wish):
    return {finding.rule_id for finding in wish.in_the_way}


def test_what_is_wished_for_is_that_each_label_falls_away_a_routine_update_and_a_release():
    told = BOOK.evaluate(
        THEME | {"removes_defect": True, "miit_filing": "none"}, as_of=DAY, about=UPDATE
    )
    away, routine, release = changes._wishes(told)
    assert ids(away) == ids(routine) == {Label.DEFECT_REMEDY}
    held_up = told.held_up(Outcome.BROKEN) + told.held_up(Outcome.UNDETERMINED)
    assert ids(release) == {finding.rule_id for finding in held_up}
    assert told.held_up(Outcome.BROKEN)
    assert told.held_up(Outcome.UNDETERMINED)
    without = BOOK.evaluate(THEME, as_of=DAY, about=UPDATE)
    unknown = BOOK.evaluate({}, as_of=DAY, about=UPDATE)
    assert [away.reached(each) for each in (told, without, unknown)] == [False, True, False]
    assert [routine.reached(each) for each in (told, without, unknown)] == [False, True, False]
    assert [release.reached(each) for each in (told, without)] == [False, False]


def test_nothing_is_wished_for_that_is_there_already():
    routine = BOOK.evaluate(THEME, as_of=DAY, about=UPDATE)
    (release,) = changes._wishes(routine)
    free = tuple(f for f in routine.findings if f.outcome is Outcome.NOT_APPLICABLE)
    assert release.reached(replace(routine, findings=free))
    abroad = BOOK.evaluate(THEME, as_of=DAY, about=UPDATE, jurisdiction=Jurisdiction.UN)
    assert abroad.classification == ()
    (release,) = changes._wishes(abroad)
    assert ids(release) == set(abroad.reasons)


def test_what_is_open_stands_in_the_way_of_a_routine_update_and_of_a_release():
    told = BOOK.evaluate({"changes_main_parameters": True}, as_of=DAY, about=UPDATE)
    away, routine, release = changes._wishes(told)
    assert ids(away) == {Label.MAIN_PARAM_CHANGE}
    assert ids(routine) == {Label.MAIN_PARAM_CHANGE} | told.undetermined_labels - {Label.ROUTINE}
    assert ids(release) >= told.undetermined_labels - {Label.ROUTINE}
    assert Label.MAIN_PARAM_CHANGE not in ids(release)


def test_a_pair_that_is_tried_touches_each_finding_in_the_way(worked):
    lacking = worked | {"safety_assessment_attached": False, "assessment_form_attached": False}
    told = BOOK.evaluate(lacking, as_of=DAY, about=UPDATE)
    in_the_way = told.held_up(Outcome.BROKEN)
    pairs = list(changes._pairs(told, in_the_way))
    assert pairs
    for pair in pairs:
        names = {fact.name for fact, _ in pair}
        assert all(names & {read.definition.name for read in f.facts} for f in in_the_way)


def test_a_fact_that_leaves_the_outcome_as_it_is_is_not_named():
    facts = {
        "removes_defect": True, "defect_confirmed_on": "2025-06-09",
        "production_stopped": True, "sale_stopped": True, "import_stopped": False,
    }  # fmt: skip
    found = by_facts(finding_would_change(BOOK, facts, "RCL-03", as_of=DAY))
    assert turned(import_stopped=True) in found
    assert turned(production_stopped=False) not in found
    assert all(change.outcome is not Outcome.BROKEN for change in found.values())


def test_only_what_is_asked_about_decides():
    facts = THEME | {"miit_filing": "none", "removes_defect": True}
    elsewhere = {change.decision for change in would_change(BOOK, facts, as_of=DAY, about=DATA)}
    updates = {change.decision for change in would_change(BOOK, facts, as_of=DAY, about=UPDATE)}
    assert Decision.MAY_NOT_RELEASE in updates - elsewhere
    abroad = would_change(BOOK, facts, as_of=DAY, about=UPDATE, jurisdiction=Jurisdiction.UN)
    assert all(change.labels == set() for change in abroad)


def test_one_contradiction_does_not_end_the_search():
    law = BOOK.law
    row = replace(law.contradictions[0], facts={"changes_main_parameters": (True,)})
    strict = replace(BOOK, law=replace(law, contradictions=(row,)))
    facts = THEME | {"removes_defect": True}
    before = set(by_facts(would_change(BOOK, facts, as_of=DAY)))
    after = set(by_facts(would_change(strict, facts, as_of=DAY)))
    assert after == {change for change in before if ("changes_main_parameters", True) not in change}
    assert after < before


def test_labels_that_would_be_open_are_told_as_such():
    found = by_facts(would_change(BOOK, {"removes_defect": True}, as_of=DAY))
    change = found[turned(removes_defect=False)]
    assert change.labels == set()
    assert "labels: undetermined; " in change.words.en
    assert "：法律标签未定；" in change.words.zh_hans


def test_a_change_as_json():
    (change, *_) = would_change(BOOK, THEME | {"removes_defect": True}, as_of=DAY)
    assert change.to_json() == {
        "facts": {fact.name: value for fact, value in change.facts},
        "labels": sorted(change.labels),
        "decision": change.decision,
        "words": change.words.to_json(),
    }
    facts = {"removes_defect": True, "defect_confirmed_on": "2025-06-09", "import_stopped": False}
    (one, *_) = finding_would_change(BOOK, facts, "RCL-03", as_of=DAY)
    assert one.to_json() == {
        "facts": {fact.name: value for fact, value in one.facts},
        "outcome": one.outcome,
        "words": one.words.to_json(),
    }
