"""After the update the user is told how it ended."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    ctx.owe("result", ctx.once("completed_on"), fulfilled=ctx.stated("result_told"))
    if ctx.event("completed_on") is None:
        return ctx.not_applicable("not_yet_finished")
    if not ctx.fact("result_told"):
        return ctx.broken("not_told")
    # The digests of the standard ask for the result; changes and manual stand in UN R156.
    return ctx.met("told" if ctx.stated("changes_told") else "result_only")
