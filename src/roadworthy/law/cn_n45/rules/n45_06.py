"""A change of main technical parameters needs the product change permit and the filings."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    if not ctx.label("main_param_change"):
        return ctx.not_applicable("unchanged")
    ctx.owe("permit", BEFORE_RELEASE, fulfilled=standing.settled(ctx, "product_change"))
    if not standing.accepted(ctx, "product_change"):
        return ctx.broken("no_permit")
    if not standing.accepted(ctx, "miit_filing", "samr_filing"):
        return ctx.broken("not_filed")
    return ctx.met("permitted")
