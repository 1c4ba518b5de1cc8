"""Automobile data: what holds over several rules at once."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.law.rulebook import Outcome, rulebook
from roadworthy.law.topics import Topic
from roadworthy.rules.contradictions import Contradictory

DAY = date(2026, 8, 18)
PLAIN = {
    "critical_infrastructure_operator": False,
    "told_or_published_as_important": False,
    "export_path": "none",
    "export_security_assessment": "none",
    "export_exemption_applies": False,
}
EDGES = [0, 1, 9_999, 10_000, 99_999, 100_000, 100_001, 999_999, 1_000_000]
COUNTS = st.one_of(st.sampled_from(EDGES), st.integers(0, 2_000_000))


def ask(facts, *rules, as_of=DAY):
    return rulebook().evaluate(facts, as_of=as_of, rules=list(rules) or None)


def broken(answer):
    return {f.rule_id for f in answer.findings if f.outcome is Outcome.BROKEN}


@given(COUNTS, COUNTS)
@settings(deadline=None)
def test_each_number_of_exported_persons_asks_for_one_way_or_none(persons, sensitive):
    facts = PLAIN | {
        "exported_persons_this_year": persons,
        "exported_sensitive_persons_this_year": sensitive,
    }
    assessed = persons >= 1_000_000 or sensitive >= 10_000
    contracted = not assessed and (persons >= 100_000 or sensitive >= 1)
    wanted = broken(ask(facts, "DAT-12", "DAT-13", "DAT-14"))
    assert bool(wanted & {"DAT-12", "DAT-13"}) == assessed
    assert ("DAT-14" in wanted) == contracted


@pytest.mark.parametrize("way", ["transferred_abroad", "opened_from_abroad", "processed_abroad"])
def test_each_of_the_three_ways_counts_as_an_export(way):
    facts = PLAIN | {way: True, "told_or_published_as_important": True}
    assert broken(ask(facts, "DAT-11")) == {"DAT-11"}


@pytest.mark.parametrize(
    "facts",
    [
        {"data_storage_place": "vehicle", "transferred_abroad": True},
        {"data_storage_place": "vehicle", "opened_from_abroad": True},
        {"data_storage_place": "vehicle", "processed_abroad": True},
        {"data_storage_place": "vehicle", "leaves_vehicle": True},
        {"data_storage_place": "china", "leaves_vehicle": False},
        {"leaves_vehicle": False, "transferred_abroad": True},
        {"data_storage_place": "abroad", "transferred_abroad": False, "processed_abroad": False},
        {"data_storage_place": "abroad", "opened_from_abroad": True},
        {"contains_personal_information": True, "personal_information_subjects": 0},
        {"personal_information_leaked": False, "leak_authority_notified": True},
        {"personal_information_leaked": False, "leak_persons_notified": True},
    ],
)
def test_facts_about_data_that_cannot_be_true_together_are_refused(facts):
    with pytest.raises(Contradictory) as refused:
        ask(facts)
    assert all(name in str(refused.value) for name in facts)


def test_incident_and_data_rule_answer_alike_for_a_vulnerability():
    facts = {
        "vulnerability_endangers_public": True,
        "vulnerability_found_at": "2025-06-09T03:00+08:00",
        "now": "2025-06-10T03:01+08:00",
    }
    answer = ask(facts, "DAT-19", "INC-06", as_of=date(2025, 6, 10))
    assert broken(answer) == {"DAT-19", "INC-06"}
    assert len({owed.due.instant for owed in answer.obligations}) == 1


def test_drafts_on_data_are_watched_and_bind_nobody():
    drafts = {
        rule.source.instrument.key
        for versions in rulebook().law.rules.values()
        for rule in versions
        if rule.id.startswith("DAT") and not rule.binding
    }
    assert drafts == {"TC260D21", "ADP21D"}


def test_facts_about_data_do_not_ask_about_an_update():
    answer = ask({"leaves_vehicle": True, "function_runs_in_vehicle": True})
    topics = {
        topic for f in answer.findings for topic in rulebook().rule(f.rule_id, as_of=DAY).topics
    }
    assert topics <= {Topic.DATA, Topic.INCIDENT}
    assert broken(answer) == {"DAT-04"}


def test_what_is_known_from_memory_alone_says_so():
    grades = {
        rule_id: rulebook().rule(rule_id, as_of=DAY).grade
        for rule_id in rulebook().law.rules
        if rule_id.startswith(("DAT", "INC-06"))
    }
    assert {r for r, grade in grades.items() if grade == "D"} == {
        "DAT-05", "DAT-07", "DAT-08", "DAT-09", "DAT-18",
    }  # fmt: skip
    assert {r for r, grade in grades.items() if grade == "A"} == {
        "DAT-11", "DAT-16", "DAT-19", "DAT-20", "INC-06",
    }  # fmt: skip


def test_the_period_for_deletion_is_better_evidenced_since_the_standard():
    facts = {"sensitive_information_kinds": ["track"], "deletion_requested_on": "2023-04-03"}
    days = (date(2023, 4, 30), date(2023, 5, 1))
    read = [ask(facts, "DAT-08", as_of=day).finding("DAT-08").values[0] for day in days]
    assert [(value.value, value.grade) for value in read] == [(10, "D"), (10, "B")]


def test_a_notice_that_is_not_complete_is_told_what_it_lacks():
    finding = ask(
        {"contains_personal_information": True, "privacy_notice_items": ["kinds", "storage"]},
        "DAT-06",
    ).finding("DAT-06")
    assert "contact for users' rights" in finding.why.en
    assert "用户权益事务联系人" in finding.why.zh_hans
    assert "place and period" not in finding.why.en
