"""An upgrade that removes a defect goes the way of a recall; production and sale stop at once."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import IMMEDIATE


def check(ctx: Context) -> Answer:
    if not ctx.label("defect_remedy"):
        return ctx.not_applicable("no_defect")
    ctx.owe("production", IMMEDIATE, fulfilled=ctx.stated("production_stopped"))
    ctx.owe("sale", IMMEDIATE, fulfilled=ctx.stated("sale_stopped"))
    if not ctx.all_are(True, "production_stopped", "sale_stopped"):
        return ctx.broken("not_stopped")
    plan = standing.accepted(ctx, "recall_plan")
    return ctx.met("recalled") if plan else ctx.broken("no_plan")
