"""So many similar events as the enterprise itself sets open a defect analysis."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    events = ctx.fact("similar_events")
    if events < ctx.fact("similar_events_threshold"):
        return ctx.not_applicable("below")
    opened = ctx.stated("defect_analysis_opened")
    ctx.owe("analyse", ctx.at_once(), fulfilled=opened)
    return ctx.met("opened") if ctx.fact("defect_analysis_opened") else ctx.broken("not_opened")
