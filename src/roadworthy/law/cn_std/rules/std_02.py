"""A type approved before the standard has until the end of the transition to meet it."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if other := scope.not_updatable(ctx):
        return other
    if scope.new_since(ctx, "gb44496_new_types_from"):
        return ctx.not_applicable("new_type")
    due = ctx.by("gb44496_existing_types_from")
    reported = ctx.stated("gb44496_report")
    ctx.owe("report", due, fulfilled=reported)
    if reported:
        return ctx.met("report")
    if ctx.today < due.day:
        return ctx.not_applicable("transition")
    ctx.fact("gb44496_report")
    return ctx.broken("no_report")
