"""Important data leave the country only after their assessment was passed."""

from __future__ import annotations

from roadworthy.law.cn_data.exports import assessed, exported
from roadworthy.law.cn_data.importance import important
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not exported(ctx):
        return ctx.not_applicable("not_exported")
    if not important(ctx):
        return ctx.not_applicable("not_important")
    return assessed(ctx)
