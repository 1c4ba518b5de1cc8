"""Personal information of more persons than the threshold is marked as important."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

ON_CROSSING = deadlines.before_step("不晚于人数超过时", "no later than when the number is exceeded")


def check(ctx: Context) -> Answer:
    limit = ctx.parameter("important_data_persons")
    if ctx.fact("personal_information_subjects") <= limit:
        return ctx.not_applicable("not_more")
    ctx.owe("mark", ON_CROSSING, fulfilled=ctx.stated("marked_important"))
    return ctx.met("marked") if ctx.fact("marked_important") else ctx.broken("not_marked")
