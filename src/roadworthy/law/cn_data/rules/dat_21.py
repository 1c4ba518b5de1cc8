"""A draft of 2021 would have kept cockpit data in the vehicle; it is watched and blocks nothing."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("contains_cockpit_data"):
        return ctx.not_applicable("no_cockpit_data")
    return ctx.broken("leaves") if ctx.fact("leaves_vehicle") else ctx.met("stays")
