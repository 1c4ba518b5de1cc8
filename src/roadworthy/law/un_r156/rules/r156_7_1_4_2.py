"""An update that needs a skilled action proceeds only with a skilled person present."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    if ctx.fact(evidence.MARKETS) and not ctx.fact("un_needs_skilled_person"):
        return ctx.not_applicable("simple")
    return evidence.holds(ctx, "un_skilled_person_present", BEFORE_EXECUTION)
