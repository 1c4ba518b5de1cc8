"""Each drive starts without collection, unless the driver set it otherwise."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

EACH_DRIVE = deadlines.before_step("每次驾驶开始之前", "before each drive starts")


def check(ctx: Context) -> Answer:
    if ctx.stated("driver_set_collection"):
        return ctx.not_applicable("chosen")
    on = ctx.stated("collection_on_by_default")
    ctx.owe("off", EACH_DRIVE, fulfilled=None if on is None else not on)
    if not ctx.fact("collection_on_by_default"):
        return ctx.met("off")
    ctx.fact("driver_set_collection")
    return ctx.broken("on")
