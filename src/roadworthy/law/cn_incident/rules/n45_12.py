"""A maker of intelligent connected vehicles keeps each mechanism, with evidence."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("makes_icv"):
        return ctx.not_applicable("other")
    required, kept = (
        ctx.parameter("incident_mechanisms_required"),
        ctx.stated("incident_mechanisms"),
    )
    left = [mechanism for mechanism in required if mechanism not in (kept or ())]
    ctx.owe("keep", deadlines.CONTINUOUS, fulfilled=not left)
    ctx.fact("incident_mechanisms")
    if left:
        return ctx.broken("lacking", left=ctx.words("incident_mechanisms", left))
    return ctx.met("all")
