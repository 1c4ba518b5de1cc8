"""Sensitive information needs separate consent, for a period that the individual can set."""

from __future__ import annotations

from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

BEFORE_PROCESSING = deadlines.before_step("处理个人信息之前", "before the information is processed")


def check(ctx: Context) -> Answer:
    if not ctx.fact("sensitive_information_kinds"):
        return ctx.not_applicable("no_sensitive")
    consent, period = ctx.stated("separate_consent_given"), ctx.stated("consent_period")
    ctx.owe("consent", BEFORE_PROCESSING, fulfilled=consent)
    settable = None if period is None else period == "user_set"
    ctx.owe("period", BEFORE_PROCESSING, fulfilled=settable)
    if consent is False:
        return ctx.broken("no_consent")
    if settable is False:
        return ctx.broken("period_not_settable")
    ctx.fact("separate_consent_given")
    ctx.fact("consent_period")
    return ctx.met("consented")
