"""A target of the guide: so many standards, current or published, on a day that it names."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context, *, counted: str, day: str, number: str) -> Answer:
    """Owe the target by its day, and answer whether the count of that day reaches it."""
    count, due = ctx.fact(counted), ctx.by(day)
    reached = bool(count >= ctx.parameter(number))
    ctx.owe("reach", due, fulfilled=reached)
    if reached:
        return ctx.met("reached")
    return ctx.broken("missed") if ctx.is_past(due) else ctx.not_applicable("not_due")
