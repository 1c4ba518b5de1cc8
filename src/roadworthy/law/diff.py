"""The same facts on two days: what the law says otherwise, and which rule or value made it so.

Only the day differs. Whatever the two answers have in common is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from roadworthy.law.evaluation import Decision, Evaluation, Upcoming
from roadworthy.law.rulebook import Rulebook
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.rules import explanation, text
from roadworthy.rules.answers import DueKind
from roadworthy.rules.cards import Rule
from roadworthy.rules.engine import Finding, Obligation
from roadworthy.rules.parameters import Value
from roadworthy.rules.text import Text

SCHEMA = "roadworthy/difference/1"


@dataclass(frozen=True)
class OtherFinding:
    """A rule that was asked on both days and answered otherwise."""

    before: Finding
    after: Finding

    def to_json(self) -> dict[str, Any]:
        return {
            "rule_id": self.after.rule_id,
            "title": self.after.title.to_json(),
            "before": _told(self.before),
            "after": _told(self.after),
        }


@dataclass(frozen=True)
class OtherValue:
    """A parameter that the rules read on both days and that had changed between them."""

    before: Value
    after: Value

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.after.name,
            "label": self.after.label.to_json(),
            "before": self.before.to_json(),
            "after": self.after.to_json(),
        }


@dataclass(frozen=True)
class OtherObligation:
    """Something owed: only before (after is None), only after (before is None), or otherwise."""

    before: Obligation | None
    after: Obligation | None

    @property
    def newest(self) -> Obligation:
        found = self.after or self.before
        if found is None:
            raise ValueError("owed on neither day")
        return found

    def to_json(self) -> dict[str, Any]:
        return {
            "before": self.before.to_json() if self.before else None,
            "after": self.after.to_json() if self.after else None,
        }


@dataclass(frozen=True)
class Difference:
    before: Evaluation
    after: Evaluation
    began: tuple[Rule, ...]  # in force on the second day only
    ended: tuple[Rule, ...]  # in force on the first day only
    amended: tuple[Rule, ...]  # in force on both, by another card on the second
    findings: tuple[OtherFinding, ...]
    values: tuple[OtherValue, ...]
    obligations: tuple[OtherObligation, ...]
    announced: tuple[Upcoming, ...]  # published between the days, not in force on the second

    @property
    def is_empty(self) -> bool:
        return not self.words

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "before": _summary(self.before),
            "after": _summary(self.after),
            "began": [_named(rule) for rule in self.began],
            "ended": [_named(rule) for rule in self.ended],
            "amended": [_named(rule) for rule in self.amended],
            "findings": [each.to_json() for each in self.findings],
            "values": [each.to_json() for each in self.values],
            "obligations": [each.to_json() for each in self.obligations],
            "announced": [rule.to_json() for rule in self.announced],
            "words": [line.to_json() for line in self.words],
        }

    @property
    def words(self) -> tuple[Text, ...]:
        """One sentence for each thing that differs."""
        return tuple(_lines(self))


def diff(
    book: Rulebook,
    facts: Mapping[str, Any],
    *,
    between: tuple[date, date],
    about: Iterable[Topic] | None = None,
    jurisdiction: Jurisdiction = Jurisdiction.CN,
) -> Difference:
    """Ask the same about the same facts on two days and return what the later one has otherwise.

    Without ``about`` both days are asked about every topic that the facts touch on either.

    Raises:
        UnknownFact, WrongFact, Contradictory: as ``Rulebook.evaluate`` refuses the facts.
    """
    asked = before, after = min(between), max(between)
    one, other = (
        book.evaluate(facts, as_of=day, about=about, jurisdiction=jurisdiction) for day in asked
    )
    if one.about != other.about:
        both = {*one.about, *other.about}
        one, other = (
            book.evaluate(facts, as_of=day, about=both, jurisdiction=jurisdiction) for day in asked
        )
    was, now = ({f.rule_id: f for f in each.findings} for each in (one, other))
    kept = sorted(was.keys() & now.keys())
    amended = [i for i in kept if _since(book, i, before) != _since(book, i, after)]
    known = {(each.rule.id, each.rule.applies.since) for each in one.upcoming}
    return Difference(
        before=one,
        after=other,
        began=tuple(book.rule(rule_id, as_of=after) for rule_id in sorted(now.keys() - was)),
        ended=tuple(book.rule(rule_id, as_of=before) for rule_id in sorted(was.keys() - now)),
        amended=tuple(book.rule(rule_id, as_of=after) for rule_id in amended),
        findings=tuple(
            OtherFinding(was[rule_id], now[rule_id])
            for rule_id in kept
            if was[rule_id].outcome != now[rule_id].outcome
            or was[rule_id].reason != now[rule_id].reason
        ),
        values=tuple(_other_values(one, other)),
        obligations=tuple(_other_obligations(one, other)),
        announced=tuple(
            each for each in other.upcoming if (each.rule.id, each.rule.applies.since) not in known
        ),
    )


def _other_values(one: Evaluation, other: Evaluation) -> Iterator[OtherValue]:
    was, now = ({v.name: v for v in _values(each)} for each in (one, other))
    for name in sorted(was.keys() & now.keys()):
        if was[name].applies_from != now[name].applies_from:
            yield OtherValue(was[name], now[name])


def _values(told: Evaluation) -> Iterator[Value]:
    for finding in (*(c.finding for c in told.classification if c.finding), *told.findings):
        yield from finding.values


def _other_obligations(one: Evaluation, other: Evaluation) -> Iterator[OtherObligation]:
    was, now = ({o.key: o for o in each.obligations} for each in (one, other))
    for key in dict.fromkeys((*now, *was)):
        before, after = was.get(key), now.get(key)
        if before is None or after is None or before.to_json() != after.to_json():
            yield OtherObligation(before, after)


def _since(book: Rulebook, rule_id: str, day: date) -> date:
    return book.rule(rule_id, as_of=day).applies.since


# As JSON


def _summary(told: Evaluation) -> dict[str, Any]:
    whole = told.to_json()
    kept = (
        "as_of", "jurisdiction", "about", "labels", "undetermined_labels", "n45_category",
        "ota22_grade", "decision", "reasons", "tally",
    )  # fmt: skip
    return {**{name: whole[name] for name in kept}, "sha256": told.digest}


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "outcome": finding.outcome,
        "reason": finding.reason,
        "why": finding.why.to_json(),
    }


def _named(rule: Rule) -> dict[str, Any]:
    return {
        "rule_id": rule.id,
        "title": rule.title.to_json(),
        "from": rule.applies.since.isoformat(),
        "until": rule.applies.until.isoformat() if rule.applies.until else None,
        "citation": rule.source.named(),
        "grade": rule.grade,
        "binding": rule.binding,
        "verified": bool(rule.verified_by),
    }


# In words

_DECISIONS = {
    Decision.MAY_RELEASE: Text("可以发布", "may be released"),
    Decision.MAY_NOT_RELEASE: Text("不得发布", "may not be released"),
    Decision.UNDETERMINED: Text("待定", "undetermined"),
    Decision.NOT_ASKED: Text("未涉及", "not asked"),
}
_NO_LABEL = Text("未定", "undetermined")
_LABELS = Text("法律标签：{before}→{after}。", "Labels: {before} → {after}.")
_DECISION = Text("能否发布：{before}→{after}。", "Release: {before} → {after}.")
_BEGAN = Text("自{day}起施行：{title}（{rule}）。", "In force from {day}: {title} ({rule}).")
_ENDED = Text(
    "自{day}起失效：{title}（{rule}）。", "No longer in force from {day}: {title} ({rule})."
)
_AMENDED = Text("自{day}起修改：{title}（{rule}）。", "Amended from {day}: {title} ({rule}).")
_OTHER = Text(
    "{title}（{rule}）：{before}→{after}。{why}", "{title} ({rule}): {before} → {after}. {why}"
)
_VALUE = Text(
    "{label}：{before}→{after}（自{day}起）。", "{label}: {before} → {after} (from {day})."
)
_OWED = Text("新增义务：{title}（{key}），{after}。", "Newly owed: {title} ({key}), {after}.")
_NOT_OWED = Text("不再负有：{title}（{key}）。", "No longer owed: {title} ({key}).")
_OWED_OTHERWISE = Text(
    "义务变化：{title}（{key}），{before}→{after}。",
    "Owed otherwise: {title} ({key}), {before} → {after}.",
)
_DONE = Text("，已履行", ", done")
_WORDED = frozenset({DueKind.AFTER_EVENT, DueKind.BEFORE_STEP})  # no day yet: say after what
_ANNOUNCED = Text(
    "已公布，自{day}起施行：{title}（{rule}）。",
    "Published, in force from {day}: {title} ({rule}).",
)


def _lines(found: Difference) -> Iterator[Text]:
    one, other = found.before, found.after
    if (one.labels, one.undetermined_labels) != (other.labels, other.undetermined_labels):
        yield _LABELS.fill({"before": _labels(one), "after": _labels(other)})
    if one.decision is not other.decision:
        yield _DECISION.fill(
            {"before": _DECISIONS[one.decision], "after": _DECISIONS[other.decision]}
        )
    yield from (_BEGAN.fill(_rule(rule, rule.applies.since)) for rule in found.began)
    yield from (_ENDED.fill(_rule(rule, rule.applies.until)) for rule in found.ended)
    yield from (_AMENDED.fill(_rule(rule, rule.applies.since)) for rule in found.amended)
    yield from map(_finding_line, found.findings)
    yield from map(_value_line, found.values)
    yield from map(_obligation_line, found.obligations)
    for each in found.announced:
        yield _ANNOUNCED.fill(_rule(each.rule, each.rule.applies.since))


def _rule(rule: Rule, day: date | None) -> dict[str, Text]:
    return {"rule": text.same(rule.id), "title": rule.title, "day": text.shown(day)}


def _labels(told: Evaluation) -> Text:
    return text.listed(c.title for c in told.classification if c.holds) or _NO_LABEL


def _finding_line(each: OtherFinding) -> Text:
    was, now = (text.parse(explanation.OUTCOMES[f.outcome]) for f in (each.before, each.after))
    fields = {"before": was, "after": now, "why": each.after.why}
    return _OTHER.fill({**fields, "rule": text.same(each.after.rule_id), "title": each.after.title})


def _value_line(each: OtherValue) -> Text:
    return _VALUE.fill(
        {
            "label": each.after.label,
            "before": each.before.shown,
            "after": each.after.shown,
            "day": text.day(max(each.before.applies_from, each.after.applies_from)),
        }
    )


def _obligation_line(each: OtherObligation) -> Text:
    named = each.newest
    words = _OWED_OTHERWISE if each.before and each.after else _OWED if each.after else _NOT_OWED
    return words.fill(
        {
            "title": named.title,
            "key": text.same(named.key),
            "before": _due(each.before),
            "after": _due(each.after),
        }
    )


def _due(owed: Obligation | None) -> Text:
    if owed is None:
        return text.NOTHING
    when = owed.due.basis if owed.due.kind in _WORDED else owed.due.shown
    return when + _DONE if owed.fulfilled else when
