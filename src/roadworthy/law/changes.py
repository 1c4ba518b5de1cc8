"""What would have to be otherwise for another answer: "routine if it removed no defect".

* Only stated yes-or-no facts are turned round, one at a time. Pairs are tried for what a reader
  wishes for (a label to fall away, a routine update, a release that may go out) where no single
  fact is enough. Whatever takes three facts is not looked for.
* A rule's answer follows from the facts it read: only the rules that read a fact are asked again,
  and a pair is tried only if it touches everything that stands in the way.
* At most ``MOST_PAIRS`` pairs are asked for one wish; facts that contradict each other never are.
* A setting is a reading of the law and not a fact of the case: it is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, islice
from typing import Any

from roadworthy.law.evaluation import OF_RELEASE, Decision, Evaluation
from roadworthy.law.labels import Label
from roadworthy.law.rulebook import Rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.rules import explanation, text
from roadworthy.rules.answers import Outcome
from roadworthy.rules.contradictions import Contradictory
from roadworthy.rules.engine import Finding
from roadworthy.rules.facts import FactDefinition, FactType
from roadworthy.rules.text import Text

MOST_PAIRS = 200

Turned = tuple[tuple[FactDefinition, bool], ...]

_IF = Text("“{label}”为“{value}”", "“{label}” were “{value}”")
_AND = Text("且", " and ")
_WHOLE = Text("若{facts}：{labels}{decision}。", "If {facts}: {labels}{decision}.")
_FINDING = Text("若{facts}：{rule} {outcome}。{why}", "If {facts}: {rule} {outcome}. {why}")
_LABELS = Text("法律标签为{labels}；", "labels: {labels}; ")
_NO_LABEL = Text("法律标签未定；", "labels: undetermined; ")
_DECIDED = {
    Decision.MAY_RELEASE: Text("{still}可以发布", "it {still}may be released"),
    Decision.MAY_NOT_RELEASE: Text(
        "{still}不得发布（{rules}）", "it {still}may not be released ({rules})"
    ),
    Decision.UNDETERMINED: Text(
        "能否发布{still}待定", "whether it may be released is {still}undetermined"
    ),
    Decision.NOT_ASKED: Text("不涉及能否发布", "no rule decides about a release"),
}
_STILL = Text("仍", "still ")


@dataclass(frozen=True)
class Change:
    """Facts that would have to be otherwise, and what the answer would be then."""

    facts: Turned
    labels: frozenset[Label]
    decision: Decision
    words: Text

    def to_json(self) -> dict[str, Any]:
        return {
            "facts": {fact.name: value for fact, value in self.facts},
            "labels": sorted(self.labels),
            "decision": self.decision,
            "words": self.words.to_json(),
        }


@dataclass(frozen=True)
class FindingChange:
    """Facts that would have to be otherwise for one rule to answer otherwise."""

    facts: Turned
    outcome: Outcome
    words: Text

    def to_json(self) -> dict[str, Any]:
        return {
            "facts": {fact.name: value for fact, value in self.facts},
            "outcome": self.outcome,
            "words": self.words.to_json(),
        }


@dataclass(frozen=True)
class _Wish:
    """Something to be reached, and the findings each of which has to change for it."""

    reached: Callable[[Evaluation], bool]
    in_the_way: tuple[Finding, ...]


def would_change(
    book: Rulebook,
    facts: Mapping[str, Any],
    *,
    as_of: date,
    about: Iterable[Topic] | None = None,
    jurisdiction: Jurisdiction = Jurisdiction.CN,
) -> tuple[Change, ...]:
    """Return the changes of stated yes-or-no facts that would change the labels or the decision.

    Raises:
        UnknownFact, WrongFact, Contradictory: as ``Rulebook.evaluate`` refuses the facts.
    """
    told = book.evaluate(facts, as_of=as_of, about=about, jurisdiction=jurisdiction)
    told = replace(told, findings=tuple(f for f in told.findings if _decides(f)))
    found = [
        (turned, after)
        for turned, after in _tried(book, told, _singles(told, (*told.findings, *_tests(told))))
        if _answer(after) != _answer(told)
    ]
    for wish in _wishes(told):
        if not any(wish.reached(after) for _, after in found):
            pairs = _tried(book, told, _pairs(told, wish.in_the_way))
            found += [pair for pair in pairs if wish.reached(pair[1])]
    seen = {
        tuple((fact.name, value) for fact, value in turned): (turned, after)
        for turned, after in found
    }
    return tuple(_change(told, turned, after) for turned, after in seen.values())


def finding_would_change(
    book: Rulebook, facts: Mapping[str, Any], rule_id: str, *, as_of: date
) -> tuple[FindingChange, ...]:
    """Return the changes of stated yes-or-no facts that would change one rule's outcome.

    Pairs are returned only where no single fact changes it. A rule that is not in force on the
    day has no outcome that could change.

    Raises:
        NoSuchRule: the rulebook has no such rule.
        UnknownFact, WrongFact, Contradictory: as ``Rulebook.evaluate`` refuses the facts.
    """
    told = book.evaluate(facts, as_of=as_of, rules=[rule_id])
    if not told.findings:
        return ()
    outcome = told.finding(rule_id).outcome
    for candidates in (_singles(told, told.findings), _pairs(told, told.findings)):
        found = tuple(
            _finding_change(turned, after.finding(rule_id))
            for turned, after in _tried(book, told, candidates)
            if after.finding(rule_id).outcome != outcome
        )
        if found:
            return found
    return ()


# What can be turned round


def _turnable(
    told: Evaluation, findings: Iterable[Finding]
) -> dict[str, tuple[FactDefinition, bool]]:
    """Return the stated yes-or-no facts that the findings read, each with its other value."""
    return {
        read.definition.name: (read.definition, not read.value)
        for finding in findings
        for read in finding.facts
        if read.definition.type is FactType.BOOL
        and read.definition.default is None
        and read.definition.name in told.facts
    }


def _singles(told: Evaluation, findings: Iterable[Finding]) -> Iterator[Turned]:
    return ((turned,) for turned in _turnable(told, findings).values())


def _pairs(told: Evaluation, in_the_way: tuple[Finding, ...]) -> Iterator[Turned]:
    """Yield the pairs that touch each finding that is in the way."""
    read_by = [_read(finding) for finding in in_the_way]
    pairs = combinations(_turnable(told, in_the_way).values(), 2)
    touching = (
        pair for pair in pairs if all({fact.name for fact, _ in pair} & read for read in read_by)
    )
    return islice(touching, MOST_PAIRS)


def _read(finding: Finding) -> set[str]:
    return {read.definition.name for read in finding.facts}


def _tests(told: Evaluation) -> Iterator[Finding]:
    return (c.finding for c in told.classification if c.finding)


def _decides(finding: Finding) -> bool:
    return finding.binding and finding.gate in OF_RELEASE


def _answer(told: Evaluation) -> tuple[Any, ...]:
    return told.labels, told.decision


def _wishes(told: Evaluation) -> Iterator[_Wish]:
    for classified in told.classification:
        if classified.holds and classified.finding:
            yield _Wish(_without(classified.label), (classified.finding,))
    if told.classification and Label.ROUTINE not in told.labels:
        others = [c.finding for c in told.classification if c.holds is not False and c.finding]
        yield _Wish(lambda after: Label.ROUTINE in after.labels, tuple(others))
    if told.decision not in {Decision.MAY_RELEASE, Decision.NOT_ASKED}:
        open_tests = [c.finding for c in told.classification if c.holds is None and c.finding]
        held_up = (*told.held_up(Outcome.BROKEN), *told.held_up(Outcome.UNDETERMINED))
        yield _Wish(lambda after: after.decision is Decision.MAY_RELEASE, (*held_up, *open_tests))


def _without(label: Label) -> Callable[[Evaluation], bool]:
    return lambda after: label not in after.labels | after.undetermined_labels


# What the answer would be


def _tried(
    book: Rulebook, told: Evaluation, candidates: Iterable[Turned]
) -> Iterator[tuple[Turned, Evaluation]]:
    """Ask again the rules that read a fact that was turned round; the others answer as before."""
    for turned in candidates:
        names = {fact.name for fact, _ in turned}
        affected = {f.rule_id for f in told.findings if names & _read(f)}
        otherwise = {**told.facts, **{fact.name: value for fact, value in turned}}
        try:
            asked = book.evaluate(
                otherwise, as_of=told.as_of, rules=affected, jurisdiction=told.jurisdiction
            )
        except Contradictory:
            continue
        anew = {finding.rule_id: finding for finding in asked.findings}
        yield turned, replace(asked, findings=tuple(anew.get(f.rule_id, f) for f in told.findings))


# In words


def _change(told: Evaluation, turned: Turned, after: Evaluation) -> Change:
    fields = {
        "facts": _turned(turned),
        "labels": _labels(after),
        "decision": _decision(told, after),
    }
    return Change(turned, after.labels, after.decision, _WHOLE.fill(fields))


def _finding_change(turned: Turned, finding: Finding) -> FindingChange:
    fields = {
        "facts": _turned(turned),
        "rule": text.same(finding.rule_id),
        "outcome": text.parse(explanation.OUTCOMES[finding.outcome]),
        "why": finding.why,
    }
    return FindingChange(turned, finding.outcome, _FINDING.fill(fields))


def _turned(turned: Turned) -> Text:
    one, *more = (
        _IF.fill({"label": fact.label, "value": fact.shown(value)}) for fact, value in turned
    )
    return sum((_AND + each for each in more), one)


def _labels(after: Evaluation) -> Text:
    if not after.classification:
        return text.NOTHING
    held = [c.title for c in after.classification if c.holds]
    return _LABELS.fill({"labels": text.listed(held)}) if held else _NO_LABEL


def _decision(told: Evaluation, after: Evaluation) -> Text:
    still = _STILL if after.decision is told.decision else text.NOTHING
    rules = text.listed(text.same(rule_id) for rule_id in after.reasons)
    return _DECIDED[after.decision].fill({"still": still, "rules": rules})
