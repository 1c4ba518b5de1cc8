"""The rulebook as its callers use it."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime

import pytest
import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.kernel.citation import Citation
from roadworthy.kernel.errors import Invalid, NotFound
from roadworthy.law.evaluation import Gate
from roadworthy.law.rulebook import (
    Decision,
    Label,
    NoSignersYet,
    NoSuchProvision,
    NoSuchRule,
    NotClassified,
    Outcome,
    rulebook,
)
from roadworthy.rules.facts import FactType, UnknownFact, WrongFact

DAY = date(2026, 8, 18)
DAYS = st.dates(date(2024, 1, 1), date(2027, 6, 30))
OF_TYPE = {
    FactType.BOOL: lambda _: st.booleans(),
    FactType.INT: lambda fact: st.integers(fact.minimum, fact.maximum),
    FactType.DATE: lambda _: DAYS,
    FactType.DATES: lambda _: st.lists(DAYS, max_size=3),
    FactType.INSTANT: lambda _: st.builds(datetime.combine, DAYS, st.times(), st.just(SHANGHAI)),
    FactType.CHOICE: lambda fact: st.sampled_from(sorted(fact.choices)),
    FactType.CHOICES: lambda fact: st.lists(st.sampled_from(sorted(fact.choices))),
    # Without braces: what is stated stands in the words as it is, and is no field left open.
    FactType.TEXT: lambda _: st.text(st.characters(codec="utf-8", exclude_characters="{}")),
}


def consistent(facts):
    return not any(contradiction.holds(facts) for contradiction in rulebook().law.contradictions)


STATED = st.fixed_dictionaries(
    {}, optional={name: OF_TYPE[fact.type](fact) for name, fact in rulebook().facts.items()}
).filter(consistent)
AS_OF = st.dates(date(2012, 6, 1), date(2028, 12, 31))


def canonical(facts, as_of):
    return rfc8785.dumps(rulebook().evaluate(facts, as_of=as_of).to_json())


@given(STATED, AS_OF, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_same_facts_in_any_order_give_the_same_bytes(facts, as_of, random):
    names = list(facts)
    random.shuffle(names)
    assert canonical(facts, as_of) == canonical({name: facts[name] for name in names}, as_of)


@given(STATED, AS_OF)
@settings(max_examples=100, deadline=None)
def test_a_stored_answer_can_be_asked_again(facts, as_of):
    stored = json.loads(canonical(facts, as_of))
    again = canonical(stored["facts"], date.fromisoformat(stored["as_of"]))
    assert json.loads(again) == stored


@given(STATED, AS_OF)
@settings(max_examples=100, deadline=None)
def test_every_finding_has_its_words_and_every_undetermined_one_its_missing_fact(facts, as_of):
    before = dict(facts)
    answer = rulebook().evaluate(facts, as_of=as_of)
    assert facts == before
    for finding in answer.findings:
        assert all(words and "{" not in words for words in finding.why.values())
        assert bool(finding.missing) == (finding.outcome is Outcome.UNDETERMINED)
    assert set(answer.missing).isdisjoint(facts)
    assert len({owed.key for owed in answer.obligations}) == len(answer.obligations)


@given(STATED, STATED, AS_OF)
@settings(max_examples=100, deadline=None)
def test_a_label_once_determined_is_not_changed_by_more_facts(facts, more, as_of):
    assume(consistent(more | facts))
    first = rulebook().evaluate(facts, as_of=as_of)
    second = rulebook().evaluate(more | facts, as_of=as_of)
    assert first.labels <= second.labels
    assert second.undetermined_labels <= first.undetermined_labels


@given(STATED)
@settings(max_examples=100, deadline=None)
def test_routine_stands_alone_and_only_when_all_others_are_known_not_to_hold(facts):
    answer = rulebook().evaluate(facts, as_of=DAY)
    others = set(Label) - {Label.ROUTINE}
    open_others = answer.undetermined_labels & others
    assert (Label.ROUTINE in answer.labels) == (not answer.labels & others and not open_others)
    assert (Label.ROUTINE in answer.undetermined_labels) == bool(
        not answer.labels & others and open_others
    )


@given(STATED, AS_OF)
@settings(max_examples=100, deadline=None)
def test_the_decision_follows_from_the_findings_it_names(facts, as_of):
    answer = rulebook().evaluate(facts, as_of=as_of)
    outcomes = {answer.finding(rule_id).outcome for rule_id in answer.reasons}
    if answer.decision is Decision.MAY_NOT_RELEASE:
        assert outcomes == {Outcome.BROKEN}
    elif answer.decision is Decision.UNDETERMINED:
        assert outcomes <= {Outcome.UNDETERMINED}
        assert outcomes or answer.undetermined_labels
    else:
        assert outcomes == set()


def test_another_process_gives_the_same_bytes():
    facts = {"removes_defect": True, "notice_fields": ["impact", "purpose"], "function_level": 2}
    code = (
        "import sys, rfc8785; from datetime import date;"
        "from roadworthy.law.rulebook import rulebook;"
        f"e = rulebook().evaluate({facts!r}, as_of=date(2026, 8, 18));"
        "sys.stdout.buffer.write(rfc8785.dumps(e.to_json()))"
    )
    path = ":".join(entry for entry in sys.path if entry)
    for seed in ("1", "2"):
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": path}
        run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
        assert run.stdout == canonical(facts, DAY)


def test_findings_come_by_what_needs_attention_and_obligations_by_when_they_are_due():
    facts = {
        "removes_defect": True, "production_stopped": False, "miit_filing": "accepted",
        "completed_on": "2026-08-17", "planned_release_on": "2026-09-07", "declared_kind": "recall",
    }  # fmt: skip
    answer = rulebook().evaluate(facts, as_of=DAY)
    ranks = [list(Outcome).index(finding.outcome) for finding in answer.findings]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 4
    kinds = [owed.due.kind.value for owed in answer.obligations if not owed.fulfilled]
    order = [
        "immediate", "prompt", "date", "before-release", "before-step", "after-event",
        "keep-until", "continuous",
    ]  # fmt: skip
    assert kinds == sorted(kinds, key=order.index)
    days = [owed.due.date for owed in answer.obligations if owed.due.date and not owed.fulfilled]
    assert days == sorted(days)
    assert answer.obligations[-1].fulfilled


def test_nothing_stated_is_all_undetermined_and_never_a_permission():
    answer = rulebook().evaluate({}, as_of=DAY)
    assert answer.decision is Decision.UNDETERMINED
    assert answer.labels == frozenset()
    assert answer.undetermined_labels == frozenset(Label)
    assert (answer.n45_category, answer.ota22_grade) == (None, None)


def test_an_undetermined_stricter_class_hides_the_milder_one():
    plain = {
        "changes_main_parameters": False,
        "changes_primary_version": False,
        "changes_automation_function": False,
        "affects_regulated_performance": False,
    }
    answer = rulebook().evaluate(plain, as_of=DAY)
    assert (answer.n45_category, answer.ota22_grade) == (None, 1)
    known = plain | {"removes_defect": False, "known_defect_for_same_fault": False}
    assert rulebook().evaluate(known, as_of=DAY).n45_category == "A"


def test_a_class_that_holds_below_an_undetermined_one_is_not_the_answer_yet():
    answer = rulebook().evaluate({"changes_main_parameters": True}, as_of=DAY)
    assert (answer.n45_category, answer.ota22_grade) == (None, None)
    assert answer.scales["n45_category"].all_codes == ("B",)


def test_a_rule_that_does_not_bind_holds_nothing_up():
    book = rulebook()
    (rule,) = book.law.rules["OTA22-01"]
    mild = {"OTA22-01": (replace(rule, binding=False),)}
    draft = replace(book, law=replace(book.law, rules=mild))
    facts = {
        "changes_main_parameters": False,
        "changes_primary_version": False,
        "changes_automation_function": False,
        "affects_regulated_performance": False,
        "removes_defect": False,
        "known_defect_for_same_fault": False,
        "applicant_holds_permit": False,
    }
    assert draft.evaluate(facts, as_of=DAY).finding("OTA22-01").outcome is Outcome.BROKEN
    assert draft.evaluate(facts, as_of=DAY).decision is Decision.MAY_RELEASE
    assert book.evaluate(facts, as_of=DAY).decision is Decision.MAY_NOT_RELEASE


def test_before_the_notice_there_is_no_category():
    facts = {"changes_main_parameters": True, "changes_automation_function": False}
    before = rulebook().evaluate(facts, as_of=date(2025, 2, 27))
    assert (before.n45_category, before.ota22_grade) == (None, 2)
    assert "N45-06" not in {finding.rule_id for finding in before.findings}


def test_a_rule_can_be_asked_alone():
    answer = rulebook().evaluate({"applicant_holds_permit": False}, as_of=DAY, rules=["OTA22-01"])
    assert [finding.rule_id for finding in answer.findings] == ["OTA22-01"]
    assert [f.rule_id for f in answer.held_up(Outcome.BROKEN, Gate.FILING)] == ["OTA22-01"]
    assert answer.held_up(Outcome.BROKEN, Gate.EXECUTION) == ()


def test_the_notice_to_users_holds_up_the_execution_and_not_the_release():
    answer = rulebook().evaluate({"notice_fields": []}, as_of=DAY, rules=["OTA22-08"])
    assert [f.rule_id for f in answer.held_up(Outcome.BROKEN, Gate.EXECUTION)] == ["OTA22-08"]
    assert answer.decision is not Decision.MAY_NOT_RELEASE


def test_a_rule_that_does_not_exist_is_not_found():
    with pytest.raises(NoSuchRule, match="N45-99") as refused:
        rulebook().evaluate({}, as_of=DAY, rules=["N45-99"])
    assert isinstance(refused.value, NotFound)


@pytest.mark.parametrize("provision", ["三(七)", "三（七）"])
def test_a_citation_leads_to_the_words_of_the_provision(provision):
    cited = rulebook().cited(Citation("N45", provision))
    assert cited.provision.name.en == "Part 3 (7)"
    assert "产品变更许可" in [term.official for term in cited.provision.terms]


@pytest.mark.parametrize("citation", [Citation("N45", "九(九)"), Citation("N46", "三(七)")])
def test_a_citation_that_leads_nowhere_is_not_found(citation):
    with pytest.raises(NoSuchProvision, match="no words for"):
        rulebook().cited(citation)


def test_a_card_is_found_by_its_id_and_day():
    assert rulebook().rule("N45-04").grade == "C"
    assert rulebook().rule("N45-04", as_of=date(2025, 2, 28)).id == "N45-04"
    with pytest.raises(NoSuchRule):
        rulebook().rule("N45-04", as_of=date(2025, 2, 27))
    with pytest.raises(NoSuchRule):
        rulebook().rule("N45-99")


def test_a_wrong_fact_is_refused_before_any_rule_is_asked():
    with pytest.raises(UnknownFact, match="removes_defect"):
        rulebook().evaluate({"remove_defect": True}, as_of=DAY)
    with pytest.raises(WrongFact, match="function_level"):
        rulebook().evaluate({"function_level": 7}, as_of=DAY)


def test_an_empty_set_of_labels_has_no_signers():
    with pytest.raises(NotClassified) as refused:
        rulebook().signers([], as_of=DAY)
    assert isinstance(refused.value, Invalid)


def test_before_the_first_rule_on_signatures_nobody_can_be_named():
    with pytest.raises(NoSignersYet, match="2025-02-27"):
        rulebook().signers([Label.ROUTINE], as_of=date(2025, 2, 27))


@given(st.sets(st.sampled_from(sorted(Label)), min_size=1), st.sampled_from(sorted(Label)))
def test_combined_labels_ask_for_what_each_asks_for(labels, more):
    def parties(some):
        required = rulebook().signers(some, as_of=DAY)
        return {(signer.party, signer.purpose) for signer in required}

    assert parties(labels | {more}) == parties(labels) | parties({more})
    assert {"manufacturer", "miit", "samr"} == {party for party, _ in parties(labels)}


def test_a_signer_is_cited():
    (permit,) = (
        signer
        for signer in rulebook().signers([Label.MAIN_PARAM_CHANGE], as_of=DAY)
        if signer.purpose == "product-change-permit"
    )
    told = permit.to_json()
    assert (told["party"], told["grade"]) == ("miit", "C")
    assert told["citation"]["provision"] == {"zh-hans": "三（七）", "en": "Part 3 (7)"}


def test_all_that_nobody_checked_says_so():
    assert all(not pack.verified for pack in rulebook().packs)
    told = rulebook().evaluate({}, as_of=DAY).to_json()
    assert all(not finding["verified"] for finding in told["findings"])
    assert all(not owed["verified"] for owed in told["obligations"])


def test_the_three_dates_of_an_instrument_are_kept_apart():
    notice = rulebook().law.register["N45"]
    assert (notice.made_on, notice.published_on) == (date(2025, 2, 25), date(2025, 2, 28))
    assert notice.in_force_from == date(2025, 2, 28)


def test_an_answer_says_with_what_it_was_given():
    told = rulebook().evaluate({}, as_of=DAY).to_json()
    assert told["pack_digest"] == rulebook().digest
    assert told["rulebook_version"] == rulebook().version == "cn-2026.11"
    assert told["calendar_version"].startswith("chinesecalendar ")
    assert told["engine_version"]


def test_the_digest_of_an_answer_is_that_of_its_canonical_json():
    answer = rulebook().evaluate({"removes_defect": True}, as_of=DAY)
    assert answer.digest == hashlib.sha256(rfc8785.dumps(answer.to_json())).hexdigest()


def test_the_newest_card_is_meant_unless_a_day_is_named():
    old, new = rulebook().law.rules["DAT-16"]
    assert rulebook().rule("DAT-16") is new
    assert rulebook().rule("DAT-16", as_of=date(2024, 12, 31)) is old
    with pytest.raises(NoSuchRule, match="has no rule N45-04"):
        rulebook().rule("N45-04", as_of=date(2025, 2, 27))


def test_a_citation_that_leads_nowhere_is_named():
    with pytest.raises(NoSuchProvision) as refused:
        rulebook().cited(Citation("N45", "九(九)"))
    assert str(Citation("N45", "九(九)")) in str(refused.value)


def test_a_day_out_of_range_is_named():
    with pytest.raises(WrongFact) as refused:
        rulebook().evaluate({}, as_of=date(1989, 12, 31))
    assert str(refused.value) == (
        "The fact as_of cannot be 1989-12-31: it must be a day from 1990-01-01 to 2100-12-31."
    )


def test_a_rule_that_does_not_exist_is_named():
    with pytest.raises(NoSuchRule, match="has no rule N45-99"):
        rulebook().evaluate({}, as_of=DAY, rules=["N45-04", "N45-99"])
