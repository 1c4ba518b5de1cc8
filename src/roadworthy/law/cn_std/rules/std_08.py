"""Where an update is not safe while driving, driving and disturbing functions are blocked."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    if not ctx.fact("unsafe_while_driving"):
        return ctx.not_applicable("safe")
    ctx.owe("driving", BEFORE_EXECUTION, fulfilled=ctx.stated("driving_blocked"))
    ctx.owe("functions", BEFORE_EXECUTION, fulfilled=ctx.stated("affecting_functions_blocked"))
    blocked = ctx.all_are(True, "driving_blocked", "affecting_functions_blocked")
    return ctx.met("blocked") if blocked else ctx.broken("not_blocked")
