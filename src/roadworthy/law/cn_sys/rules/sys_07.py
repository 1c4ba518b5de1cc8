"""Where draft and final text differ the final one prevails, and both are kept."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("draft_differs_from_final"):
        return ctx.not_applicable("same")
    relied, kept = ctx.fact("text_relied_on"), ctx.stated("both_texts_kept")
    ctx.owe("keep", deadlines.CONTINUOUS, fulfilled=relied == "final" and kept is True)
    if relied == "draft":
        return ctx.broken("draft")
    return ctx.met("final") if ctx.fact("both_texts_kept") else ctx.broken("dropped")
