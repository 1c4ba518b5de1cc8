"""Watch: what is upgraded is what was filed.

That what is filed is true binds already (OTA22); the draft adds how a difference is dealt with.
"""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not standing.activity_sent(ctx):
        return ctx.not_applicable("not_filed")
    same = ctx.fact("update_matches_filing")
    return ctx.met("same") if same else ctx.broken("differs")
