"""The user confirms the update before it runs, unless the standard lets it run without."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    if ctx.stated("confirmation_exempt"):
        return ctx.not_applicable("exempt")
    ctx.owe("confirmation", BEFORE_EXECUTION, fulfilled=ctx.stated("user_confirmed"))
    if ctx.fact("user_confirmed"):
        return ctx.met("confirmed")
    ctx.fact("confirmation_exempt")
    return ctx.broken("not_confirmed")
