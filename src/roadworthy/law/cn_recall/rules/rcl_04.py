"""The plan follows the confirmed defect within its period; a later change of plan is filed anew."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.label("defect_remedy"):
        return ctx.not_applicable("no_defect")
    return ctx.in_time(
        "done",
        due=ctx.after("defect_confirmed_on", "recall_plan_period"),
        done=ctx.event("recall_plan_filed_on"),
    )
