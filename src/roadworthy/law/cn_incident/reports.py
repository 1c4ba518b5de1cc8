"""The reports that the 2025 notice asks for: of which incidents, to whom, and alike for both.

"Promptly" has no number: while a report is not sent the duty is open, however short the time.
"""

from __future__ import annotations

from typing import Final

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context

_REPORTS: Final = {"miit": "reported_to_miit_on", "samr": "reported_to_samr_on"}


def disengaged(ctx: Context) -> bool:
    """Say whether combined driver assistance failed and disengaged."""
    return "disengagement" in ctx.fact("incident_kinds")


def collided(ctx: Context) -> bool:
    """Say whether a vehicle fitted with combined driver assistance collided, active or not."""
    return "collision" in ctx.fact("incident_kinds") and bool(ctx.fact("has_combined_assistance"))


def both_sent(ctx: Context) -> bool:
    """Say whether MIIT and SAMR were both told."""
    return None not in [ctx.event(report) for report in _REPORTS.values()]


def sent(ctx: Context) -> Answer:
    """Owe a report to each of the two, promptly."""
    for part, report in _REPORTS.items():
        ctx.owe(part, ctx.promptly(), fulfilled=ctx.event(report) is not None)
    return ctx.met("reported") if both_sent(ctx) else ctx.broken("open")


def alike(ctx: Context) -> Answer:
    """Owe that both were told the same."""
    both, equal = both_sent(ctx), ctx.stated("incident_digests_equal")
    ctx.owe("alike", ctx.promptly(), fulfilled=both and equal is True)
    if not both:
        return ctx.broken("open")
    return ctx.met("alike") if ctx.fact("incident_digests_equal") else ctx.broken("differ")
