"""Grade 1: nothing beside the accepted activity filing is needed."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.any_label("ads_function", "main_param_change", "regulated_performance"):
        return ctx.not_applicable("higher")
    if standing.accepted(ctx, "miit_filing"):
        return ctx.met("filed")
    return ctx.broken("not_filed")
