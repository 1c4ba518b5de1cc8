"""The rulebook's answers as lines of a terminal, in one language.

Law is not interface text: the words come from the packs in both languages, and so do these.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table

from roadworthy.law import topics
from roadworthy.law.changes import Change, FindingChange
from roadworthy.law.diff import Difference
from roadworthy.law.evaluation import Decision, Evaluation
from roadworthy.rules import explanation, text
from roadworthy.rules.answers import DueKind, Outcome
from roadworthy.rules.cards import Rule
from roadworthy.rules.engine import Finding, Obligation
from roadworthy.rules.text import Text
from roadworthy.rules.tree import drawn, tree

LANGUAGE = {"zh": "zh-hans", "en": "en"}
WIDTH, NARROW = 140, 16  # where nobody looks at a terminal; the column of headings
_MARKS = {"broken": "✗", "undetermined": "?", "met": "✓", "not-applicable": "–"}
_UNVERIFIED = Text("（未经人工核对）", " [unverified]")
_DRAFT = Text("（草案，不具约束力）", " [draft, not binding]")

_HEADINGS = {
    "labels": Text("法律标签", "Labels"),
    "decision": Text("能否发布", "Release"),
    "attention": Text("须处理", "Needs attention"),
    "obligations": Text("义务", "Obligations"),
    "upcoming": Text("已公布、尚未施行", "Published, not yet in force"),
    "changes": Text("何种情形下结论会改变", "What would change the answer"),
    "counts": Text("合计", "In all"),
}
_DECISIONS = {
    Decision.MAY_RELEASE: Text("可以发布。", "It may be released."),
    Decision.MAY_NOT_RELEASE: Text("不得发布：", "It may not be released:"),
    Decision.UNDETERMINED: Text("待定：", "Undetermined:"),
    Decision.NOT_ASKED: Text(
        "所问规则不涉及能否发布。", "None of the rules that were asked decides about a release."
    ),
}
_HEAD = Text("{where}，截至{day}，主题：{topics}", "{where}, as of {day}, about: {topics}")
_HOLDS = Text("{title}：{why}", "{title}: {why}")
_OPEN = Text("{title}待定：{why}", "{title} is undetermined: {why}")
_NO_LABELS = Text("本法域没有法律标签。", "This jurisdiction has no labels.")
_SCALE = Text("{title}：{code}（{words}）", "{title}: {code} ({words})")
_FROM = Text("{day}起：{title}（{rule}）", "from {day}: {title} ({rule})")
_COUNTS = Text(
    "不符合{broken}，待定{undetermined}，符合{met}，不适用{na}",
    "{broken} broken, {undetermined} undetermined, {met} met, {na} not applicable",
)
_OWED = Text("{when}：{title}（{key}）", "{when}: {title} ({key})")
_BASIS = Text("，{basis}", ", {basis}")
# These say by themselves when it is due.
_TELLING = frozenset(
    {DueKind.IMMEDIATE, DueKind.PROMPT, DueKind.BEFORE_RELEASE, DueKind.CONTINUOUS}
)
_DONE = Text("，已履行", ", done")
_PROVISIONAL = Text("，暂定", ", provisional")
_NOTHING = Text("无", "none")
_IDLE = Text(
    "{rule}（{title}）在{day}不适用：自{since}起适用。",
    "{rule} ({title}) is not in force on {day}; it applies from {since}.",
)
_ENDED = Text(
    "{rule}（{title}）在{day}不适用：至{until}为止。",
    "{rule} ({title}) is not in force on {day}; it applied until {until}.",
)
_SAME = Text("两日之间没有变化。", "Nothing differs between these days.")
_BETWEEN = Text("从{one}到{other}：", "From {one} to {other}:")
_CHANGES = Text("何种情形下结论会改变：", "What would change the outcome:")

Section = tuple[Text, list[str]]


@dataclass(frozen=True)
class Told:
    """An answer, and what would have to change for another."""

    answer: Evaluation
    changes: tuple[Change, ...]


def print_answers(every: Sequence[Told], lang: str) -> None:
    """Print one answer below its headings, or several side by side."""
    spoken, answers = LANGUAGE[lang], [each.answer for each in every]
    told = [list(_sections(each, spoken)) for each in every]
    if len(answers) == 1:
        click.echo(_head(answers[0])[spoken])
        for heading, lines in told[0]:
            click.echo(f"\n{heading[spoken]}")
            for line in lines:
                click.echo(f"  {line}")
        return
    heads = (Column(_head(answer)[spoken], ratio=1) for answer in answers)
    table = Table(Column("", max_width=NARROW), *heads, show_lines=True)
    for row in zip(*told, strict=True):
        table.add_row(row[0][0][spoken], *("\n".join(lines) for _, lines in row))
    Console(width=None if sys.stdout.isatty() else WIDTH, markup=False, highlight=False).print(
        table
    )


def print_explanation(finding: Any, otherwise: Iterable[FindingChange], lang: str) -> None:
    """Print a finding at length, as a tree, and what would change it."""
    spoken = LANGUAGE[lang]
    click.echo(explanation.explain(finding).long[spoken])
    click.echo()
    click.echo("\n".join(drawn(tree(finding), spoken)))
    changes = [change.words[spoken] for change in otherwise]
    if changes:
        click.echo(f"\n{_CHANGES[spoken]}")
        click.echo("\n".join(f"  {line}" for line in changes))
    click.echo()


def print_not_in_force(rule: Rule, day: date, lang: str) -> None:
    """Say from when a rule applies, or until when it did."""
    over = rule.applies.until is not None and rule.applies.until <= day
    words = _ENDED if over else _IDLE
    fields = {
        "rule": text.same(rule.id),
        "title": rule.title,
        "day": text.day(day),
        "since": text.day(rule.applies.since),
        "until": text.shown(rule.applies.until),
    }
    click.echo(words.fill(fields)[LANGUAGE[lang]])


def print_difference(found: Difference, lang: str) -> None:
    """Print one line for each thing that differs."""
    spoken = LANGUAGE[lang]
    if found.is_empty:
        click.echo(_SAME[spoken])
        return
    days = {"one": text.day(found.before.as_of), "other": text.day(found.after.as_of)}
    click.echo(_BETWEEN.fill(days)[spoken])
    for line in found.words:
        click.echo(f"  {line[spoken]}")


def _head(answer: Evaluation) -> Text:
    return _HEAD.fill(
        {
            "where": topics.JURISDICTIONS[answer.jurisdiction],
            "day": text.day(answer.as_of),
            "topics": text.listed(topics.TOPICS[topic] for topic in answer.about),
        }
    )


def _sections(told: Told, spoken: str) -> Iterator[Section]:
    answer = told.answer
    attention = [f for f in answer.findings if f.outcome in {Outcome.BROKEN, Outcome.UNDETERMINED}]
    parts = {
        "labels": _labels(answer),
        "decision": _decision(answer),
        "attention": map(_finding, attention),
        "obligations": map(_owed, answer.obligations),
        "upcoming": map(_coming, answer.upcoming),
        "changes": (change.words for change in told.changes),
        "counts": [_counts(answer)],
    }
    for name, words in parts.items():
        lines = [each[spoken] for each in words] or [_NOTHING[spoken]]
        yield _HEADINGS[name], lines


def _labels(answer: Evaluation) -> Iterator[Text]:
    if not answer.classification:
        yield _NO_LABELS
    for each in answer.classification:
        why = each.finding.why if each.finding else text.NOTHING
        fields = {"title": each.title, "why": why}
        if each.holds and each.finding:
            yield _HOLDS.fill(fields) + _doubt(each.finding)
        elif each.holds:
            yield each.title
        elif each.holds is None and each.finding:
            yield _OPEN.fill(fields)
    for scale in answer.scales.values():
        if scale.code and scale.words:
            code = text.same(scale.code)
            yield _SCALE.fill({"title": scale.title, "code": code, "words": scale.words})


def _decision(answer: Evaluation) -> Iterator[Text]:
    # No rule on releases was asked: then its silence is no permission.
    yield _DECISIONS[answer.decision]
    for rule_id in answer.reasons:
        yield text.same("  ") + _finding(answer.finding(rule_id))
    for each in answer.classification:
        if answer.decision is Decision.UNDETERMINED and each.holds is None and each.finding:
            yield text.same(f"  {_MARKS['undetermined']} ") + each.title


def _finding(finding: Finding) -> Text:
    mark = text.same(f"{_MARKS[finding.outcome]} {finding.rule_id} ")
    words = {"title": finding.title, "why": finding.why}
    return mark + _HOLDS.fill(words) + _doubt(finding)


def _doubt(finding: Finding) -> Text:
    words = text.NOTHING if finding.verified else _UNVERIFIED
    return words if finding.binding else words + _DRAFT


def _owed(owed: Obligation) -> Text:
    fields = {"when": owed.due.shown, "title": owed.title, "key": text.same(owed.key)}
    words = _OWED.fill(fields)
    if owed.due.kind not in _TELLING:
        words += _BASIS.fill({"basis": owed.due.basis})
    if owed.due.provisional:
        words += _PROVISIONAL
    if owed.fulfilled:
        words += _DONE
    return words if owed.verified else words + _UNVERIFIED


def _coming(each: Any) -> Text:
    rule: Rule = each.rule
    fields = {"day": text.day(rule.applies.since), "title": rule.title, "rule": text.same(rule.id)}
    return _FROM.fill(fields) + (text.NOTHING if rule.binding else _DRAFT)


def _counts(answer: Evaluation) -> Text:
    tally = {o: sum(f.outcome is o for f in answer.findings) for o in Outcome}
    return _COUNTS.fill(
        {
            "broken": text.shown(tally[Outcome.BROKEN]),
            "undetermined": text.shown(tally[Outcome.UNDETERMINED]),
            "met": text.shown(tally[Outcome.MET]),
            "na": text.shown(tally[Outcome.NOT_APPLICABLE]),
        }
    )
