"""A standard without area or sub-area, or under the wrong one, is not taken."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_NONE = "none"


def check(ctx: Context) -> Answer:
    area, sub_area = ctx.stated("standard_area"), ctx.stated("standard_sub_area")
    right = ctx.parameter("standards_tree").get(sub_area)
    ctx.owe("place", deadlines.CONTINUOUS, fulfilled=right is not None and area == right)
    if _NONE in (area, sub_area):
        return ctx.broken("unplaced")
    ctx.fact("standard_area")
    ctx.fact("standard_sub_area")
    return ctx.met("placed") if area == right else ctx.broken("elsewhere")
