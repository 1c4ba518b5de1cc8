"""Watch closely: nobody and nothing switches driver monitoring off.

The draft of GB 47955 says the same; its final text is not verified, so it is not cited here.
"""

from __future__ import annotations

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context


def check(ctx: Context) -> Answer:
    if not ctx.fact("has_combined_assistance"):
        return ctx.not_applicable("no_assistance")
    if ctx.any_of("monitoring_off_by_user", "monitoring_off_by_logic"):
        return ctx.broken("can_be_off")
    return ctx.met("always_on")
