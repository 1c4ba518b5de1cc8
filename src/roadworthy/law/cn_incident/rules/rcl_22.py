"""Each such accident is followed by the full form."""

from __future__ import annotations

from roadworthy.law.cn_incident import nev
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not nev.concerned(ctx):
        return ctx.not_applicable("other")
    return ctx.in_time(
        "full",
        due=nev.within(ctx, "nev_full_period"),
        done=ctx.event("nev_full_reported_at"),
    )
