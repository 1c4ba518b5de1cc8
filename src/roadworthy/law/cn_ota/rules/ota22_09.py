"""After the upgrade the user learns its result; the law sets no period for it."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    told = ctx.stated("result_told")
    ctx.owe("result", ctx.once("completed_on"), fulfilled=told)
    if ctx.event("completed_on") is None:
        return ctx.not_applicable("not_yet")
    return ctx.met("told") if ctx.fact("result_told") else ctx.broken("not_told")
