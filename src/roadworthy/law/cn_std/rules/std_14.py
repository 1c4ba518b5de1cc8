"""A vehicle whose last known configuration does not fit stays out of the campaign."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import before_step

BEFORE_ISSUE = before_step("升级下发之前", "before the update is issued")


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    if ctx.fact("configuration_compatible"):
        return ctx.met("compatible")
    ctx.owe("exclude", BEFORE_ISSUE, fulfilled=ctx.stated("incompatible_excluded"))
    return ctx.met("excluded") if ctx.fact("incompatible_excluded") else ctx.broken("included")
