"""From its successor's first day a superseded standard is cited with all its successors."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("standard_superseded"):
        return ctx.not_applicable("current")
    ctx.stated("standard_successors")
    if ctx.fact("successor_in_force_on") > ctx.today:
        return ctx.not_applicable("still")
    ctx.owe("list", deadlines.CONTINUOUS, fulfilled=ctx.stated("successors_cited"))
    ctx.fact("standard_successors")
    return ctx.met("listed") if ctx.fact("successors_cited") else ctx.broken("outdated")
