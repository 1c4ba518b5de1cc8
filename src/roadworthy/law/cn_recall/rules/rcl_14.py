"""A change of the filed information is entered within its period."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    return ctx.in_time(
        "update",
        due=ctx.after("producer_information_changed_on", "producer_information_period"),
        done=ctx.event("producer_information_updated_on"),
    )
