"""Sensitive information is deleted within the period from the individual's request."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("sensitive_information_kinds"):
        return ctx.not_applicable("no_sensitive")
    return ctx.in_time(
        "delete",
        due=ctx.after("deletion_requested_on", "sensitive_deletion_period"),
        done=ctx.event("sensitive_data_deleted_on"),
    )
