"""A report that finds no defect states all that the provision lists."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import before_step

_WITH_REPORT = before_step("报告调查分析结果时", "with the report of the result")


def check(ctx: Context) -> Answer:
    if ctx.event("investigation_concluded_on") is None:
        return ctx.not_applicable("not_concluded")
    if ctx.fact("investigation_outcome") != "no_defect":
        return ctx.not_applicable("defect_found")
    required = set(ctx.parameter("no_defect_report_contents"))
    stated = ctx.stated("no_defect_report_fields")
    complete = None if stated is None else required <= set(stated)
    ctx.owe("contents", _WITH_REPORT, fulfilled=complete)
    absent = required - set(ctx.fact("no_defect_report_fields"))
    if absent:
        return ctx.broken("incomplete", absent=ctx.words("no_defect_report_fields", absent))
    return ctx.met("complete")
