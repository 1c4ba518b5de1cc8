"""An adapter for safety-event data sends the draft's code of the event."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    event = ctx.fact("safety_event")
    code = ctx.parameter("safety_event_codes").get(event)
    if code is None:
        return ctx.not_applicable("no_code")
    right = ctx.fact("safety_event_code").casefold() == code.casefold()
    return (ctx.met if right else ctx.broken)("right" if right else "wrong", code=code)
