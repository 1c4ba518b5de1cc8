"""Who learns of a possible defect investigates at once and reports the result truthfully."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if ctx.event("possible_defect_learned_on") is None:
        return ctx.not_applicable("nothing_learned")
    ctx.owe("investigate", ctx.at_once(), fulfilled=ctx.stated("defect_investigation_started"))
    ctx.owe("report", ctx.at_once(), fulfilled=ctx.stated("investigation_result_reported"))
    if not ctx.fact("defect_investigation_started"):
        return ctx.broken("not_investigated")
    if ctx.event("investigation_concluded_on") is None:
        return ctx.met("investigating")
    reported = ctx.fact("investigation_result_reported")
    return ctx.met("reported") if reported else ctx.broken("not_reported")
