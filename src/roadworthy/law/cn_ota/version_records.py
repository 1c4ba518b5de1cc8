"""Version sets and the list of affected ECUs, alike in both cards of OTA22-12.

The notice asks for them without a period; since GB 44496 there is one (card of 2026).
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer, Due
from roadworthy.rules.context import Context

_RECORDS = ("version_sets_kept", "affected_ecus_listed")


def check(ctx: Context, due: Due) -> Answer:
    """Owe both records until they may go, and answer whether both are there."""
    for record in _RECORDS:
        ctx.owe(record, due, fulfilled=ctx.stated(record))
    return ctx.met("traceable") if ctx.all_are(True, *_RECORDS) else ctx.broken("gaps")
