"""Intrusion, remote control and accidents of an upgrade reach SAMR, which acknowledges them."""

from __future__ import annotations

from roadworthy.law.cn_incident import intrusion
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not intrusion.concerned(ctx):
        return ctx.not_applicable("other")
    reported = ctx.event("reported_to_samr_on")
    acknowledged = ctx.stated("samr_acknowledged") is True
    ctx.owe("report", ctx.at_once(), fulfilled=reported is not None and acknowledged)
    if reported is None:
        return ctx.broken("not_reported")
    return ctx.met("done") if ctx.fact("samr_acknowledged") else ctx.broken("not_acknowledged")
