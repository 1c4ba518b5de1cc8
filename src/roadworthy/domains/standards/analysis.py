"""The statistical analysis of mandatory standards (SAC21; Standardization Law, Article 29).

* Five dimensions, each with its questions; GB/T 3533.1 and .2 name how benefit is evaluated.
* An answer is "yes", "no" or "unknown", with words; numbers stand where the question is for one.
* Which standards are old enough the rulebook says (SYS-08), not this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from django.db.models import QuerySet

from roadworthy.domains.standards import errors, queries
from roadworthy.domains.standards.life import Stands
from roadworthy.domains.standards.models import Analysis, Standard
from roadworthy.domains.standards.states import Kind
from roadworthy.law.evaluation import Finding, Outcome
from roadworthy.law.rulebook import rulebook

_LONGEST: Final = 2000


class Dimension(StrEnum):
    APPLICABILITY = "applicability"
    COMPATIBILITY = "compatibility"
    IMPLEMENTATION = "implementation"
    ECONOMY = "techno-economic"
    BENEFIT = "benefit"


class Sort(StrEnum):
    """How a question is answered. ``GOOD``: yes speaks for the standard; ``BAD``: against it."""

    GOOD = "good"
    BAD = "bad"
    PERCENT = "percent"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Question:
    key: str
    dimension: Dimension
    sort: Sort


_D = Dimension
QUESTIONS: Final = (
    Question("scope_fits", _D.APPLICABILITY, Sort.GOOD),
    Question("new_products_missing", _D.APPLICABILITY, Sort.BAD),
    Question("references_valid", _D.APPLICABILITY, Sort.GOOD),
    Question("indicators_complete", _D.APPLICABILITY, Sort.GOOD),
    Question("behind_international", _D.APPLICABILITY, Sort.BAD),
    Question("conflicts_with_standards", _D.COMPATIBILITY, Sort.BAD),
    Question("supporting_missing", _D.COMPATIBILITY, Sort.BAD),
    Question("conflicts_with_law", _D.COMPATIBILITY, Sort.BAD),
    Question("compliance_rate", _D.IMPLEMENTATION, Sort.PERCENT),
    Question("used_for_access", _D.IMPLEMENTATION, Sort.GOOD),
    Question("used_for_supervision", _D.IMPLEMENTATION, Sort.GOOD),
    Question("consumers_aware", _D.IMPLEMENTATION, Sort.GOOD),
    Question("technology_available", _D.ECONOMY, Sort.GOOD),
    Question("transformation_cost", _D.ECONOMY, Sort.MONEY),
    Question("cost_share", _D.ECONOMY, Sort.PERCENT),
    Question("safety_improved", _D.BENEFIT, Sort.GOOD),
    Question("industry_improved", _D.BENEFIT, Sort.GOOD),
    Question("trade_eased", _D.BENEFIT, Sort.GOOD),
    Question("environment_improved", _D.BENEFIT, Sort.GOOD),
)
YES, NO, UNKNOWN = "yes", "no", "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """What the answers of some analyses say about one dimension."""

    dimension: Dimension
    favourable: int  # answers that speak for the standard
    unfavourable: int
    unknown: int  # asked and not known, or not answered
    figures: Mapping[str, float]  # mean of the numbers given, by question

    @property
    def share(self) -> float | None:
        """Return favourable answers among those that say something, 0 to 1; None without any."""
        told = self.favourable + self.unfavourable
        return self.favourable / told if told else None


def eligibility(standard: Standard, on: date) -> Finding:
    """Ask SYS-08 whether a standard is to be analysed on a day."""
    facts: dict[str, Any] = {"standard_force": _force(standard)}
    if standard.in_force_on is not None:
        facts["standard_in_force_on"] = standard.in_force_on
    return rulebook().evaluate(facts, as_of=on, rules=["SYS-08"]).finding("SYS-08")


def require_eligible(standard: Standard, on: date) -> None:
    """Refuse an analysis that nobody asks for.

    Raises:
        NotEligible: it is not mandatory, not old enough, or its first day is not known.
    """
    found = eligibility(standard, on)
    if found.outcome is not Outcome.MET:
        raise errors.NotEligible(number=standard.number, why=found.why.to_json())


def candidates(on: date) -> tuple[tuple[Standard, Finding], ...]:
    """Return the mandatory standards in force, each with the rulebook's answer."""
    found = queries.standards(None, as_of=on, kind=Kind.MANDATORY, stands=Stands.IN_FORCE)
    return tuple((one, eligibility(one, on)) for one in found)


def checked(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as they are kept: {question: {"value": ..., "words": ...}}.

    Raises:
        WrongAnswer: a value is none that its question takes.
    """
    kept: dict[str, Any] = {}
    for question in QUESTIONS:
        told = answers.get(question.key)
        if not isinstance(told, Mapping):
            continue
        value, words = told.get("value"), str(told.get("words", "")).strip()[:_LONGEST]
        if value in (None, "") and not words:
            continue
        kept[question.key] = {"value": _value(question, value), "words": words}
    return kept


def results(analyses: Iterable[Analysis]) -> tuple[Result, ...]:
    """Return the result of each dimension over all the analyses given."""
    rows = [one.answers for one in analyses]
    return tuple(_result(dimension, rows) for dimension in Dimension)


def handed_in(standard_id: int) -> QuerySet[Analysis]:
    """Return the analyses of a standard that were handed in, for its drafting department."""
    return Analysis.objects.select_related("organisation", "standard").filter(
        standard_id=standard_id, is_handed_in=True
    )


def of_organisation(organisation_id: int, standard_id: int) -> Analysis | None:
    """Return an organisation's own analysis of a standard."""
    return Analysis.objects.filter(standard_id=standard_id, organisation_id=organisation_id).first()


def _result(dimension: Dimension, rows: Sequence[Mapping[str, Any]]) -> Result:
    counts = {True: 0, False: 0, None: 0}
    figures: dict[str, list[float]] = {}
    for question in (one for one in QUESTIONS if one.dimension == dimension):
        for answers in rows:
            value = answers.get(question.key, {}).get("value")
            if question.sort in {Sort.PERCENT, Sort.MONEY}:
                if value is not None:
                    figures.setdefault(question.key, []).append(float(value))
                continue
            counts[_speaks_for(question, value)] += 1
    means = {key: sum(values) / len(values) for key, values in figures.items()}
    return Result(dimension, counts[True], counts[False], counts[None], means)


def _speaks_for(question: Question, value: str | None) -> bool | None:
    if value not in {YES, NO}:
        return None
    return (value == YES) == (question.sort is Sort.GOOD)


def _value(question: Question, value: Any) -> Any:
    if value in (None, ""):
        return None
    if question.sort in {Sort.GOOD, Sort.BAD}:
        if value not in {YES, NO, UNKNOWN}:
            raise errors.WrongAnswer(value=value)
        return value
    number = float(value)
    most = 100 if question.sort is Sort.PERCENT else float("inf")
    if not 0 <= number <= most:
        raise errors.WrongAnswer(value=value)
    return number


def _force(standard: Standard) -> str:
    return "mandatory" if standard.kind == Kind.MANDATORY else "recommended"
