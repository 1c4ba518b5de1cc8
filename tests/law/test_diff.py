"""The same facts on two days: only what differs, each with its own sentence."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.law.diff import Difference, OtherObligation, diff
from roadworthy.law.rulebook import Decision, Label, Outcome, Topic, rulebook
from roadworthy.law.topics import Jurisdiction
from roadworthy.rules import facts as vocabulary
from tests.law.test_evaluation_schema import validator

BOOK = rulebook()
FACTS = {
    "removes_defect": True, "changes_main_parameters": True, "miit_filing": "none",
    "samr_filing": "none", "completed_on": "2025-06-20", "planned_release_on": "2025-06-16",
}  # fmt: skip
UPDATE = [Topic.UPDATE]


def between(one, other, facts=FACTS, **asked):
    days = date.fromisoformat(one), date.fromisoformat(other)
    return diff(BOOK, facts, between=days, **asked)


def said(found):
    return " ".join(line.en for line in found.words)


def test_rules_that_came_into_force_are_named_with_their_day():
    found = between("2025-02-27", "2025-02-28", about=UPDATE)
    assert {"N45-04", "N45-08"} <= {rule.id for rule in found.began}
    assert found.ended == ()
    assert (
        "In force from 28 Feb 2025: The activity must be filed with both authorities (N45-04)"
        in (said(found))
    )
    assert any("自2025年2月28日起施行：" in line.zh_hans for line in found.words)


def test_labels_and_the_decision_before_and_after():
    found = between("2012-12-31", "2025-02-28", about=UPDATE)
    assert found.before.labels == set()
    assert found.after.labels == {Label.DEFECT_REMEDY, Label.MAIN_PARAM_CHANGE}
    assert found.after.decision is Decision.MAY_NOT_RELEASE
    assert "Labels: undetermined → Defect remedy, Main parameter change." in said(found)
    assert "Release: not asked → may not be released." in said(found)


def test_what_was_not_late_and_is_late_now():
    found = between("2025-06-27", "2025-06-28", {"completed_on": "2025-06-20"}, about=UPDATE)
    (other,) = [each for each in found.findings if each.after.rule_id == "OTA22-10"]
    assert other.before.outcome is Outcome.NOT_APPLICABLE
    assert other.after.outcome is Outcome.BROKEN
    assert "(OTA22-10): Not applicable → Broken." in said(found)


def test_what_is_owed_newly_no_longer_and_otherwise():
    found = between("2025-02-27", "2025-02-28", about=UPDATE)
    assert {each.after.key for each in found.obligations if not each.before} >= {"N45-04.miit"}
    assert "Newly owed: File the activity with MIIT (N45-04.miit), Before release." in said(found)
    owed = found.after.obligation("N45-04.miit")
    done = replace(owed, fulfilled=True)
    gone = replace(found, obligations=(type(found.obligations[0])(owed, None),))
    assert "No longer owed: File the activity with MIIT (N45-04.miit)." in said(gone)
    (told,) = gone.to_json()["obligations"]
    assert told == {"before": owed.to_json(), "after": None}
    other = replace(found, obligations=(type(found.obligations[0])(owed, done),))
    assert "(N45-04.miit), Before release → Before release, done." in said(other)


def test_what_waits_for_an_event_is_owed_after_it():
    found = between("2022-04-14", "2022-04-15", {"removes_defect": False}, about=UPDATE)
    wanted = "(OTA22-10), within 5 working days of completion of the activity."
    assert wanted in said(found)


def test_the_earlier_day_comes_first_whichever_is_given_first():
    assert between("2026-01-01", "2022-01-01").to_json() == (
        between("2022-01-01", "2026-01-01").to_json()
    )


def test_one_day_differs_from_itself_in_nothing():
    found = between("2025-06-09", "2025-06-09")
    assert found.is_empty
    assert found.words == ()


def amended_book(rule_id, first, last):
    """Return the rulebook with a rule whose card and value change, and that ends."""
    rule = BOOK.rule(rule_id)
    middle = replace(rule.applies, until=first)
    newer = replace(rule, applies=replace(rule.applies, since=first, until=last))
    rules = {**BOOK.law.rules, rule_id: (replace(rule, applies=middle), newer)}
    name = BOOK.evaluate(FACTS, as_of=first, rules=[rule_id]).finding(rule_id).values[0].name
    old = BOOK.law.parameters[name]
    new = replace(old.values[-1], applies_from=first, value=30)
    parameters = {**BOOK.law.parameters, name: replace(old, values=(*old.values, new))}
    return replace(BOOK, law=replace(BOOK.law, rules=rules, parameters=parameters))


def test_an_amended_rule_its_new_value_and_its_end_are_told():
    first, last = date(2026, 1, 1), date(2027, 1, 1)
    book = amended_book("OTA22-10", first, last)
    day = timedelta(days=1)
    found = diff(book, FACTS, between=(first - day, first), about=UPDATE)
    assert "OTA22-10" in {rule.id for rule in found.amended}
    assert 30 in [value.after.value for value in found.values]
    assert "Amended from 1 Jan 2026" in said(found)
    assert "5 working days → 5 working days (from 1 Jan 2026)." in said(found)
    told = found.to_json()
    validator("difference").validate(json.loads(json.dumps(told)))
    amended = {rule["rule_id"]: rule for rule in told["amended"]}
    assert (amended["OTA22-10"]["from"], amended["OTA22-10"]["until"]) == (
        "2026-01-01", "2027-01-01",
    )  # fmt: skip
    assert amended["OTA22-10"]["verified"] is False
    ended = diff(book, FACTS, between=(last - day, last), about=UPDATE)
    assert "OTA22-10" in {rule.id for rule in ended.ended}
    assert "No longer in force from 1 Jan 2027" in said(ended)
    assert "OTA22-10" in {rule["rule_id"] for rule in ended.to_json()["ended"]}


def test_what_was_published_between_the_days_is_announced():
    rule = BOOK.rule("N45-04")
    known = rule.source.instrument.published_on or rule.source.instrument.made_on
    later = replace(rule, applies=replace(rule.applies, since=date(2026, 1, 1)))
    rules = {**BOOK.law.rules, "N45-04": (later,)}
    book = replace(BOOK, law=replace(BOOK.law, rules=rules))
    found = diff(book, FACTS, between=(known - timedelta(days=1), known), about=UPDATE)
    assert "N45-04" in {each.rule.id for each in found.announced}
    assert (
        "Published, in force from 1 Jan 2026: "
        "The activity must be filed with both authorities (N45-04)."
    ) in said(found)
    after = diff(book, FACTS, between=(known, known + timedelta(days=1)), about=UPDATE)
    assert "N45-04" not in {each.rule.id for each in after.announced}


@pytest.mark.parametrize(
    ("jurisdiction", "fact", "value", "touched"),
    [
        (Jurisdiction.CN, "leaves_vehicle", True, Topic.DATA),
        (Jurisdiction.US, "sgo_reporting_entity", True, Topic.INCIDENT),
    ],
)
def test_topics_touched_on_either_day_are_asked_on_both(jurisdiction, fact, value, touched):
    # Before its rules are in force a fact touches nothing, and the question is about an update.
    found = between("2010-01-01", "2026-08-01", {fact: value}, jurisdiction=jurisdiction)
    assert found.before.about == found.after.about == (Topic.UPDATE, touched)
    assert {found.before.jurisdiction, found.after.jurisdiction} == {jurisdiction}
    assert {found.before.as_of, found.after.as_of} == {date(2010, 1, 1), date(2026, 8, 1)}
    assert any(touched in rule.topics for rule in found.began)


def test_only_the_wished_topics_are_compared():
    found = between("2010-01-01", "2026-01-01", about=[Topic.MARKETING])
    assert found.before.about == found.after.about == (Topic.MARKETING,)


def test_another_jurisdiction_has_no_labels_to_compare():
    found = between("2020-01-01", "2026-01-01", jurisdiction=Jurisdiction.UN, about=UPDATE)
    assert found.after.classification == ()


def test_a_day_out_of_range_is_refused():
    with pytest.raises(vocabulary.WrongFact):
        between("1889-01-01", "2026-01-01")


DAYS = st.dates(date(2012, 6, 1), date(2028, 12, 31))


@given(st.dictionaries(st.sampled_from(sorted(FACTS)), st.none()), DAYS, DAYS)
@settings(max_examples=40, deadline=None)
def test_what_differs_is_told_and_nothing_else(without, one, other):
    facts = {name: value for name, value in FACTS.items() if name not in without}
    found = diff(BOOK, facts, between=(one, other), about=UPDATE)
    assert isinstance(found, Difference)
    told = found.to_json()
    began = {rule["rule_id"] for rule in told["began"]}
    asked = [{f.rule_id for f in each.findings} for each in (found.before, found.after)]
    assert began == asked[1] - asked[0]
    for each in found.findings:
        assert each.before.to_json() != each.after.to_json()
    for line in found.words:
        assert all(words and "{" not in words for words in line.values())


def summary(told):
    whole = told.to_json()
    kept = {
        "as_of", "jurisdiction", "about", "labels", "undetermined_labels", "n45_category",
        "ota22_grade", "decision", "reasons", "tally",
    }  # fmt: skip
    return {name: whole[name] for name in kept} | {"sha256": told.digest}


def card(rule, since, until=None):
    return {
        "rule_id": rule.id,
        "title": rule.title.to_json(),
        "from": since,
        "until": until,
        "citation": rule.source.named(),
        "grade": rule.grade,
        "binding": rule.binding,
        "verified": False,
    }


def test_a_difference_as_json_has_each_part():
    first, last = date(2026, 1, 1), date(2027, 1, 1)
    book = amended_book("OTA22-10", first, last)
    found = diff(book, FACTS, between=(date(2025, 6, 27), first), about=UPDATE)
    told = found.to_json()
    assert (told.pop("before"), told.pop("after")) == (summary(found.before), summary(found.after))
    rule = book.rule("OTA22-10")
    (other,) = [each for each in told.pop("findings") if each["rule_id"] == "OTA22-10"]
    assert other == {
        "rule_id": "OTA22-10",
        "title": rule.title.to_json(),
        "before": {
            "outcome": "not-applicable",
            "reason": "not_due",
            "why": found.before.finding("OTA22-10").why.to_json(),
        },
        "after": {
            "outcome": found.after.finding("OTA22-10").outcome,
            "reason": found.after.finding("OTA22-10").reason,
            "why": found.after.finding("OTA22-10").why.to_json(),
        },
    }
    (value,) = found.values
    assert (value.before.value, value.after.value) == (5, 30)
    assert told.pop("values") == [
        {
            "name": "implementation_report_period",
            "label": value.after.label.to_json(),
            "before": value.before.to_json(),
            "after": value.after.to_json(),
        }
    ]
    assert told.pop("obligations") == [
        {
            "before": each.before and each.before.to_json(),
            "after": each.after and each.after.to_json(),
        }
        for each in found.obligations
    ]
    amended = [card(rule, "2026-01-01", "2027-01-01")]
    assert [one for one in told.pop("amended") if one["rule_id"] == rule.id] == amended
    assert told.pop("words") == [line.to_json() for line in found.words]
    assert told.pop("announced") == [each.to_json() for each in found.announced]
    assert told == {
        "schema": "roadworthy/difference/1",
        "began": [card(one, one.applies.since.isoformat()) for one in found.began],
        "ended": [],
    }


def test_a_card_that_somebody_checked_says_so_when_it_ends():
    book = amended_book("OTA22-10", date(2026, 1, 1), date(2027, 1, 1))
    checked = tuple(replace(r, verified_by="Li Na") for r in book.law.rules["OTA22-10"])
    rules = {**book.law.rules, "OTA22-10": checked}
    book = replace(book, law=replace(book.law, rules=rules))
    found = diff(book, FACTS, between=(date(2026, 12, 31), date(2027, 1, 1)), about=UPDATE)
    (ended,) = found.to_json()["ended"]
    assert ended == card(checked[1], "2026-01-01", "2027-01-01") | {"verified": True}


def test_the_card_that_is_named_is_the_one_of_the_day():
    first, last = date(2026, 1, 1), date(2027, 1, 1)
    book = amended_book("OTA22-10", first, last)
    whole = book.law.rules["OTA22-10"]
    again = replace(whole[1], applies=replace(whole[1].applies, since=date(2028, 1, 1), until=None))
    rules = {**book.law.rules, "OTA22-10": (*whole, again)}
    book = replace(book, law=replace(book.law, rules=rules))

    def days(one, other):
        found = diff(book, FACTS, between=(date.fromisoformat(one), date.fromisoformat(other)))
        return [
            [rule.applies.since.year for rule in some if rule.id == "OTA22-10"]
            for some in (found.began, found.amended, found.ended)
        ]

    assert days("2022-04-14", "2025-01-01") == [[2022], [], []]
    assert days("2025-01-01", "2026-01-01") == [[], [2026], []]
    assert days("2025-01-01", "2028-01-01") == [[], [2028], []]
    assert days("2025-01-01", "2027-01-01") == [[], [], [2022]]
    assert days("2026-12-31", "2027-01-01") == [[], [], [2026]]
    assert days("2027-12-31", "2028-01-01") == [[2028], [], []]


def test_only_what_is_asked_about_differs():
    everything = between("2010-01-01", "2026-01-01", about=list(Topic))
    updates = between("2010-01-01", "2026-01-01", about=UPDATE)
    assert updates.before.about == updates.after.about == (Topic.UPDATE,)
    assert {rule.id for rule in updates.began} < {rule.id for rule in everything.began}
    abroad = between("2010-01-01", "2026-01-01", jurisdiction=Jurisdiction.UN)
    assert {abroad.before.jurisdiction, abroad.after.jurisdiction} == {Jurisdiction.UN}


def test_what_is_announced_says_from_when():
    rule = BOOK.rule("N45-04")
    late = replace(rule, applies=replace(rule.applies, since=date(2026, 3, 1)))
    book = replace(BOOK, law=replace(BOOK.law, rules={**BOOK.law.rules, "N45-04": (late,)}))
    found = diff(book, FACTS, between=(date(2025, 2, 27), date(2025, 3, 1)), about=UPDATE)
    assert [each.rule.id for each in found.announced if each.rule.id == "N45-04"] == ["N45-04"]
    line = "Published, in force from 1 Mar 2026: "
    assert f"{line}The activity must be filed with both authorities (N45-04)." in said(found)
    again = diff(book, FACTS, between=(date(2025, 3, 1), date(2025, 3, 2)), about=UPDATE)
    assert "N45-04" not in {each.rule.id for each in again.announced}


def test_another_reason_is_a_difference_even_with_the_same_outcome():
    rule = BOOK.rule("OTA22-10")
    facts = {"completed_on": "2025-06-20"}
    reasons = dict.fromkeys(("other", *rule.reasons), rule.title)

    def check(ctx):
        later = ctx.ground.as_of > date(2025, 6, 24)
        return ctx.not_applicable("other") if later else rule.check(ctx)

    changed = replace(rule, check=check, reasons=reasons)
    book = replace(BOOK, law=replace(BOOK.law, rules={**BOOK.law.rules, rule.id: (changed,)}))
    found = diff(book, facts, between=(date(2025, 6, 24), date(2025, 6, 25)), about=UPDATE)
    (other,) = [each for each in found.findings if each.after.rule_id == rule.id]
    assert other.before.outcome is other.after.outcome
    assert (other.before.reason, other.after.reason) == ("not_due", "other")


def test_an_obligation_on_neither_day_is_none():
    with pytest.raises(ValueError, match="owed on neither day"):
        _ = OtherObligation(None, None).newest
