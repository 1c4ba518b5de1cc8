"""One cell of the matrix: whether a requirement binds a type on a day, and whether it is met.

In this order: does the standard bind at all, does it speak of this type, has its day come for this
type, is there evidence. The first question that is not answered with yes gives the answer, and
one that cannot be answered names the fact that is missing. Where rules of the rulebook are named
they answer the first three, and the last as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from roadworthy.domains.compliance import asking
from roadworthy.domains.compliance import profile as profiles
from roadworthy.domains.compliance.asking import Answers
from roadworthy.domains.compliance.models import Requirement
from roadworthy.domains.compliance.profile import APPLIED, NEW, Feature, Profile
from roadworthy.domains.compliance.proofs import Line, Proofs, Standing
from roadworthy.domains.compliance.states import CellState
from roadworthy.law.evaluation import Finding, Gate, Outcome


class Because(StrEnum):
    """What the state rests on; the words are the portal's."""

    RULE = "rule"  # the rulebook says so
    VOLUNTARY = "voluntary"  # nothing makes the standard binding
    OUT_OF_SCOPE = "out-of-scope"
    NO_DAY = "no-day"  # existing types: no first day is on file
    AHEAD = "ahead"  # its day comes later
    COME = "come"  # its day has come: evidence decides
    UNKNOWN = "unknown"  # a fact is missing
    FOLLOWS = "follows"  # as the requirement that it stands under


@dataclass(frozen=True, slots=True)
class Cell:
    """The answer, with everything it rests on."""

    requirement: Requirement
    state: CellState
    because: Because
    since: date | None = None  # the first day on which it binds this type
    is_new: bool | None = None  # whether the type counts as new to it
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()  # names of facts
    evidence: Sequence[Line] = ()
    covered_by: Sequence[Line] = ()  # evidence of the requirement that it stands under
    units: tuple[str, ...] = ()
    functions: tuple[Feature, ...] = ()

    @property
    def gate(self) -> Gate:
        """What the rulebook lets a gap hold up."""
        gates = [one.gate for one in self.findings if one.outcome is Outcome.BROKEN]
        return next((one for one in gates if one is not Gate.NONE), Gate.NONE)

    @property
    def rule_id(self) -> str:
        """The rule that gives the answer, if one does."""
        return self.findings[0].rule_id if self.findings else ""

    @property
    def lacks(self) -> bool:
        """Say whether somebody has to bring evidence, now or from a known day on."""
        if self.state == CellState.NOT_YET:
            return not self.is_shown
        return self.state in {CellState.MISSING, CellState.EXPIRED}

    @property
    def is_shown(self) -> bool:
        """Say whether there is valid evidence."""
        return any(one.standing == Standing.VALID for one in (*self.evidence, *self.covered_by))


def decided(
    profile: Profile, requirements: Iterable[Requirement], proofs: Proofs
) -> tuple[Cell, ...]:
    """Return a cell for each requirement, in their order; those that stand above come first."""
    every = tuple(requirements)
    answers = Answers(profile, every, _shown(every, proofs))
    done: dict[int, Cell] = {}
    bound: dict[int, Finding | None] = {}
    for one in every:
        standard = one.standard
        if standard.pk not in bound:
            bound[standard.pk] = asking.binding(standard, one.by_law, profile.as_of)
        if one.under_id in done:
            cell = _below(done[one.under_id], one, proofs[one.pk])
        elif one.rules:
            cell = _by_rules(answers, one, proofs[one.pk])
        else:
            cell = _by_days(profile, one, proofs[one.pk], bound[standard.pk])
        done[one.pk] = replace(
            cell, units=profile.units_of(one), functions=profile.functions_of(one)
        )
    return tuple(done.values())


def _shown(requirements: Sequence[Requirement], proofs: Proofs) -> dict[str, bool]:
    """Return what is known of reports: the platform keeps them, so none is a "no"."""
    return {one.fact: _is_valid(proofs[one.pk]) for one in requirements if one.fact}


def _is_valid(lines: Iterable[Line]) -> bool:
    return any(one.standing == Standing.VALID for one in lines)


# Where the rulebook decides


def _by_rules(answers: Answers, one: Requirement, lines: Sequence[Line]) -> Cell:
    now = [answers.now[rule] for rule in one.rules if rule in answers.now]
    ahead = [answers.ahead[rule] for rule in one.rules if rule in answers.ahead]
    for outcome, state in (
        (Outcome.BROKEN, _without(lines)),
        (Outcome.UNDETERMINED, CellState.UNDETERMINED),
        (Outcome.MET, CellState.MET),
    ):
        found = [finding for finding in now if finding.outcome is outcome]
        if found:
            return _ruled(answers.profile, one, state, found, lines)
    return _ruled_later(answers, one, now, ahead, lines)


def _ruled_later(
    answers: Answers,
    one: Requirement,
    now: Sequence[Finding],
    ahead: Sequence[Finding],
    lines: Sequence[Line],
) -> Cell:
    """Tell "not applicable" from "not yet": a rule that owes something later, or begins later."""
    day = answers.profile.as_of
    owing = [f for f in now if (due := _due(f)) is not None and due > day]
    if owing:
        return replace(
            _ruled(answers.profile, one, CellState.NOT_YET, owing, lines), since=_due(owing[0])
        )
    coming = [f for f in ahead if f.outcome is not Outcome.NOT_APPLICABLE or _due(f)]
    unknown = [f for f in coming if f.outcome is Outcome.UNDETERMINED]
    if unknown:  # whether it will speak of this type cannot be told
        return _ruled(answers.profile, one, CellState.UNDETERMINED, unknown, lines)
    if coming:
        first = coming[0]
        since = max(filter(None, (_due(first), first.rule.applies.since)))
        return replace(
            _ruled(answers.profile, one, CellState.NOT_YET, coming, lines), since=since, missing=()
        )
    return _ruled(answers.profile, one, CellState.NOT_APPLICABLE, [*now, *ahead], lines)


