"""A service over the air on sold vehicles is filed with SAMR, with form and package in time."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.law.cn_recall import samr_package
from roadworthy.rules.answers import Answer, Outcome
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.label("defect_remedy"):
        return ctx.not_applicable("recall")
    answer = samr_package.check(ctx)
    if answer.outcome is Outcome.MET and not standing.sent(ctx, "samr_filing"):
        return ctx.broken("not_filed")
    return answer
