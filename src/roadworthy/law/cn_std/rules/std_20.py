"""A full recorder never overwrites a collision that it has locked."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import CONTINUOUS


def check(ctx: Context) -> Answer:
    kind = ctx.fact("recorder_kind")
    if kind == "none":
        return ctx.not_applicable("no_recorder")
    if kind == "assistance":
        return _after_the_draft(ctx)
    overwritten = ctx.stated("locked_collision_overwritten")
    ctx.owe("keep", CONTINUOUS, fulfilled=None if overwritten is None else not overwritten)
    return (
        ctx.broken("overwritten") if ctx.fact("locked_collision_overwritten") else ctx.met("kept")
    )


def _after_the_draft(ctx: Context) -> Answer:
    """Say what the draft would want of an assistance recorder; a draft binds nobody."""
    if not ctx.fact("locked_collision_overwritten"):
        return ctx.not_applicable("draft_kept")
    allowed = ctx.fact("locked_events_uploaded")
    return ctx.not_applicable("draft_allows" if allowed else "draft_forbids")
