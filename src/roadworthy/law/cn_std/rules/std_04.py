"""Where a software identification number is used, it follows changes that matter for approval."""

from __future__ import annotations

from roadworthy.law.cn_std import scope
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import BEFORE_EXECUTION

OWED = {"update": "swin_updated", "readable": "swin_readable", "protect": "swin_protected"}


def check(ctx: Context) -> Answer:
    if other := scope.uncovered(ctx):
        return other
    if not ctx.all_are(True, "swin_used", "changes_approval_relevant_software"):
        return ctx.not_applicable("not_concerned")
    for part, name in OWED.items():
        ctx.owe(part, BEFORE_EXECUTION, fulfilled=ctx.stated(name))
    kept = ctx.all_are(True, *OWED.values())
    return ctx.met("kept") if kept else ctx.broken("not_kept")
