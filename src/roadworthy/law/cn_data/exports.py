"""What counts as an export of data, and what has to come before it."""

from __future__ import annotations

from typing import Final

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer, MissingFact, Outcome
from roadworthy.rules.context import Context

PERSONS: Final = "exported_persons_this_year"
SENSITIVE: Final = "exported_sensitive_persons_this_year"
ASSESSMENT: Final = "export_security_assessment"
EXEMPT: Final = "export_exemption_applies"
PASSED: Final = "passed"
BEFORE_EXPORT: Final = deadlines.before_step("数据出境之前", "before the data leave the country")


def exported(ctx: Context) -> bool:
    """Say whether data are exported: sent, opened from abroad, or processed there."""
    return ctx.any_of("transferred_abroad", "opened_from_abroad", "processed_abroad")


def none_counted(ctx: Context, *counts: str) -> bool:
    """Say that nobody counted persons because nothing is exported; a count tells an export."""
    return all(ctx.stated(count) is None for count in counts) and not exported(ctx)


def reaches(ctx: Context, *limits: tuple[str, str]) -> bool:
    """Say whether one count reaches its threshold; one that does makes missing counts moot.

    Raises:
        MissingFact: none does and some were not stated.
    """
    missing = []
    for count, parameter in limits:
        threshold, persons = ctx.parameter(parameter), ctx.stated(count)
        if persons is None:
            missing.append(count)
        elif persons >= threshold:
            return True
    if missing:
        raise MissingFact(*missing)
    return False


def many(ctx: Context) -> bool:
    """Say whether so many persons' information is exported that it has to be assessed."""
    return reaches(
        ctx,
        (SENSITIVE, "export_assessment_sensitive_persons"),
        (PERSONS, "export_assessment_persons"),
    )


def passed(ctx: Context) -> bool | None:
    """Say whether the assessment was passed; None where nobody stated it."""
    status = ctx.stated(ASSESSMENT)
    return None if status is None else bool(status == PASSED)


def assessed(ctx: Context) -> Answer:
    """Owe the assessment and answer whether it was passed."""
    ctx.owe("assessment", BEFORE_EXPORT, fulfilled=passed(ctx))
    if ctx.fact(ASSESSMENT) == PASSED:
        return ctx.met("passed")
    return ctx.broken("not_passed")


def many_assessed(ctx: Context, count: str, parameter: str) -> Answer:
    """Answer for an export of so many persons' information that it has to be assessed."""
    if none_counted(ctx, count):
        return ctx.not_applicable("not_exported")
    ctx.fact(count)
    if not reaches(ctx, (count, parameter)):
        return ctx.not_applicable("below")
    if ctx.stated(EXEMPT):
        return ctx.not_applicable("exempted")
    answer = assessed(ctx)
    if answer.outcome is Outcome.BROKEN:
        ctx.fact(EXEMPT)  # an exemption that nobody ruled out may still apply
    return answer
