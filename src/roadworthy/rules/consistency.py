"""What holds between the files of all packs, once each file by itself is well formed.

A rule cannot be older or better evidenced than the instrument it rests on, and whatever is named
in one place exists in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from string import Formatter

from roadworthy.rules.cards import Rule, Scale, SignerRequirement
from roadworthy.rules.contradictions import Contradiction
from roadworthy.rules.facts import FactDefinition, WrongFact
from roadworthy.rules.instruments import Cited, Grade
from roadworthy.rules.parameters import Parameter
from roadworthy.rules.text import Text

MISSING = "missing"  # the reason of a finding that lacks a fact; a card may put its own words

Fault = tuple[str, str]  # what is at fault, and why


def faults(
    *,
    facts: Mapping[str, FactDefinition],
    parameters: Iterable[Parameter],
    labels: Mapping[str, Iterable[Rule]],
    rules: Mapping[str, Iterable[Rule]],
    scales: Iterable[Scale],
    signers: Iterable[SignerRequirement],
    contradictions: Iterable[Contradiction] = (),
) -> Iterator[Fault]:
    """Yield what does not fit together."""
    for name, fact in facts.items():
        yield from _default(name, fact)
    for contradiction in contradictions:
        yield from contradiction.faults(facts)
    for parameter in parameters:
        for value in parameter.values:
            yield from _basis(parameter.name, value.source, value.applies_from, value.grade)
    for rule in chain.from_iterable((*labels.values(), *rules.values())):
        yield from _rule(rule, rules)
    for scale in scales:
        yield from _basis(scale.name, scale.source, scale.applies.since, scale.grade)
        for rung in scale.classes:
            yield from _known(scale.name, rung.any_of, labels)
    for signer in signers:
        name = f"{signer.party}.{signer.purpose}"
        yield from _basis(name, signer.source, signer.applies.since, signer.grade)
        yield from _known(name, signer.labels, labels)


def _default(name: str, fact: FactDefinition) -> Iterator[Fault]:
    try:
        if fact.default is not None:
            fact.read(fact.default)
    except WrongFact as wrong:
        yield name, str(wrong)


def _rule(rule: Rule, rules: Mapping[str, Iterable[Rule]]) -> Iterator[Fault]:
    yield from _basis(rule.id, rule.source, rule.applies.since, rule.grade)
    yield from _words(rule)
    if rule.id in rules and not rule.topics:
        yield rule.id, "it names no topic, so nobody would ask it"
    if rule.binding and rule.source.instrument.in_force_from is None:
        yield rule.id, f"it binds, but {rule.source.instrument.key} is a draft"
    if rule.basis_rule and rule.basis_rule not in rules:
        yield rule.id, f"there is no rule {rule.basis_rule}"


def _basis(name: str, source: Cited, since: date, grade: Grade) -> Iterator[Fault]:
    act = source.instrument
    first = act.in_force_from or act.published_on  # a draft can be watched once it is published
    if first and since < first:
        state = "in force from" if act.in_force_from else "published on"
        yield name, f"it applies from {since}, but {act.key} is {state} {first}"
    if grade < act.grade:
        yield name, f"it claims evidence of grade {grade}, but {act.key} has {act.grade}"


def _words(rule: Rule) -> Iterator[Fault]:
    missing = rule.reasons.get(MISSING)
    if missing and _fields(missing) - {MISSING}:
        yield rule.id, "what is missing cannot be put into other words than {missing}"
    for reason, words in rule.reasons.items():
        chinese, english = (_fields_of(words[language]) for language in words)
        if chinese != english:
            yield rule.id, f"the languages of {reason} do not tell the same facts"


def _fields(words: Text) -> set[str]:
    return _fields_of(words.zh_hans) | _fields_of(words.en)


def _fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _known(name: str, wanted: Iterable[str], labels: Iterable[str]) -> Iterator[Fault]:
    for label in sorted(set(wanted) - set(labels)):
        yield name, f"there is no label {label}"
