"""Each update is documented (items a to i)."""

from __future__ import annotations

from roadworthy.law.un_r156 import evidence
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_RELEASE


def check(ctx: Context) -> Answer:
    return evidence.complete(ctx, "un_update_record", BEFORE_RELEASE)
