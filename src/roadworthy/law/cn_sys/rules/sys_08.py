"""A mandatory standard in force for longer than the period can be analysed."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.fact("standard_force") != "mandatory":
        return ctx.not_applicable("not_mandatory")
    ctx.fact("standard_in_force_on")
    age = ctx.after("standard_in_force_on", "statistics_age")
    return ctx.met("eligible") if ctx.is_past(age) else ctx.not_applicable("too_young")
