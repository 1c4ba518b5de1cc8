"""Product change first, then the filing: the permit is older than the activity filing."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.label("main_param_change"):
        return ctx.not_applicable("unchanged")
    if not standing.accepted(ctx, "product_change"):
        return ctx.broken("no_permit")
    if not standing.activity_sent(ctx):
        return ctx.met("in_order")
    if ctx.fact("activity_submitted_on") < ctx.fact("product_change_accepted_on"):
        return ctx.broken("too_early")
    return ctx.met("in_order")
