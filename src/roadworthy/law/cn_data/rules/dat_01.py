"""Data that match one of the six categories are marked as important when they come into being."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

ON_CREATION = deadlines.before_step(
    "不晚于数据产生时", "no later than when the data come into being"
)


def check(ctx: Context) -> Answer:
    if not ctx.fact("important_data_categories"):
        return ctx.not_applicable("none")
    ctx.owe("mark", ON_CREATION, fulfilled=ctx.stated("marked_important"))
    return ctx.met("marked") if ctx.fact("marked_important") else ctx.broken("not_marked")
