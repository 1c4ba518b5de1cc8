"""A failure of combined driver assistance that ends the function is told to both, promptly."""

from __future__ import annotations

from roadworthy.law.cn_incident import reports
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not reports.disengaged(ctx):
        return ctx.not_applicable("other")
    return reports.sent(ctx)
