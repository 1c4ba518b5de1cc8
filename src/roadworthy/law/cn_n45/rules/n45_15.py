"""An update after which the vehicle no longer conforms is not released, or stopped if it was."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    ctx.owe("conform", BEFORE_RELEASE, fulfilled=ctx.stated("conforms_after_update"))
    conforms = ctx.fact("conforms_after_update")
    return ctx.met("conforms") if conforms else ctx.broken("departs")
