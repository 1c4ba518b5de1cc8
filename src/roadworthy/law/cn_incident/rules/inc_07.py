"""What a recorder holds of an event is extracted and locked at once."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    holding = ctx.fact("recorders_holding")
    if not holding:
        return ctx.not_applicable("nothing")
    locked = ctx.stated("recorders_locked")
    left = [recorder for recorder in holding if recorder not in (locked or ())]
    ctx.owe("lock", ctx.at_once(), fulfilled=not left)
    ctx.fact("recorders_locked")
    if left:
        return ctx.broken("open", left=ctx.words("recorders_holding", left))
    return ctx.met("locked")
