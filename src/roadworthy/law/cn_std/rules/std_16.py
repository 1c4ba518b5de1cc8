"""A passenger car built since the first day carries an event data recorder."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.fact("vehicle_category") != "M1":
        return ctx.not_applicable("not_covered")
    first, built = ctx.by("edr_built_from").day, ctx.event("built_on")
    if built is not None and built < first:
        return ctx.not_applicable("built_before")
    fitted = [ctx.stated("edr_fitted"), ctx.stated("video_recorder_fitted")]
    recorder = True if True in fitted else None if None in fitted else False
    ctx.owe("recorder", scope.BEFORE_ACCESS, fulfilled=recorder)
    if not ctx.any_of("edr_fitted", "video_recorder_fitted"):
        return ctx.broken("none")
    # GB 7258 is said to let a video recorder stand in; the answer's words say how sure that is.
    return ctx.met("fitted" if ctx.stated("edr_fitted") else "video")
