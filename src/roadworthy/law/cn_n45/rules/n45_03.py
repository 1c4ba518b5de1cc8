"""With access granted, SAMR promptly receives test plan, risk plan and preliminary report."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_DOCUMENTS = ("deep_test_plan_sent", "risk_assessment_plan_sent", "preliminary_test_report_sent")


def check(ctx: Context) -> Answer:
    if ctx.event("access_granted_on") is None:
        return ctx.not_applicable("not_granted")
    if not ctx.fact("has_combined_assistance"):
        return ctx.not_applicable("no_assistance")
    for document in _DOCUMENTS:
        ctx.owe(document, ctx.promptly(), fulfilled=ctx.stated(document))
    sent = ctx.all_are(True, *_DOCUMENTS)
    return ctx.met("sent") if sent else ctx.broken("not_sent")
