"""Data that are stored in China and opened from abroad are managed as an export."""

from __future__ import annotations

from roadworthy.law.cn_data.exports import BEFORE_EXPORT
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("opened_from_abroad"):
        return ctx.not_applicable("not_opened")
    ctx.owe("manage", BEFORE_EXPORT, fulfilled=ctx.stated("managed_as_export"))
    return ctx.met("managed") if ctx.fact("managed_as_export") else ctx.broken("not_managed")
