"""Which vehicles a standard covers on the day of the question."""

from __future__ import annotations

from typing import Final

from roadworthy.rules.answers import Answer
from roadworthy.rules.context import Context
from roadworthy.rules.deadlines import before_step

OUTSIDE: Final = "other"
MOTOR_VEHICLES: Final = frozenset({"M1", "M2", "M3", "N1", "N2", "N3"})
LIGHT: Final = frozenset({"M1", "N1"})  # recorders of type I; the others carry type II
BEFORE_ACCESS = before_step("取得产品准入之前", "before market access is granted")


def new_since(ctx: Context, parameter: str) -> bool:
    """Say whether a type is new, and its application falls on a standard's first day or later.

    An application that has not been made yet can only come later.
    """
    first = ctx.by(parameter).day
    if not ctx.fact("is_new_type"):
        return False
    applied = ctx.event("access_applied_on")
    return applied is None or applied >= first


def not_updatable(ctx: Context) -> Answer | None:
    """Return why GB 44496 is not about the vehicle; None where it is."""
    if ctx.fact("vehicle_category") == OUTSIDE:
        return ctx.not_applicable("not_covered")
    if ctx.stated("has_ota") or ctx.fact("has_software_update"):
        return None
    return ctx.not_applicable("no_update")


def uncovered(ctx: Context) -> Answer | None:
    """Return why GB 44496 asks nothing of an update of the vehicle yet; None where it does.

    A type that was tested to the standard is covered before its turn comes.
    """
    if ctx.fact("vehicle_category") == OUTSIDE:
        return ctx.not_applicable("not_covered")
    if ctx.stated("gb44496_report"):
        return None
    if ctx.today >= ctx.by("gb44496_existing_types_from").day:
        return None
    if new_since(ctx, "gb44496_new_types_from"):
        return None
    return ctx.not_applicable("not_yet")
