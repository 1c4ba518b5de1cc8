"""Grade 3: MIIT approves before anything is upgraded."""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.label("ads_function"):
        return ctx.not_applicable("not_automated")
    approved = standing.accepted(ctx, "access_permit")
    return ctx.met("approved") if approved else ctx.broken("not_approved")
