"""Before anything runs, what users must be told and what they chose is on record."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    required = set(ctx.parameter("disclosure_fields_required"))
    stated = ctx.stated("disclosure_fields")
    absent = None if stated is None else required - set(stated)
    chosen = ctx.stated("user_choice_recorded")
    ctx.owe("disclosure", BEFORE_EXECUTION, fulfilled=None if absent is None else not absent)
    ctx.owe("choice", BEFORE_EXECUTION, fulfilled=chosen)
    if absent:
        return ctx.broken("incomplete", absent=ctx.words("disclosure_fields", absent))
    if chosen is False:
        return ctx.broken("no_choice")
    ctx.fact("disclosure_fields")
    ctx.fact("user_choice_recorded")
    return ctx.met("recorded")
