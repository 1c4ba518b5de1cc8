"""Who disagrees with a recall notice objects within the period, with evidence."""

from __future__ import annotations

from roadworthy.rules.answers import Answer, Outcome
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.event("recall_notice_received_on") is None:
        return ctx.not_applicable("no_notice")
    if ctx.stated("recall_notice_disputed") is False:
        return ctx.not_applicable("not_disputed")
    answer = ctx.in_time(
        "objection",
        due=ctx.after("recall_notice_received_on", "recall_objection_period"),
        done=ctx.event("recall_objection_filed_on"),
    )
    ctx.fact("recall_notice_disputed")
    if answer.outcome is Outcome.MET and not ctx.fact("objection_evidence_attached"):
        return ctx.broken("no_evidence")
    return answer
