"""While an activity runs, a stage report falls due at each interval counted from its start.

Each interval is counted from the start itself, so a last day that was moved off a holiday does
not shift the next one.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer, Due
from roadworthy.rules.context import Context
from roadworthy.rules.facts import NO_DATES


def check(ctx: Context) -> Answer:
    if ctx.event("started_on") is None:
        ctx.owe("report", _stage(ctx, 1), nth=1)
        return ctx.not_applicable("not_started")
    completed, nth, late = ctx.event("completed_on"), 1, None
    while True:
        due = _stage(ctx, nth)
        if completed and completed <= due.day:
            break
        filed = ctx.stated("stage_reports_filed_on") or NO_DATES
        done = len(filed) >= nth
        ctx.owe("report", due, fulfilled=done, nth=nth)
        if not done and ctx.today <= due.day:
            break
        ctx.fact("stage_reports_filed_on")
        if not late and (not done or filed[nth - 1] > due.day):
            late = ctx.broken("late", nth=nth, last=due.day)
        nth += 1
    if nth == 1:
        first = ctx.not_applicable("not_due", last=due.day)
        return ctx.not_applicable("short") if completed else first
    return late or ctx.met("reported")


def _stage(ctx: Context, nth: int) -> Due:
    return ctx.after("started_on", "stage_report_interval", times=nth)
