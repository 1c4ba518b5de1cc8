"""The rulebook's answer about one update on one day: what it is, what it lacks, what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from roadworthy.kernel.canonical import digest
from roadworthy.law.labels import Label
from roadworthy.law.topics import Jurisdiction, Topic
from roadworthy.rules.answers import Gate, Outcome
from roadworthy.rules.cards import Rule
from roadworthy.rules.engine import Finding, Obligation
from roadworthy.rules.facts import plain
from roadworthy.rules.text import Text

SCHEMA = "roadworthy/evaluation/2"
OF_RELEASE = (Gate.FILING, Gate.RELEASE)  # a release needs its filing


class Decision(StrEnum):
    MAY_RELEASE = "may-release"
    MAY_NOT_RELEASE = "may-not-release"
    UNDETERMINED = "undetermined"
    NOT_ASKED = "not-asked"  # none of the rules that were asked decides about a release


@dataclass(frozen=True)
class Classified:
    """One label: whether it holds (None: undetermined), why, and the rule that follows from it."""

    label: Label
    title: Text
    holds: bool | None
    rule_id: str | None
    finding: Finding | None  # none for ROUTINE, which is what the others leave

    def to_json(self) -> dict[str, Any]:
        about = self.finding.to_json() if self.finding else {}
        kept = ("why", "facts", "missing", "values", "citation", "grade", "verified")
        return {
            "label": self.label,
            "title": self.title.to_json(),
            "holds": self.holds,
            "rule_id": self.rule_id,
            **{key: about.get(key) for key in kept},
        }


@dataclass(frozen=True)
class ScalePlace:
    """Where the update stands on an instrument's own scale; no code: undetermined."""

    name: str
    title: Text
    code: str | None
    words: Text | None
    all_codes: tuple[str, ...]  # every class whose labels hold, strictest first

    def to_json(self) -> dict[str, Any]:
        return {
            "title": self.title.to_json(),
            "code": self.code,
            "words": self.words.to_json() if self.words else None,
            "all_codes": list(self.all_codes),
        }


@dataclass(frozen=True)
class Upcoming:
    """A rule that is published and not yet in force on the day of the question."""

    rule: Rule

    def to_json(self) -> dict[str, Any]:
        return {
            "rule_id": self.rule.id,
            "title": self.rule.title.to_json(),
            "from": self.rule.applies.since.isoformat(),
            "citation": self.rule.source.named(),
            "grade": self.rule.grade,
            "binding": self.rule.binding,
            "verified": bool(self.rule.verified_by),
        }


@dataclass(frozen=True)
class Evaluation:
    as_of: date
    jurisdiction: Jurisdiction
    about: tuple[Topic, ...]  # what the rules were asked about
    facts: Mapping[str, Any]
    classification: tuple[Classified, ...]
    scales: Mapping[str, ScalePlace]
    findings: tuple[Finding, ...]  # broken, undetermined, met, not applicable
    obligations: tuple[Obligation, ...]  # by when they are due; what is done comes last
    upcoming: tuple[Upcoming, ...]  # by their first day
    pack_digest: str
    rulebook_version: str
    engine_version: str
    calendar_version: str

    @property
    def labels(self) -> frozenset[Label]:
        return frozenset(c.label for c in self.classification if c.holds)

    @property
    def undetermined_labels(self) -> frozenset[Label]:
        return frozenset(c.label for c in self.classification if c.holds is None)

    @property
    def decision(self) -> Decision:
        """Whether the release may go out; filing rules count, since a release needs its filing."""
        if not any(f.gate in OF_RELEASE for f in self.findings):
            return Decision.NOT_ASKED
        if self.held_up(Outcome.BROKEN):
            return Decision.MAY_NOT_RELEASE
        if self.held_up(Outcome.UNDETERMINED) or self.undetermined_labels:
            return Decision.UNDETERMINED
        return Decision.MAY_RELEASE

    @property
    def reasons(self) -> tuple[str, ...]:
        """The rules that the decision rests on; empty when nothing stands in the way."""
        broken = self.held_up(Outcome.BROKEN)
        return tuple(f.rule_id for f in broken or self.held_up(Outcome.UNDETERMINED))

    def held_up(self, outcome: Outcome, *gates: Gate) -> tuple[Finding, ...]:
        """Return the binding findings of an outcome at some gates (the release's, unless named)."""
        at = gates or OF_RELEASE
        return tuple(
            f for f in self.findings if f.outcome is outcome and f.gate in at and f.binding
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that somebody has to state, each once."""
        gaps = [c.finding for c in self.classification if c.finding] + list(self.findings)
        return tuple(dict.fromkeys(fact.name for gap in gaps for fact in gap.missing))

    @property
    def n45_category(self) -> str | None:
        return self._code("n45_category")

    @property
    def ota22_grade(self) -> int | None:
        code = self._code("ota22_grade")
        return int(code) if code else None

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical bytes of the whole answer."""
        return digest(self.to_json())

    def finding(self, rule_id: str) -> Finding:
        """Return a rule's finding.

        Raises:
            KeyError: the rule was not asked, or is not in force on the day.
        """
        return {f.rule_id: f for f in self.findings}[rule_id]

    def obligation(self, key: str) -> Obligation:
        """Return an obligation.

        Raises:
            KeyError: nothing of that key is owed.
        """
        return {o.key: o for o in self.obligations}[key]

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON: enough to show it, to sign it, and to ask again."""
        return {
            "schema": SCHEMA,
            "as_of": self.as_of.isoformat(),
            "jurisdiction": self.jurisdiction,
            "about": list(self.about),
            "rulebook_version": self.rulebook_version,
            "pack_digest": self.pack_digest,
            "engine_version": self.engine_version,
            "calendar_version": self.calendar_version,
            "facts": {name: plain(value) for name, value in self.facts.items()},
            "labels": [c.label for c in self.classification if c.holds],
            "undetermined_labels": [c.label for c in self.classification if c.holds is None],
            "classification": [c.to_json() for c in self.classification],
            "n45_category": self.n45_category,
            "ota22_grade": self.ota22_grade,
            "scales": {name: place.to_json() for name, place in self.scales.items()},
            "decision": self.decision,
            "reasons": list(self.reasons),
            "missing": list(self.missing),
            "tally": {o.value: sum(f.outcome is o for f in self.findings) for o in Outcome},
            "findings": [finding.to_json() for finding in self.findings],
            "obligations": [obligation.to_json() for obligation in self.obligations],
            "upcoming": [rule.to_json() for rule in self.upcoming],
        }

    def _code(self, scale: str) -> str | None:
        place = self.scales.get(scale)
        return place.code if place else None


__all__ = [
    "Classified",
    "Decision",
    "Evaluation",
    "Finding",
    "Gate",
    "Obligation",
    "Outcome",
    "ScalePlace",
]
