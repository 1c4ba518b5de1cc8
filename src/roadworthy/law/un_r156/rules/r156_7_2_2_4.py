"""Users are told the result and the changes, and the manual follows."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    return evidence.holds(ctx, "un_result_told", ctx.once("completed_on"))
