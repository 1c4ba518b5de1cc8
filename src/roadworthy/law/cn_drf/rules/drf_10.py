"""Maintenance: once the final text is published, this pack is loaded anew, with dates, and binds.

The duty is ours, the keepers of the rulebook; a manufacturer owes nothing by it.
"""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_BEFORE_RELIANCE = deadlines.before_step(
    "再依据本包作出判断之前", "before anybody relies on this pack again"
)


def check(ctx: Context) -> Answer:
    if not ctx.fact("drf25_final_text_published"):
        return ctx.not_applicable("still_draft")
    ctx.owe("load", _BEFORE_RELIANCE, fulfilled=False)
    return ctx.broken("outdated")
