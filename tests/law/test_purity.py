"""Every rule answers from the facts it reads, from nothing else, and the same each time.

The questions start from the packs' own cases, because facts drawn at random rarely get past a
rule's first question; then a second case, or one fact more, is laid over them.
"""

import ast
import inspect
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import roadworthy.law
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.law import PACKS
from roadworthy.law.rulebook import rulebook
from roadworthy.rules import engine, strict_yaml
from roadworthy.rules.facts import EARLIEST, LATEST, FactType
from roadworthy.rules.reading import NOW

LAW = Path(roadworthy.law.__file__).parent
EVERY_RULE = sorted(rulebook().law.rules)

# Written down only when somebody states them, so a finding does not show that it looked for them.
UNSEEN = {
    NOW: "the clock that a period of hours is judged by; without it the day decides",
    "own_hours_immediate": "a setting put beside the law's words, never instead of them",
    "own_hours_prompt": "a setting put beside the law's words, never instead of them",
}

# No rule or label reads these.
NOT_READ = {
    "function_kind": "it refuses answers that contradict the level (contradictions.yaml)",
}

DAYS = st.one_of(st.dates(date(2024, 1, 1), date(2028, 12, 31)), st.dates(EARLIEST, LATEST))
OF_TYPE = {
    FactType.BOOL: lambda _: st.booleans(),
    FactType.INT: lambda fact: st.integers(fact.minimum, fact.maximum),
    FactType.DATE: lambda _: DAYS,
    FactType.DATES: lambda _: st.lists(DAYS, max_size=3),
    FactType.INSTANT: lambda _: st.builds(datetime.combine, DAYS, st.times(), st.just(SHANGHAI)),
    FactType.CHOICE: lambda fact: st.sampled_from(sorted(fact.choices)),
    FactType.CHOICES: lambda fact: st.lists(st.sampled_from(sorted(fact.choices))),
    FactType.TEXT: lambda _: st.text(st.characters(codec="utf-8"), max_size=20),
}


@cache
def cases_in(path):
    """The day and the facts of each case of a file."""
    raw = strict_yaml.load(path.read_text(encoding="utf-8"))
    return [(date.fromisoformat(case["as_of"]), case["facts"]) for case in raw]


@cache
def cases():
    """The same of each case of each pack."""
    paths = sorted(path for pack in PACKS for path in (LAW / pack / "cases").glob("*.yaml"))
    return [case for path in paths for case in cases_in(path)]


def consistent(facts):
    return not any(contradiction.holds(facts) for contradiction in rulebook().law.contradictions)


@st.composite
def questions(draw):
    """A day and facts: a case's, mostly with another case's laid over."""
    as_of, facts = draw(st.sampled_from(cases()))
    _, over = draw(st.sampled_from(cases()))
    facts = facts | over if draw(st.booleans()) else dict(facts)
    assume(consistent(facts))
    return as_of, facts


@st.composite
def one_more(draw, facts):
    """A fact that was not stated, with a value."""
    vocabulary = rulebook().facts
    name = draw(st.sampled_from(sorted(set(vocabulary) - set(facts))))
    return name, draw(OF_TYPE[vocabulary[name].type](vocabulary[name]))


def ask(facts, as_of, rules=None):
    """Return the findings of rules (all, unless named) of every jurisdiction, by rule."""
    answer = rulebook().evaluate(facts, as_of=as_of, rules=EVERY_RULE if rules is None else rules)
    return {finding.rule_id: finding for finding in answer.findings}


def read_by(finding):
    """The facts that a rule looked for: those it found, and those that it says are missing."""
    found = {read.definition.name for read in finding.facts}
    return found | {fact.name for fact in finding.missing}


def what_it_says(finding):
    """A finding without its trace.

    A label that stays open is moot once another label holds; the trace then shows what the open
    one lacks as not stated, and gets longer when it is stated. What the rule says stays.
    """
    return replace(finding, facts_read={}, values=())


@given(questions())
@settings(max_examples=150, deadline=None)
def test_asked_twice_every_rule_gives_the_same_finding(question):
    as_of, facts = question
    assert ask(facts, as_of) == ask(facts, as_of)


