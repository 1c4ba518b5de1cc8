"""Before anything runs on a vehicle, its user has been told all that the provision lists."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    required = set(ctx.parameter("notice_fields_required"))
    stated = ctx.stated("notice_fields")
    complete = None if stated is None else required <= set(stated)
    ctx.owe("notice", BEFORE_EXECUTION, fulfilled=complete)
    absent = required - set(ctx.fact("notice_fields"))
    if absent:
        return ctx.broken("incomplete", absent=ctx.words("notice_fields", absent))
    return ctx.met("complete")
