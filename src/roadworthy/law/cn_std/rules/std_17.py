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
    light = ctx.fact("vehicle_category") in scope.LIGHT
    kind = "time_span_events" if light else "continuous_hours"
    asked, stamps = ctx.parameter(f"dssad_least_{kind}"), "dssad_timestamp_events"
    least = ctx.parameter("dssad_least_timestamp_events")
    if ctx.fact(f"dssad_{kind}") >= asked and ctx.fact(stamps) >= least:
        return ctx.met("enough")
    return ctx.broken("too_small_light" if light else "too_small_heavy")
