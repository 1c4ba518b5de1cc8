"""A recall over the air needs the filed plan besides form and package."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.law.cn_recall import samr_package
from roadworthy.rules.answers import Answer, Outcome
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.label("defect_remedy"):
        return ctx.not_applicable("service")
    answer = samr_package.check(ctx)
    if answer.outcome is Outcome.MET and not standing.sent(ctx, "recall_plan"):
        return ctx.broken("no_plan")
    return answer
