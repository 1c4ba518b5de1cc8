"""Where the remedy changes main parameters, production stays stopped until the change permit."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.all_labels("defect_remedy", "main_param_change"):
        return ctx.not_applicable("other")
    ctx.owe("resume", ctx.once("product_change_accepted_on"))
    if standing.accepted(ctx, "product_change"):
        return ctx.met("permitted")
    return ctx.met("stopped") if ctx.fact("production_stopped") else ctx.broken("resumed")
