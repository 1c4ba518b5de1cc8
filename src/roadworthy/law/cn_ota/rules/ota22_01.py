"""Only the vehicle manufacturer that holds the access permit files; a supplier cannot."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.fact("applicant_holds_permit"):
        return ctx.met("manufacturer")
    return ctx.broken("other")
