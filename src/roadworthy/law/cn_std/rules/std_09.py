"""Nobody is locked in: occupants can open the doors while the update runs."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    ctx.owe("doors", BEFORE_EXECUTION, fulfilled=ctx.stated("doors_can_be_opened"))
    return ctx.met("open") if ctx.fact("doors_can_be_opened") else ctx.broken("locked_in")
