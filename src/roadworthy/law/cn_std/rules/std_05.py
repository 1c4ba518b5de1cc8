"""The notice before an update says what the standard lists, safety included."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules import text
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION

# What OTA22-08 asks about, too, and what only this standard asks for.
REQUIRED = {
    "notice_fields": "gb44496_notice_fields",
    "notice_safety_fields": "gb44496_notice_safety_fields",
}


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    absent = []
    for name, parameter in REQUIRED.items():
        required, stated = set(ctx.parameter(parameter)), ctx.stated(name)
        if lacking := set() if stated is None else required - set(stated):
            absent.append(ctx.words(name, lacking))
    whole = None if any(ctx.stated(name) is None for name in REQUIRED) else not absent
    ctx.owe("notice", BEFORE_EXECUTION, fulfilled=False if absent else whole)
    if absent:
        return ctx.broken("incomplete", absent=text.listed(absent))
    for name in REQUIRED:
        ctx.fact(name)
    return ctx.met("complete")
