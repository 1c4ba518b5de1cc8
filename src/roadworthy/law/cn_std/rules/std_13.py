"""Records of every update are kept for years after production of the type has ended."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    due = ctx.kept_after("production_ended_on", "update_record_period")
    if due.date is not None and ctx.today >= due.date:
        return ctx.not_applicable("expired")
    ctx.owe("records", due, fulfilled=ctx.stated("update_records_kept"))
    return ctx.met("kept") if ctx.fact("update_records_kept") else ctx.broken("not_kept")
