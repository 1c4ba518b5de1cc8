"""Without its preconditions, or without power to finish and to recover, an update waits."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    if ctx.all_are(True, "preconditions_met", "power_sufficient"):
        return ctx.met("ready")
    ctx.owe("defer", BEFORE_EXECUTION, fulfilled=False)
    return ctx.broken("defer")
