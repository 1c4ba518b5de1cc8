"""A lesser crash of automated driving with damage is listed in the month after the notice."""

from __future__ import annotations

from roadworthy.law.us_nhtsa import crash
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not crash.covered(ctx):
        return ctx.not_applicable("other")
    if ctx.fact("sgo_system") != "ads":
        return ctx.not_applicable("not_ads")
    if crash.severe(ctx):
        return ctx.not_applicable("severe")
    damaged = ctx.fact("sgo_damage_usd") > ctx.parameter("sgo_damage_threshold")
    if not (damaged or ctx.fact("sgo_sole_or_striking")):
        return ctx.not_applicable("minor")
    return ctx.in_time(
        "list",
        due=ctx.in_following_month("sgo_notice_on", "sgo_monthly_day"),
        done=ctx.event("sgo_listed_on"),
    )
