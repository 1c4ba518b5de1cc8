"""The rulebook's answers about one type on one day: asked in as few questions as possible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from roadworthy.domains.compliance import profile as profiles
from roadworthy.domains.compliance.models import Requirement
from roadworthy.domains.compliance.profile import Profile
from roadworthy.domains.standards.models import Standard
from roadworthy.domains.standards.states import Kind
from roadworthy.law.evaluation import Finding
from roadworthy.law.rulebook import rulebook

BINDS: Final = "SYS-06"
# What the rulebook calls the kinds of the catalogue; UN regulations bind by their own rules.
FORCE: Final[Mapping[str, str]] = {
    Kind.MANDATORY: "mandatory",
    Kind.RECOMMENDED: "recommended",
    Kind.GUIDANCE: "recommended",
    Kind.SECTOR: "industry",
    Kind.LOCAL: "local",
    Kind.ASSOCIATION: "association",
    Kind.ENTERPRISE: "enterprise",
}


@dataclass(frozen=True)
class Answers:
    """What the rulebook says of a type. ``shown``: facts that valid evidence states."""

    profile: Profile
    requirements: tuple[Requirement, ...]
    shown: Mapping[str, bool]

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """The rules that decide something here."""
        return tuple(dict.fromkeys(rule for one in self.requirements for rule in one.rules))

    @cached_property
    def now(self) -> Mapping[str, Finding]:
        """The answer of each rule that is in force on the day."""
        return self._on(dict.fromkeys(self.rules, self.profile.as_of))

    @cached_property
    def ahead(self) -> Mapping[str, Finding]:
        """What each rule that is not in force yet will say on its first day, as things are."""
        law = rulebook()
        firsts = {rule: law.rule(rule).applies.since for rule in self.rules if rule not in self.now}
        return self._on({rule: day for rule, day in firsts.items() if day > self.profile.as_of})

    def _on(self, days: Mapping[str, date]) -> Mapping[str, Finding]:
        """Ask rules on their days; those with the same day and the same facts at once."""
        law = rulebook()
        asked: dict[tuple[date, tuple[tuple[str, Any], ...]], list[str]] = {}
        for rule, day in days.items():
            age = profiles.age(self.profile, law.rule(rule).applies.since)
            asked.setdefault((day, tuple(sorted(age.items()))), []).append(rule)
        found: dict[str, Finding] = {}
        for (day, stated), rules in asked.items():
            facts: dict[str, Any] = {**self.profile.facts, **self.shown, **dict(stated)}
            answer = law.evaluate(facts, as_of=day, rules=rules)
            found |= {one.rule_id: one for one in answer.findings}
        return found


def binding(
    standard: Standard, by_law: str, as_of: date, *, treated: bool = True
) -> Finding | None:
    """Return whether a standard binds (SYS-06); None for one of another legal order."""
    force = FORCE.get(standard.kind)
    if force is None:
        return None
    facts: dict[str, Any] = {
        "standard_force": force,
        "standard_referenced_by_law": bool(by_law),
        "standard_agreed_in_contract": False,
        "standard_treated_as_binding": treated,
    }
    if standard.in_force_on:
        facts["standard_in_force_on"] = standard.in_force_on
    return _one(BINDS, facts, as_of)


def superseded(
    successors: Collection[str], first: date | None, as_of: date, *, listed: bool
) -> Finding | None:
    """Return what is owed where a standard that has successors is cited (SYS-05)."""
    facts: dict[str, Any] = {"standard_superseded": bool(successors), "successors_cited": listed}
    if successors:
        facts["standard_successors"] = "、".join(sorted(successors))
    if first is not None:
        facts["successor_in_force_on"] = first
    return _one("SYS-05", facts, as_of)


def _one(rule: str, facts: Mapping[str, Any], as_of: date) -> Finding | None:
    found: Iterable[Finding] = rulebook().evaluate(facts, as_of=as_of, rules=[rule]).findings
    return next(iter(found), None)
