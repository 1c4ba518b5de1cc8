"""What is filed and no longer true, or a lost capability, stands as a fault until it is mended."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.event("filing_fault_found_on") is None:
        return ctx.not_applicable("none_found")
    told = ctx.event("filing_fault_told_on") is not None
    ctx.owe("tell", ctx.once("filing_fault_found_on"), fulfilled=told)
    if ctx.event("filing_fault_mended_on") is not None:
        return ctx.met("mended") if told else ctx.broken("untold")
    ctx.fact("filing_fault_kinds")
    return ctx.broken("stands")
