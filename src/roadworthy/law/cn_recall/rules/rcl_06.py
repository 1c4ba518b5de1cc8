"""The public learns of defect, precautions and remedy within the period from the plan's filing."""

from __future__ import annotations

from roadworthy.law.cn_recall import obliged
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not obliged.to_recall(ctx):
        return ctx.not_applicable("no_defect")
    return ctx.in_time(
        "done",
        due=ctx.after("recall_plan_filed_on", "recall_publication_period"),
        done=ctx.event("recall_published_on"),
    )
