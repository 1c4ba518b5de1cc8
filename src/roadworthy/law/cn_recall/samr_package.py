"""Form and package for SAMR, alike for a service (RCL-17) and a recall (RCL-18).

"在OTA发布前5个工作日内" has two readings; the setting says which one is applied, the stricter by
default, and every answer says so.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer, Due
from roadworthy.rules.context import Context

_PERIOD = "samr_package_period"


def check(ctx: Context) -> Answer:
    """Owe form and package, and answer whether both went to SAMR in time."""
    due, sent_on = _due(ctx), ctx.stated("samr_package_submitted_on")
    ctx.owe("package", due, fulfilled=sent_on is not None)
    if ctx.stated("assessment_form_attached") is False:
        return ctx.broken("no_form")
    if sent_on is None and due.date and ctx.today > due.date:
        return ctx.broken("overdue", last=due.date)
    sent_on = ctx.fact("samr_package_submitted_on")
    ctx.fact("planned_release_on")
    ctx.fact("assessment_form_attached")
    if sent_on > due.day:
        return ctx.broken("late", last=due.day)
    if due.not_before and sent_on < due.not_before:
        return ctx.broken("early", first=due.not_before)
    return ctx.met("in_time", last=due.day)


def _due(ctx: Context) -> Due:
    if ctx.fact("samr_package_reading") == "window":
        return ctx.window("planned_release_on", _PERIOD)
    return ctx.before("planned_release_on", _PERIOD)
