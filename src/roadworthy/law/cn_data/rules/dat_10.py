"""Important data are stored in China; a copy abroad is an export beside that."""

from __future__ import annotations

from roadworthy.law.cn_data.importance import important
from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not important(ctx):
        return ctx.not_applicable("not_important")
    place = ctx.stated("data_storage_place")
    ctx.owe("store", deadlines.CONTINUOUS, fulfilled=None if place is None else place != "abroad")
    if ctx.fact("data_storage_place") == "abroad":
        return ctx.broken("abroad")
    return ctx.met("in_china")