@given(questions(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_facts_and_of_rules_changes_no_finding(question, random):
    as_of, facts = question
    names, rules = list(facts), list(EVERY_RULE)
    random.shuffle(names)
    random.shuffle(rules)
    assert ask({name: facts[name] for name in names}, as_of, rules) == ask(facts, as_of)


@given(questions(), st.sampled_from(EVERY_RULE))
@settings(max_examples=200, deadline=None)
def test_a_rule_asked_alone_answers_as_among_all_others(question, rule):
    as_of, facts = question
    assert ask(facts, as_of, [rule]).get(rule) == ask(facts, as_of).get(rule)


@given(questions(), st.data())
@settings(max_examples=400, deadline=None)
def test_a_fact_that_a_rule_did_not_read_changes_nothing_about_its_finding(question, data):
    as_of, facts = question
    name, value = data.draw(one_more(facts))
    assume(name not in UNSEEN and consistent(facts | {name: value}))
    before, after = ask(facts, as_of), ask(facts | {name: value}, as_of)
    assert set(before) == set(after)
    for rule, finding in before.items():
        if name not in read_by(finding):
            told = f"{rule} looked at {name} and does not say so"
            assert what_it_says(after[rule]) == what_it_says(finding), told


class Watched(dict):
    """Stated facts that remember which of them somebody asked for."""

    def __init__(self, facts):
        super().__init__(facts)
        self.asked = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name):
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.asked.add(name)
        return super().__contains__(name)


CARDS = [version for rule in EVERY_RULE for version in rulebook().law.rules[rule]]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: f"{card.id} from {card.applies.since}")
def test_a_rule_asks_for_nothing_that_its_finding_does_not_show(card):
    path = Path(inspect.getsourcefile(card.check))
    for as_of, facts in cases_in(path.parents[1] / "cases" / f"{path.stem}.yaml"):
        ground = rulebook()._ground(facts, as_of)
        stated = Watched(ground.stated)
        for finding in engine.evaluate([card], replace(ground, stated=stated)):
            assert stated.asked - read_by(finding) <= set(UNSEEN)


@given(questions(), st.data())
@settings(max_examples=400, deadline=None)
def test_a_label_is_never_lost_by_one_fact_more(question, data):
    as_of, facts = question
    name, value = data.draw(one_more(facts))
    assume(consistent(facts | {name: value}))
    first = rulebook().evaluate(facts, as_of=as_of, rules=[])
    second = rulebook().evaluate(facts | {name: value}, as_of=as_of, rules=[])
    assert first.labels <= second.labels
    assert second.undetermined_labels <= first.undetermined_labels


@given(questions(), st.data())
@settings(max_examples=200, deadline=None)
def test_what_a_finding_lacks_is_what_would_be_read_next(question, data):
    """A missing fact, once stated, is a fact that the rule shows it has read."""
    as_of, facts = question
    lacking = [finding for finding in ask(facts, as_of).values() if finding.missing]
    assume(lacking)
    finding = data.draw(st.sampled_from(sorted(lacking, key=lambda each: each.rule_id)))
    fact = data.draw(st.sampled_from(finding.missing))
    facts = facts | {fact.name: data.draw(OF_TYPE[fact.type](fact))}
    assume(consistent(facts))
    (answered,) = ask(facts, as_of, [finding.rule_id]).values()
    assert fact.name in {read.definition.name for read in answered.facts}
    assert fact.name not in {still.name for still in answered.missing}


@pytest.mark.parametrize("pack", PACKS)
def test_every_fact_of_a_pack_is_read_by_somebody_or_says_why_not(pack):
    path = LAW / pack / "facts.yaml"
    declared = strict_yaml.load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    unread = set(declared) - words_in_python() - set(NOT_READ)
    assert [
        name for name in sorted(unread) if not any(map(name.startswith, begun_in_python()))
    ] == []


def test_what_is_listed_as_unread_or_unseen_is_in_the_vocabulary():
    assert set(NOT_READ) | set(UNSEEN) <= set(rulebook().facts)


@cache
def words_in_python():
    """Every string in the packs' and the engine's Python: a fact that is read is named in one."""
    return words_in(python())


@cache
def begun_in_python():
    """What names put together from parts begin with: f"standards_at_{target}"."""
    return {
        node.values[0].value
        for path in python()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
    }


def python():
    return [path for folder in (LAW, LAW.parent / "rules") for path in folder.rglob("*.py")]


def words_in(files):
    return {
        node.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
