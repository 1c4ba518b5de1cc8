"""After a collision both are told the same, with the state of the system, known or not."""

from __future__ import annotations

from roadworthy.law.cn_incident import reports
from roadworthy.rules.answers import Answer, Outcome
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not reports.collided(ctx):
        return ctx.not_applicable("other")
    answer = reports.alike(ctx)
    ctx.parameter("system_state_window")  # an analytic span, no condition of the duty
    if answer.outcome is Outcome.MET and ctx.fact("cdas_state") == "unknown":
        return ctx.met("state_unknown")
    return answer
