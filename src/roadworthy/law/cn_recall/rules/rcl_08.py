"""A changed plan is filed again, explained and told to the sellers before it is carried out."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import before_step

_BEFORE = before_step("执行修改后的计划之前", "before the changed plan is carried out")


def check(ctx: Context) -> Answer:
    if ctx.event("recall_plan_changed_on") is None:
        return ctx.not_applicable("unchanged")
    filed, executed = ctx.event("changed_plan_filed_on"), ctx.event("changed_plan_executed_on")
    ctx.owe("file", _BEFORE, fulfilled=filed is not None)
    ctx.owe("inform", _BEFORE, fulfilled=ctx.stated("sellers_told_of_change"))
    if executed and (filed is None or executed < filed):
        return ctx.broken("executed_first")
    if filed is None:
        return ctx.not_applicable("not_executed")
    if not ctx.fact("plan_change_explained"):
        return ctx.broken("unexplained")
    return ctx.met("filed") if ctx.fact("sellers_told_of_change") else ctx.broken("not_told")
