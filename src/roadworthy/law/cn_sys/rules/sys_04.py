"""A standard that is not in force yet is cited as published, not in force."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.today >= ctx.fact("standard_in_force_on"):
        return ctx.not_applicable("in_force")
    cited = ctx.fact("standard_cited_as")
    ctx.owe("cite", deadlines.CONTINUOUS, fulfilled=cited == "published")
    return ctx.met("right") if cited == "published" else ctx.broken("wrong")
