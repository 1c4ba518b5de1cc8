"""A completed activity is reported within the period that runs from its completion."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    return ctx.in_time(
        "report",
        due=ctx.after("completed_on", "implementation_report_period"),
        done=ctx.event("implementation_report_filed_on"),
    )
