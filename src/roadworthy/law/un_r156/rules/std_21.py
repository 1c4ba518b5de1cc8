"""Whoever holds an approval reports its monitoring at least once a year."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact(evidence.MARKETS):
        return ctx.not_applicable("elsewhere")
    return ctx.in_time(
        "report",
        due=ctx.after("last_monitoring_report_on", "monitoring_report_interval"),
        done=ctx.stated("monitoring_report_filed_on"),
    )
