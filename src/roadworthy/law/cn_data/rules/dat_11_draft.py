"""The draft knew one way out of the country only, the assessment, for personal information too."""

from __future__ import annotations

from roadworthy.law.cn_data.exports import assessed, exported
from roadworthy.law.cn_data.importance import CATEGORIES
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not exported(ctx):
        return ctx.not_applicable("not_exported")
    if not ctx.stated("contains_personal_information") and not ctx.fact(CATEGORIES):
        ctx.fact("contains_personal_information")
        return ctx.not_applicable("not_important")
    return assessed(ctx)
