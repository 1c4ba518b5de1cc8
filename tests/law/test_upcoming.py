"""Standards that are published, but not yet in force, are announced before they are asked."""

from datetime import date

import pytest

from roadworthy.law.rulebook import Outcome, Topic, rulebook

TODAY = date(2026, 11, 21)
FIRST_DAYS = {"STD-18": date(2027, 1, 1), "STD-19": date(2027, 7, 1)}
VEHICLE = {
    "vehicle_category": "M1",
    "is_new_type": True,
    "has_combined_assistance": True,
    "automation_level": 3,
    "ads_parking_only": False,
    "gb47955_report": False,
    "gb44721_report": False,
}


def asked(as_of, **wished):
    return rulebook().evaluate(VEHICLE, as_of=as_of, about=[Topic.ACCESS], **wished)


def announced(answer):
    return {row["rule_id"]: row["from"] for row in answer.to_json()["upcoming"]}


def rules(answer):
    return {finding.rule_id for finding in answer.findings}


def test_both_standards_on_driving_automation_are_announced_with_their_first_day():
    answer = asked(TODAY)
    told = announced(answer)
    assert {rule: told[rule] for rule in FIRST_DAYS} == {
        rule: first.isoformat() for rule, first in FIRST_DAYS.items()
    }
    assert rules(answer).isdisjoint(FIRST_DAYS)


def test_what_comes_is_told_in_the_order_in_which_it_comes():
    days = list(announced(asked(TODAY)).values())
    assert days == sorted(days)


def test_the_first_is_asked_on_the_first_day_of_2027_while_the_other_is_still_to_come():
    answer = asked(date(2027, 1, 1))
    assert answer.finding("STD-18").outcome is Outcome.BROKEN
    assert "STD-18" not in announced(answer)
    assert announced(answer)["STD-19"] == "2027-07-01"


def test_both_are_asked_from_the_middle_of_2027():
    answer = asked(date(2027, 7, 1))
    assert {"STD-18", "STD-19"} <= rules(answer)
    assert answer.finding("STD-19").outcome is Outcome.BROKEN
    assert not announced(answer).keys() & FIRST_DAYS.keys()


def test_what_comes_holds_nothing_up_and_owes_nothing_yet():
    answer = asked(TODAY)
    assert {owed.rule_id for owed in answer.obligations}.isdisjoint(FIRST_DAYS)


@pytest.mark.parametrize(
    ("rule", "made"), [("STD-18", date(2026, 6, 27)), ("STD-19", date(2026, 8, 4))]
)
def test_nobody_is_told_of_a_standard_before_it_was_known(rule, made):
    """What had to be known on a day: not what was made or published later."""
    assert rule in announced(asked(made))
    assert rule not in announced(asked(date.fromordinal(made.toordinal() - 1)))


def test_a_question_on_an_update_is_not_told_of_rules_on_market_access():
    answer = rulebook().evaluate({}, as_of=TODAY, about=[Topic.UPDATE])
    assert not announced(answer).keys() & FIRST_DAYS.keys()


def test_the_two_standards_that_share_a_number_are_not_mistaken_for_each_other():
    act = rulebook().law.register["GB 44721"]
    assert (act.number, act.in_force_from) == ("GB 44721-2026", date(2027, 7, 1))
    assert all("GB/T 44721-2024" in words for words in act.note.values())
