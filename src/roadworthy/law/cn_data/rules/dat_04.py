"""What a function can do inside the vehicle does not leave it."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("leaves_vehicle"):
        return ctx.not_applicable("stays")
    possible = ctx.stated("function_runs_in_vehicle")
    ctx.owe("keep", deadlines.CONTINUOUS, fulfilled=None if possible is None else not possible)
    if ctx.fact("function_runs_in_vehicle"):
        return ctx.broken("unnecessary")
    return ctx.met("necessary")
