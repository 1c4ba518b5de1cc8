"""Smoke, fire or loss of control without casualties: basic information, in the longer period."""

from __future__ import annotations

from roadworthy.law.cn_incident import nev
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not nev.concerned(ctx):
        return ctx.not_applicable("other")
    if ctx.fact("casualties_or_major_impact"):
        return ctx.not_applicable("graver")
    return ctx.in_time(
        "basic",
        due=nev.within(ctx, "nev_basic_period"),
        done=ctx.event("nev_basic_reported_at"),
    )
