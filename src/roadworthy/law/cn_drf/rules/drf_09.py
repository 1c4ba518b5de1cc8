"""Watch: a safety event that was reported late or not at all is made public."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    lapse = ctx.fact("event_report_lapse") != "none"
    return ctx.broken("lapse") if lapse else ctx.not_applicable("no_lapse")
