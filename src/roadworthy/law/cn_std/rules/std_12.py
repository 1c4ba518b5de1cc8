"""An update that takes a skilled hand runs only where such a person is present or in control."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    if not ctx.fact("needs_skilled_action"):
        return ctx.not_applicable("not_needed")
    ctx.owe("person", BEFORE_EXECUTION, fulfilled=ctx.stated("skilled_person_present"))
    return ctx.met("present") if ctx.fact("skilled_person_present") else ctx.broken("absent")
