"""What was told or published to be important leaves the country only after a passed assessment."""

from __future__ import annotations

from roadworthy.law.cn_data.exports import assessed, exported
from roadworthy.law.cn_data.importance import TOLD, important
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not exported(ctx):
        return ctx.not_applicable("not_exported")
    told = ctx.stated(TOLD)
    if told is False:
        return ctx.not_applicable("not_told")
    if not important(ctx):
        return ctx.not_applicable("not_important")
    ctx.fact(TOLD)
    return assessed(ctx)
