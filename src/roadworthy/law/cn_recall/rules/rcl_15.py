"""A recall abroad is filed within its period, and the same products in China are assessed."""

from __future__ import annotations

from roadworthy.rules.answers import Answer, Outcome
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.event("recalled_abroad_on") is None:
        return ctx.not_applicable("none_abroad")
    # A recall abroad makes a defect possible here: 第十二条 asks to investigate at once.
    ctx.owe("assess", ctx.at_once(), fulfilled=ctx.stated("domestic_products_assessed"))
    answer = ctx.in_time(
        "file",
        due=ctx.after("recalled_abroad_on", "producer_information_period"),
        done=ctx.event("recall_abroad_filed_on"),
    )
    if answer.outcome is Outcome.MET and not ctx.fact("domestic_products_assessed"):
        return ctx.broken("not_assessed")
    return answer
