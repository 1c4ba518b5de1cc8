"""The plan follows the confirmed defect, or the order to recall, within its period."""

from __future__ import annotations

from roadworthy.law.cn_recall import obliged
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not obliged.to_recall(ctx):
        return ctx.not_applicable("no_defect")
    return ctx.in_time(
        "done",
        due=ctx.after(obliged.since(ctx) or "defect_confirmed_on", "recall_plan_period"),
        done=ctx.event("recall_plan_filed_on"),
    )
