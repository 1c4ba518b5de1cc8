"""Second filing after the first: type and function need the accepted capability."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    ctx.owe("capability", BEFORE_RELEASE, fulfilled=standing.settled(ctx, "capability_filing"))
    if standing.accepted(ctx, "capability_filing"):
        return ctx.met("in_order")
    if standing.sent(ctx, "type_filing"):
        return ctx.broken("out_of_order")
    return ctx.not_applicable("not_sent")
