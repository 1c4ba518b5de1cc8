"""What one authority received is shared with the other.

How is still being explored, and the duty is the authorities': the manufacturer owes nothing by it
and still files with both.
"""

from __future__ import annotations

from roadworthy.law.cn_base import standing
from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_FILINGS = ("miit_filing", "samr_filing")


def check(ctx: Context) -> Answer:
    if ctx.event("filing_shared_on") is not None:
        return ctx.met("shared")
    if any(status and status not in standing.NOT_SENT for status in map(ctx.stated, _FILINGS)):
        return ctx.not_applicable("not_shared")
    for filing in _FILINGS:
        ctx.fact(filing)
    return ctx.not_applicable("nothing_received")
