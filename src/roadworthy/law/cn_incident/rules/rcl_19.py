"""Intrusion, remote control or an accident of an upgrade: investigate and report at once."""

from __future__ import annotations

from roadworthy.law.cn_incident import intrusion
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not intrusion.concerned(ctx):
        return ctx.not_applicable("other")
    reported = ctx.event("reported_to_samr_on")
    ctx.owe("investigate", ctx.at_once(), fulfilled=ctx.stated("incident_investigated"))
    ctx.owe("report", ctx.at_once(), fulfilled=reported is not None)
    if reported is None:
        return ctx.broken("not_reported")
    return ctx.met("done") if ctx.fact("incident_investigated") else ctx.broken("not_investigated")
