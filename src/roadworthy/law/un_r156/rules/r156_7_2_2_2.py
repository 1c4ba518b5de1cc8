"""Users are informed before the update (items a to e)."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION


def check(ctx: Context) -> Answer:
    return evidence.complete(ctx, "un_user_information", BEFORE_EXECUTION)
