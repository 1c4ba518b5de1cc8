"""A new type that can be updated shows its report to GB 44496 when it applies for access."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if other := scope.not_updatable(ctx):
        return other
    if not scope.new_since(ctx, "gb44496_new_types_from"):
        return ctx.not_applicable("earlier_type")
    ctx.owe("report", scope.BEFORE_ACCESS, fulfilled=ctx.stated("gb44496_report"))
    return ctx.met("report") if ctx.fact("gb44496_report") else ctx.broken("no_report")
