"""An incident stays open until both authorities have acknowledged its report."""

from __future__ import annotations

from roadworthy.law.cn_incident import reports
from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not (reports.disengaged(ctx) or reports.collided(ctx)):
        return ctx.not_applicable("other")
    known = [ctx.stated(name) for name in ("miit_acknowledged", "samr_acknowledged")]
    ctx.owe("close", deadlines.CONTINUOUS, fulfilled=all(known))
    closed = ctx.all_are(True, "miit_acknowledged", "samr_acknowledged")
    return ctx.met("closed") if closed else ctx.broken("open")
