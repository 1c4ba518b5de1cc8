"""Before personal information is processed, its notice states all that the provision lists."""

from __future__ import annotations

from roadworthy.law.cn_data.listed import lacking
from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

ITEMS = "privacy_notice_items"
BEFORE_PROCESSING = deadlines.before_step("处理个人信息之前", "before the information is processed")


def check(ctx: Context) -> Answer:
    if not ctx.fact("contains_personal_information"):
        return ctx.not_applicable("no_personal_information")
    required, stated = set(ctx.parameter("privacy_notice_items_required")), ctx.stated(ITEMS)
    complete = None if stated is None else required <= set(stated)
    ctx.owe("notice", BEFORE_PROCESSING, fulfilled=complete)
    absent = lacking(ctx, ITEMS, "privacy_notice_items_required")
    return ctx.broken("incomplete", absent=absent) if absent else ctx.met("complete")
