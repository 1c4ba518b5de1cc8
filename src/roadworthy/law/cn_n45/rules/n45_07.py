"""A function of automated driving needs an access permit; filing is no substitute."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    if not ctx.label("ads_function"):
        return ctx.not_applicable("not_automated")
    ctx.owe("permit", BEFORE_RELEASE, fulfilled=standing.settled(ctx, "access_permit"))
    permitted = standing.accepted(ctx, "access_permit")
    return ctx.met("permitted") if permitted else ctx.broken("no_permit")
