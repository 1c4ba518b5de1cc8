"""Whoever processes important data reports each year's management by a day of that year."""

from __future__ import annotations

from roadworthy.law.cn_data import yearly_report
from roadworthy.law.cn_data.importance import important
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not important(ctx):
        return ctx.not_applicable("not_important")
    due = yearly_report.due(ctx)
    return ctx.in_time("report", due=due, done=yearly_report.filed(ctx, due))
