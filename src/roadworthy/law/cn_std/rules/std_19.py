"""A new type with automated driving of level 3 or 4 shows its report to GB 44721-2026."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.fact("vehicle_category") not in scope.MOTOR_VEHICLES:
        return ctx.not_applicable("not_covered")
    lowest, highest = ctx.parameter("ads_lowest_level"), ctx.parameter("gb44721_highest_level")
    if not lowest <= ctx.fact("automation_level") <= highest:
        return ctx.not_applicable("other_level")
    if not scope.new_since(ctx, "gb44721_new_types_from"):
        return ctx.not_applicable("earlier_type")
    if ctx.stated("gb44721_report"):
        ctx.owe("report", scope.BEFORE_ACCESS, fulfilled=True)
        return ctx.met("report")
    if ctx.fact("ads_parking_only"):
        return ctx.not_applicable("parking")
    ctx.owe("report", scope.BEFORE_ACCESS, fulfilled=ctx.stated("gb44721_report"))
    ctx.fact("gb44721_report")
    return ctx.broken("no_report")
