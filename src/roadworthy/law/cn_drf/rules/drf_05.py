"""Watch: more updates than the enterprise itself calls frequent.

The draft gives no number, so none is assumed: without the enterprise's own there is no answer.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    limit = ctx.stated("own_frequent_updates")
    if limit is None:
        return ctx.not_applicable("no_number")
    frequent = ctx.fact("updates_in_period") > limit
    return ctx.broken("frequent") if frequent else ctx.met("not_frequent")
