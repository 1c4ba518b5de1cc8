"""A new type with combined driver assistance shows its report to GB 47955."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("has_combined_assistance"):
        return ctx.not_applicable("not_fitted")
    if not scope.new_since(ctx, "gb47955_new_types_from"):
        return ctx.not_applicable("earlier_type")
    ctx.owe("report", scope.BEFORE_ACCESS, fulfilled=ctx.stated("gb47955_report"))
    return ctx.met("report") if ctx.fact("gb47955_report") else ctx.broken("no_report")
