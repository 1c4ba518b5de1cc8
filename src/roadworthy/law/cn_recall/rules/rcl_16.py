"""Records are kept for their years; from when these run is our reading, not the law's words."""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

# No article says from when the years run. A record's own making and the end of the recall are
# what comes closest; whoever reads a later start keeps longer.
_RECORDS = {
    "producer": ("producer_record_made_on", "producer_records_years"),
    "recall": ("recall_completed_on", "recall_records_years"),
    "dealer": ("dealer_record_made_on", "dealer_records_years"),
}


def check(ctx: Context) -> Answer:
    dues = {part: ctx.kept_after(*record) for part, record in _RECORDS.items()}
    kept = ctx.stated("recall_records_kept")
    for part, due in dues.items():
        ctx.owe(part, due, fulfilled=None if kept is None else part in kept)
    begun = {part for part, due in dues.items() if due.date}
    if not begun:
        return ctx.not_applicable("no_records")
    running = {part for part in begun if not ctx.is_past(dues[part])}
    if not running:
        return ctx.not_applicable("period_over")
    lost = running - set(ctx.fact("recall_records_kept"))
    if lost:
        return ctx.broken("not_kept", lost=ctx.words("recall_records_kept", lost))
    return ctx.met("kept")
