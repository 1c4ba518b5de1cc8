"""The update adds or changes a function at or above the lowest level of automated driving."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("changes_automation_function"):
        return ctx.not_applicable("none")
    automated = ctx.fact("function_level") >= ctx.parameter("ads_lowest_level")
    return ctx.met("automated") if automated else ctx.not_applicable("assisted")
