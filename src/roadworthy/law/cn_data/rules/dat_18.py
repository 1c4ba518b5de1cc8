"""Whoever exports important data adds the export to the yearly report, item by item."""

from __future__ import annotations

from roadworthy.law.cn_data import yearly_report
from roadworthy.law.cn_data.exports import exported
from roadworthy.law.cn_data.importance import important
from roadworthy.law.cn_data.listed import lacking
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

ITEMS, REQUIRED = "annual_data_report_export_items", "annual_data_report_export_items_required"


def check(ctx: Context) -> Answer:
    if not exported(ctx):
        return ctx.not_applicable("not_exported")
    if not important(ctx):
        return ctx.not_applicable("not_important")
    due, required, stated = yearly_report.due(ctx), set(ctx.parameter(REQUIRED)), ctx.stated(ITEMS)
    ctx.owe("items", due, fulfilled=None if stated is None else required <= set(stated))
    absent = lacking(ctx, ITEMS, REQUIRED)
    if absent:
        return ctx.broken("incomplete", absent=absent)
    return ctx.met("complete")
