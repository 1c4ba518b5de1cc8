"""An update that affects a type approval waits for the extension or the new approval."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    if ctx.fact(evidence.MARKETS) and not ctx.fact("un_approval_affected"):
        return ctx.not_applicable("untouched")
    return evidence.holds(ctx, "un_approval_extended", BEFORE_RELEASE)
