"""A new type with automated driving carries a recorder that holds enough."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.fact("vehicle_category") not in scope.MOTOR_VEHICLES:
        return ctx.not_applicable("not_covered")
    if ctx.fact("automation_level") < ctx.parameter("ads_lowest_level"):
        return ctx.not_applicable("lower_level")
    if not scope.new_since(ctx, "gb44497_new_types_from"):
        return ctx.not_applicable("earlier_type")
    ctx.owe("recorder", scope.BEFORE_ACCESS, fulfilled=ctx.stated("dssad_fitted"))
    if not ctx.fact("dssad_fitted"):
        return ctx.broken("none")
    return _enough(ctx)


def _enough(ctx: Context) -> Answer:
    if ctx.fact("vehicle_category") in scope.LIGHT:
        least, held, small = "dssad_least_time_span_events", "dssad_time_span_events", "light"
    else:
        least, held, small = "dssad_least_continuous_hours", "dssad_continuous_hours", "heavy"
    span, stamps = ctx.parameter(least), ctx.parameter("dssad_least_timestamp_events")
    if ctx.fact(held) >= span and ctx.fact("dssad_timestamp_events") >= stamps:
        return ctx.met("enough")
    return ctx.broken(f"too_small_{small}")
