"""The final report follows the completed plan within its period."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    return ctx.in_time(
        "report",
        due=ctx.after("recall_completed_on", "recall_final_report_period"),
        done=ctx.event("recall_final_report_filed_on"),
    )
