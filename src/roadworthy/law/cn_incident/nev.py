"""Accidents of new energy vehicles: which are reported, and from when their hours run.

The notice's start of the hours is not verified; a setting names it and every answer says which
one was applied.
"""

from __future__ import annotations

from typing import Final

from roadworthy.rules.answers import Due
from roadworthy.rules.context import Context

_KINDS: Final = frozenset({"smoke", "fire", "loss_of_control"})
_STARTS: Final = {"learned": "learned_at", "occurred": "occurred_at"}


def concerned(ctx: Context) -> bool:
    """Say whether it is smoke, fire or loss of control of a new energy vehicle."""
    return not _KINDS.isdisjoint(ctx.fact("incident_kinds")) and bool(ctx.fact("is_new_energy"))


def within(ctx: Context, period: str) -> Due:
    """Return when a report is due, from the start that the setting names."""
    return ctx.after(_STARTS[ctx.fact("nev_clock_start")], period)


def basic_due(ctx: Context) -> Due:
    """Return when the basic information is due, casualties or not."""
    hurt = ctx.fact("casualties_or_major_impact")
    return within(ctx, "nev_basic_casualty_period" if hurt else "nev_basic_period")
