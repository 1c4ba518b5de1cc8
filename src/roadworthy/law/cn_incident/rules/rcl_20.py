"""Smoke, fire or loss of control with casualties: basic information, in the shorter period.

While nobody knows whether persons were hurt, the shorter period is shown as owed: the information
is owed either way, and the hours run meanwhile.
"""

from __future__ import annotations

from roadworthy.law.cn_incident import nev
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not nev.concerned(ctx):
        return ctx.not_applicable("other")
    sent_at = ctx.event("nev_basic_reported_at")
    if ctx.stated("casualties_or_major_impact") is None:
        due = nev.within(ctx, "nev_basic_casualty_period")
        ctx.owe("basic", due, fulfilled=sent_at is not None)
    if not ctx.fact("casualties_or_major_impact"):
        return ctx.not_applicable("milder")
    return ctx.in_time("basic", due=nev.within(ctx, "nev_basic_casualty_period"), done=sent_at)
