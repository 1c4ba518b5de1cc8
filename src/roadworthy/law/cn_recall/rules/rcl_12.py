"""A vehicle within a recall is neither sold nor delivered until its defect is removed."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import before_step

_BEFORE = before_step("销售或者交付之前", "before sale or delivery")


def check(ctx: Context) -> Answer:
    if not ctx.fact("vehicle_in_recall_scope"):
        return ctx.not_applicable("out_of_scope")
    ctx.owe("remedy", _BEFORE, fulfilled=ctx.stated("vehicle_remedied"))
    return ctx.met("remedied") if ctx.fact("vehicle_remedied") else ctx.broken("not_remedied")
