"""A false advertisement is exposed to a fine; which one depends on fee, repetition and seriousness.

This names what the law allows at most and at least. It never predicts what an authority will do.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("advertisement_false"):
        return ctx.not_applicable("not_false")
    serious = _serious(ctx)
    if ctx.fact("advertising_fee_calculable"):
        ctx.parameter("false_ad_serious_fine_times" if serious else "false_ad_fine_times")
        return ctx.broken("serious_times" if serious else "times")
    ctx.parameter("false_ad_serious_fine_amount" if serious else "false_ad_fine_amount")
    return ctx.broken("serious_amount" if serious else "amount")


def _serious(ctx: Context) -> bool:
    ctx.parameter("false_ad_counting_period")
    enough = ctx.parameter("false_ad_repeat_count")
    counted = ctx.stated("false_advertisements_counted")
    if counted is not None and counted >= enough:
        return True
    if ctx.stated("advertisement_otherwise_serious"):
        return True
    ctx.fact("false_advertisements_counted")
    return bool(ctx.fact("advertisement_otherwise_serious"))
