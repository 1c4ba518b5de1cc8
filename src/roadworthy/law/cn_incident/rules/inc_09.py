"""An updated report is a new version; the old one stays, with the reasons."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("report_updated"):
        return ctx.not_applicable("unchanged")
    ctx.owe("keep", deadlines.CONTINUOUS)
    kept = ctx.all_are(True, "earlier_report_kept", "update_reasons_recorded")
    return ctx.met("kept") if kept else ctx.broken("incomplete")
