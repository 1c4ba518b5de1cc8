"""Watch: tips and instructions stand in app, vehicle and manual alike."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("has_combined_assistance"):
        return ctx.not_applicable("no_assistance")
    absent = set(ctx.parameter("tips_places_required")) - set(ctx.fact("tips_places"))
    if absent:
        return ctx.broken("absent", absent=ctx.words("tips_places", absent))
    return ctx.met("shown")
