"""A rule: its card (YAML: words, citation, dates) joined to its check (Python: the logic).

A label test is a rule too: MET says that the label holds, NOT_APPLICABLE that it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from roadworthy.kernel.intervals import Interval
from roadworthy.rules import text
from roadworthy.rules.answers import Answer, Gate
from roadworthy.rules.context import Context
from roadworthy.rules.instruments import Cited, Grade, Register, cited
from roadworthy.rules.text import Text

Check = Callable[[Context], Answer]


@dataclass(frozen=True)
class Rule:
    id: str
    title: Text
    source: Cited
    also: tuple[Cited, ...]
    applies: Interval
    grade: Grade
    binding: bool
    gate: Gate
    verified_by: str | None
    reasons: Mapping[str, Text]
    duties: Mapping[str, Text]
    basis_rule: str | None  # of a label: the rule that gives it its consequence
    check: Check
    topics: tuple[str, ...] = ()  # what it is asked about; a label needs none
    jurisdiction: str = "CN"


@dataclass(frozen=True)
class Scale:
    """A vocabulary of one instrument for the same labels: N45's categories, OTA22's grades."""

    name: str
    title: Text
    source: Cited
    grade: Grade
    applies: Interval
    classes: tuple[ScaleClass, ...]  # the first whose labels hold is the strictest


@dataclass(frozen=True)
class ScaleClass:
    code: str
    title: Text
    any_of: frozenset[str]  # empty: what remains


@dataclass(frozen=True)
class SignerRequirement:
    """A party that has to sign a release, for what, and on what ground."""

    party: str
    purpose: str
    title: Text
    labels: frozenset[str]  # empty: every release
    applies: Interval
    source: Cited
    grade: Grade

    def to_json(self) -> dict[str, Any]:
        return {
            "party": self.party,
            "purpose": self.purpose,
            "title": self.title.to_json(),
            "citation": self.source.to_json(),
            "grade": self.grade,
        }


def parse_rule(
    raw: Mapping[str, Any],
    check: Check,
    register: Register,
    verified_by: str | None,
    jurisdiction: str,
) -> Rule:
    """Join a card and its check.

    Raises:
        LookupError: a citation cannot be resolved.
    """
    return Rule(
        id=raw["id"],
        title=text.parse(raw["title"]),
        source=cited(register, raw["citation"]),
        also=tuple(cited(register, entry) for entry in raw.get("also", ())),
        applies=interval(raw["applies"]),
        grade=Grade(raw["grade"]),
        binding=raw["binding"],
        gate=Gate(raw.get("gate", Gate.NONE)),
        verified_by=raw.get("verified_by") or verified_by,
        reasons={key: text.parse(words) for key, words in raw["reasons"].items()},
        duties={key: text.parse(words) for key, words in raw.get("duties", {}).items()},
        basis_rule=raw.get("basis_rule"),
        check=check,
        topics=tuple(raw.get("topics", ())),
        jurisdiction=jurisdiction,
    )


def parse_scale(name: str, raw: Mapping[str, Any], register: Register) -> Scale:
    source = cited(register, raw["citation"])
    classes = tuple(
        ScaleClass(c["code"], text.parse(c["title"]), frozenset(c["any_of"]))
        for c in raw["classes"]
    )
    return Scale(
        name,
        text.parse(raw["title"]),
        source,
        Grade(raw["grade"]),
        interval(raw["applies"]),
        classes,
    )


def parse_signer(raw: Mapping[str, Any], register: Register) -> SignerRequirement:
    return SignerRequirement(
        party=raw["party"],
        purpose=raw["purpose"],
        title=text.parse(raw["title"]),
        labels=frozenset(raw["labels"]),
        applies=interval(raw["applies"]),
        source=cited(register, raw["citation"]),
        grade=Grade(raw["grade"]),
    )


def interval(raw: Mapping[str, str]) -> Interval:
    until = raw.get("until")
    return Interval(date.fromisoformat(raw["from"]), date.fromisoformat(until) if until else None)
