"""Products with access from before the notice are supplemented with both authorities by its day."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    granted, first = ctx.event("access_granted_on"), ctx.by("n45_first_day").day
    if granted is None or granted >= first:
        return ctx.not_applicable("not_before")
    if not ctx.any_of("has_combined_assistance", "has_ota"):
        return ctx.not_applicable("neither")
    due = ctx.by("supplement_deadline")
    miit = ctx.event("supplement_sent_to_miit_on")
    samr = ctx.event("supplement_sent_to_samr_on")
    ctx.owe("miit", due, fulfilled=miit is not None)
    ctx.owe("samr", due, fulfilled=samr is not None)
    if miit is None or samr is None:
        return ctx.broken("overdue") if ctx.is_past(due) else ctx.not_applicable("not_due")
    if not (due.is_kept_by(miit) and due.is_kept_by(samr)):
        return ctx.broken("late")
    return ctx.met("in_time") if ctx.fact("supplement_verified") else ctx.broken("no_material")
