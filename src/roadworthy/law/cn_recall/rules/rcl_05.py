"""The sellers learn of the plan together with its filing, and stop selling."""

from __future__ import annotations

from roadworthy.rules.answers import Answer, Outcome
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    stopped = ctx.stated("sellers_stopped_sale")
    ctx.owe("stop", ctx.once("sellers_informed_on"), fulfilled=stopped)
    answer = ctx.in_time(
        "inform", due=ctx.together("recall_plan_filed_on"), done=ctx.event("sellers_informed_on")
    )
    if answer.outcome is Outcome.MET and not ctx.fact("sellers_stopped_sale"):
        return ctx.broken("still_sold")
    return answer
