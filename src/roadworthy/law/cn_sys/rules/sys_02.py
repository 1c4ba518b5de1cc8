"""The first target is met when enough standards were there on its day."""

from __future__ import annotations

from roadworthy.law.cn_sys import target
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    return target.check(
        ctx,
        counted="standards_at_first_target",
        day="first_target_day",
        number="first_target_count",
    )
