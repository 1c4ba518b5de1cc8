"""The two targets of the guide (SYS-02, SYS-03): how many standards there were on their days.

What counts is our choice, stated and switchable: the texts read do not say. A standard of which
nobody knows whether it was published by then makes the count a range, and if the target lies
within it, the answer is undetermined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from roadworthy.domains.standards import queries, tree
from roadworthy.domains.standards.asking import FRAMEWORK
from roadworthy.domains.standards.life import Stands
from roadworthy.domains.standards.models import Standard
from roadworthy.domains.standards.states import Kind
from roadworthy.law.evaluation import Evaluation, Outcome
from roadworthy.law.rulebook import rulebook

RULES: Final = {
    "SYS-02": ("standards_at_first_target", "first_target_day", "first_target_count"),
    "SYS-03": ("standards_at_second_target", "second_target_day", "second_target_count"),
}
_COUNTED: Final = (Stands.PUBLISHED, Stands.IN_FORCE)


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts. The default is the strictest reading of "standards": what the state issues."""

    association: bool = False  # 团体标准: law.md and the guide leave it open
    un: bool = False  # UN regulations and international standards that stand in the tree
    series: bool = True  # an undated number counts as one standard
    superseded: bool = False  # what was published once and is replaced by then
    older: bool = True  # what was there before the guide


@dataclass(frozen=True, slots=True)
class Target:
    rule_id: str
    on: date
    wanted: int
    certain: Sequence[Standard]  # that count
    unsure: Sequence[Standard]  # of which it is not known whether they were there
    evaluation: Evaluation
    outcome: Outcome = field(default=Outcome.UNDETERMINED)

    @property
    def at_most(self) -> int:
        return len(self.certain) + len(self.unsure)


def targets(counting: Counting, *, as_of: date) -> tuple[Target, ...]:
    """Return the targets whose rules are in force on a day, counted by a rule of counting."""
    return tuple(_target(rule, counting, as_of) for rule in RULES)


def _target(rule_id: str, counting: Counting, as_of: date) -> Target:
    fact, day_name, count_name = RULES[rule_id]
    on = date.fromisoformat(_parameter(day_name, as_of))
    wanted = int(_parameter(count_name, as_of))
    version = tree.version(FRAMEWORK, "2022")
    certain, unsure = [], []
    for one in queries.standards(None, as_of=on, version_id=version.pk):
        if not _counts(one, counting):
            continue
        if one.stands in _COUNTED or (counting.superseded and one.stands == Stands.SUPERSEDED):
            certain.append(one)
        elif one.stands == Stands.UNDETERMINED and _could_be(one, on):
            unsure.append(one)
    low = _ask(rule_id, fact, len(certain), as_of)
    high = _ask(rule_id, fact, len(certain) + len(unsure), as_of)
    told = Target(rule_id, on, wanted, certain, unsure, low)
    outcomes = {low.finding(rule_id).outcome, high.finding(rule_id).outcome}
    return replace(told, outcome=outcomes.pop()) if len(outcomes) == 1 else told


def _ask(rule_id: str, fact: str, count: int, as_of: date) -> Evaluation:
    return rulebook().evaluate({fact: count}, as_of=as_of, rules=[rule_id])


def _parameter(name: str, as_of: date) -> Any:
    return rulebook().law.parameters[name].on(as_of).value


def _counts(one: Standard, counting: Counting) -> bool:
    kind = Kind(one.kind)
    if kind == Kind.ASSOCIATION and not counting.association:
        return False
    if kind in {Kind.UN, Kind.INTERNATIONAL} and not counting.un:
        return False
    is_dated = queries.year_of(one.number) is not None
    if not is_dated and not counting.series:
        return False
    return counting.older or one.published_on is None or one.published_on >= _guide()


def _guide() -> date:
    """Return the day from which the guide is there."""
    return rulebook().law.parameters["first_target_count"].values[0].applies_from


def _could_be(one: Standard, on: date) -> bool:
    """Say whether it may have been there: a number with a later year cannot."""
    year = queries.year_of(one.number)
    return year is None or year <= on.year
