"""The version sets and the list of affected ECUs are kept; the notice gives no period."""

from __future__ import annotations

from roadworthy.law.cn_ota import version_records
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import CONTINUOUS


def check(ctx: Context) -> Answer:
    return version_records.check(ctx, CONTINUOUS)
