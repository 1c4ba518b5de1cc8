"""A severe crash with the system engaged is reported within calendar days of the notice."""

from __future__ import annotations

from roadworthy.law.us_nhtsa import crash
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not crash.covered(ctx):
        return ctx.not_applicable("other")
    if not crash.severe(ctx):
        return ctx.not_applicable("milder")
    return ctx.in_time(
        "report",
        due=ctx.after("sgo_notice_on", "sgo_report_period"),
        done=ctx.event("sgo_reported_on"),
    )
