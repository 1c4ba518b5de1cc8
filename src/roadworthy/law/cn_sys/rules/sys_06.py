"""A mandatory national standard binds by itself; any other only where something refers to it."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    binding = ctx.fact("standard_force") == "mandatory"
    begins = ctx.event("standard_in_force_on")
    if begins is not None and begins > ctx.today:
        return ctx.not_applicable("ahead")
    if not (binding or ctx.any_of("standard_referenced_by_law", "standard_agreed_in_contract")):
        return ctx.not_applicable("voluntary")
    reason = "mandatory" if binding else "referenced"
    ctx.owe("follow", deadlines.CONTINUOUS)
    if ctx.fact("standard_treated_as_binding"):
        return ctx.met(reason)
    return ctx.broken(f"{reason}_ignored")
