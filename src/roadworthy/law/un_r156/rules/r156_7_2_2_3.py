"""An update that is not safe while driving runs only when the vehicle cannot be driven."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    if ctx.fact(evidence.MARKETS) and ctx.fact("un_safe_while_driving"):
        return ctx.not_applicable("safe")
    return evidence.holds(ctx, "un_driving_blocked", BEFORE_EXECUTION)
