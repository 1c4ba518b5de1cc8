"""The version sets and the list of affected ECUs are kept for GB 44496's years after production."""

from __future__ import annotations

from roadworthy.law.cn_ota import version_records
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    return version_records.check(
        ctx, ctx.kept_after("production_ended_on", "version_record_period")
    )
