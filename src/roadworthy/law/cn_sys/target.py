"""A target of the guide: so many standards, current or published, on a day that it names."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context, which: str) -> Answer:
    """Owe the target by its day, and answer whether the count of that day reaches it."""
    count = ctx.fact(f"standards_at_{which}_target")
    due = ctx.by(f"{which}_target_day")
    reached = bool(count >= ctx.parameter(f"{which}_target_count"))
    ctx.owe("reach", due, fulfilled=reached)
    if reached:
        return ctx.met("reached")
    return ctx.broken("missed") if ctx.is_past(due) else ctx.not_applicable("not_due")
