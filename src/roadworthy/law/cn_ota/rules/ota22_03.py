"""Third filing after the second: the activity needs the accepted type and function.

Submitted is not accepted: the order is one of completed filings.
"""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    ctx.owe("type", BEFORE_RELEASE, fulfilled=standing.settled(ctx, "type_filing"))
    if standing.accepted(ctx, "type_filing"):
        return ctx.met("in_order")
    if standing.activity_sent(ctx):
        return ctx.broken("out_of_order")
    return ctx.not_applicable("not_sent")
