"""A failed update ends in the previous version or in a safe state, and is recorded."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    if not ctx.fact("update_failed"):
        return ctx.not_applicable("not_failed")
    ways = [ctx.stated("previous_version_restored"), ctx.stated("safe_state_reached")]
    recovered = True if True in ways else None if None in ways else False
    recorded = ctx.stated("failure_recorded")
    ctx.owe("recover", ctx.at_once(), fulfilled=recovered)
    ctx.owe("record", ctx.at_once(), fulfilled=recorded)
    if recovered is False or recorded is False:
        return ctx.broken("not_recovered" if recovered is False else "not_recorded")
    ctx.any_of("previous_version_restored", "safe_state_reached")
    ctx.fact("failure_recorded")
    return ctx.met("recovered")
