"""A collision of a vehicle with combined driver assistance is told to both, active or not."""

from __future__ import annotations

from roadworthy.law.cn_incident import reports
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not reports.collided(ctx):
        return ctx.not_applicable("other")
    return reports.sent(ctx)
