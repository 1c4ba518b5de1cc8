"""An export stays within what was assessed."""

from __future__ import annotations

from roadworthy.law.cn_data.exports import ASSESSMENT, PASSED
from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.fact(ASSESSMENT) != PASSED:
        return ctx.not_applicable("not_assessed")
    beyond = ctx.stated("beyond_assessment")
    ctx.owe("within", deadlines.CONTINUOUS, fulfilled=None if beyond is None else not beyond)
    return ctx.broken("beyond") if ctx.fact("beyond_assessment") else ctx.met("within")