def _ruled(
    profile: Profile,
    one: Requirement,
    state: CellState,
    findings: Sequence[Finding],
    lines: Sequence[Line],
) -> Cell:
    first = findings[0] if findings else None
    names = [fact.name for finding in findings for fact in finding.missing]
    binds = first is not None and state not in _OPEN
    asks_age = first is not None and NEW in first.facts_read
    return Cell(
        requirement=one,
        state=state,
        because=Because.UNKNOWN if state is CellState.UNDETERMINED else Because.RULE,
        since=_first_day(first) if first and binds else None,
        is_new=profiles.is_new(profile, first.rule.applies.since) if first and asks_age else None,
        findings=tuple(findings),
        missing=_told(names),
        evidence=lines,
    )


_OPEN = frozenset({CellState.NOT_APPLICABLE, CellState.UNDETERMINED})


def _told(names: Iterable[str]) -> tuple[str, ...]:
    """Name the day of application where "is it new?" is open: that is what nobody has stated."""
    return tuple(dict.fromkeys(APPLIED if name == NEW else name for name in names))


def _due(finding: Finding) -> date | None:
    days = [duty.due.date for duty in finding.duties if not duty.fulfilled and duty.due.date]
    return min(days, default=None)


def _first_day(finding: Finding) -> date:
    """Return from when a rule binds: the latest of its own first day and the days it reads."""
    days = [value.value for value in finding.values if value.unit == "date"]
    read = [date.fromisoformat(str(day)) for day in days]
    return max([finding.rule.applies.since, *read])


# Where the table of requirements decides


def _by_days(
    profile: Profile, one: Requirement, lines: Sequence[Line], bound: Finding | None
) -> Cell:
    base = Cell(one, CellState.NOT_APPLICABLE, Because.VOLUNTARY, evidence=lines)
    found = (bound,) if bound else ()
    if bound and bound.outcome is Outcome.NOT_APPLICABLE and bound.reason == "voluntary":
        return replace(base, findings=found)
    missing, inside = _within(profile.facts, one.scope)
    if not inside:
        return replace(base, because=Because.OUT_OF_SCOPE, findings=found)
    if missing:
        state = CellState.UNDETERMINED
        return replace(base, state=state, because=Because.UNKNOWN, missing=missing, findings=found)
    return replace(_timed(profile, one, base), findings=found)


def _timed(profile: Profile, one: Requirement, base: Cell) -> Cell:
    first = one.new_types_from or one.standard.in_force_on
    if first is None:
        return replace(base, state=CellState.UNDETERMINED, because=Because.NO_DAY)
    is_new = profiles.is_new(profile, first)
    if is_new is None and one.existing_types_from != first:
        return replace(
            base, state=CellState.UNDETERMINED, because=Because.UNKNOWN, missing=(APPLIED,)
        )
    since = first if is_new else one.existing_types_from
    if since is None:
        return replace(base, because=Because.NO_DAY, is_new=is_new)
    told = replace(base, since=since, is_new=is_new)
    if profile.as_of < first:
        return replace(told, state=CellState.NOT_YET, because=Because.AHEAD)
    return _shown_or_not(told, profile.as_of, base.evidence)


def _within(
    facts: Mapping[str, Any], scope: Iterable[Mapping[str, Any]]
) -> tuple[tuple[str, ...], bool]:
    """Return the facts that are missing, and whether all others are inside the scope."""
    missing = []
    for test in scope:
        value = facts.get(test["fact"])
        if value is None:
            missing.append(test["fact"])
        elif not _holds(value, test):
            return (), False
    return tuple(missing), True


def _holds(value: Any, test: Mapping[str, Any]) -> bool:
    if "is" in test:
        return bool(value == test["is"])
    if "in" in test:
        return value in test["in"]
    return bool(test.get("from", value) <= value <= test.get("to", value))


# What stands under another


def _below(above: Cell, one: Requirement, lines: Sequence[Line]) -> Cell:
    """Share scope, day and report of what it stands under; its own evidence counts as well."""
    cell = Cell(
        requirement=one,
        state=above.state,
        because=Because.FOLLOWS,
        since=above.since,
        is_new=above.is_new,
        findings=above.findings,
        missing=above.missing,
        evidence=lines,
        covered_by=above.evidence,
    )
    if above.state in {CellState.NOT_APPLICABLE, CellState.UNDETERMINED, CellState.NOT_YET}:
        return cell
    if _is_valid((*lines, *above.evidence)):
        return replace(cell, state=CellState.MET)
    return replace(cell, state=_without((*lines, *above.evidence)))


def _shown_or_not(cell: Cell, day: date, lines: Sequence[Line]) -> Cell:
    if _is_valid(lines):
        return replace(cell, state=CellState.MET, because=Because.COME)
    if cell.since is not None and day < cell.since:
        return replace(cell, state=CellState.NOT_YET, because=Because.AHEAD)
    return replace(cell, state=_without(lines), because=Because.COME)


def _without(lines: Iterable[Line]) -> CellState:
    """Return the state where nothing counts: something that did count has ended, or not."""
    ended = {Standing.EXPIRED, Standing.REVOKED}
    return CellState.EXPIRED if any(one.standing in ended for one in lines) else CellState.MISSING
