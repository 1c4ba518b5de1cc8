"""A finding as a tree: the rule, the facts it read, the values with their sources, the outcome.

Works on the stored JSON of a finding, as the sentences of ``explanation`` do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roadworthy.rules import explanation, text
from roadworthy.rules.text import Text

Stored = Mapping[str, Any]

_RULE = Text("{rule} {title}", "{rule} {title}")
_BASIS = Text(
    "依据：{title} {provision}（证据等级{grade}）",
    "Basis: {title}, {provision} (evidence grade {grade})",
)
_FACT = Text("事实：{label}：{shown}", "Fact: {label}: {shown}")
_MISSING = Text("缺少的事实：{label}", "Missing fact: {label}")
_VALUE = Text("数值：{label}：{shown}（自{since}起）", "Value: {label}: {shown} (since {since})")
_SOURCE = Text(
    "来源：{title} {provision}（证据等级{grade}）",
    "Source: {title}, {provision} (evidence grade {grade})",
)
_OUTCOME = Text("结论：{outcome}。{why}", "Outcome: {outcome}. {why}")


class Kind(StrEnum):
    RULE = "rule"
    BASIS = "basis"
    FACT = "fact"
    MISSING = "missing"
    VALUE = "value"
    SOURCE = "source"
    OUTCOME = "outcome"


@dataclass(frozen=True)
class Branch:
    """One step of the reasoning, and what it rests on."""

    kind: Kind
    id: str  # of the rule, instrument, fact or parameter; of an outcome its reason
    words: Text
    children: tuple[Branch, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.id,
            "words": self.words.to_json(),
            "children": [child.to_json() for child in self.children],
        }


def tree(finding: Stored) -> Branch:
    """Return the reasoning behind a finding, given as its JSON."""
    children = (
        *(_basis(cited) for cited in (finding["citation"], *finding["also"])),
        *(_fact(fact) for fact in finding["facts"]),
        *(_missing(fact) for fact in finding["missing"]),
        *(_value(value) for value in finding["values"]),
        _outcome(finding),
    )
    words = _RULE.fill(
        {"rule": text.same(finding["rule_id"]), "title": text.parse(finding["title"])}
    )
    return Branch(Kind.RULE, finding["rule_id"], words, children)


def explained(finding: Stored) -> dict[str, Any]:
    """Return a finding's explanation as JSON: one sentence, the long form, the tree."""
    told = explanation.explain(finding)
    return {
        "rule_id": finding["rule_id"],
        "short": told.short.to_json(),
        "long": told.long.to_json(),
        "tree": tree(finding).to_json(),
    }


def drawn(branch: Branch, language: str) -> Iterator[str]:
    """Yield a tree's lines for a terminal."""
    yield branch.words[language]
    for child in branch.children:
        last = child is branch.children[-1]
        first, *rest = drawn(child, language)
        yield ("└─ " if last else "├─ ") + first
        for line in rest:
            yield ("   " if last else "│  ") + line


def _basis(cited: Stored) -> Branch:
    return Branch(Kind.BASIS, cited["instrument"], _cited(_BASIS, cited, cited["grade"]))


def _cited(words: Text, cited: Stored, grade: str) -> Text:
    return words.fill(
        {
            "title": text.parse(cited["title"]),
            "provision": text.parse(cited["provision"]),
            "grade": text.same(grade),
        }
    )


def _fact(fact: Stored) -> Branch:
    words = {"label": text.parse(fact["label"]), "shown": text.parse(fact["shown"])}
    return Branch(Kind.FACT, fact["name"], _FACT.fill(words))


def _missing(fact: Stored) -> Branch:
    return Branch(Kind.MISSING, fact["name"], _MISSING.fill({"label": text.parse(fact["label"])}))


def _value(value: Stored) -> Branch:
    words = {
        "label": text.parse(value["label"]),
        "shown": text.parse(value["shown"]),
        "since": text.same(value["applies_from"]),
    }
    source = value["source"]
    leaf = Branch(Kind.SOURCE, source["instrument"], _cited(_SOURCE, source, value["grade"]))
    return Branch(Kind.VALUE, value["name"], _VALUE.fill(words), (leaf,))


def _outcome(finding: Stored) -> Branch:
    words = _OUTCOME.fill(
        {
            "outcome": text.parse(explanation.OUTCOMES[finding["outcome"]]),
            "why": text.parse(finding["why"]),
        }
    )
    return Branch(Kind.OUTCOME, finding["reason"], words)
