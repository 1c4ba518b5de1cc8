"""The yearly report on automobile data security: when it is due, and whether it was filed."""

from __future__ import annotations

from datetime import date

from roadworthy.rules.answers import Due
from roadworthy.rules.context import Context


def due(ctx: Context) -> Due:
    """Return the report's last day in the year that was asked about, else in this one."""
    year = ctx.stated("annual_data_report_year") or ctx.today.year
    return ctx.yearly("annual_data_report_day", date(year, 1, 1))


def filed(ctx: Context, due: Due) -> date | None:
    """Return when it was filed; a day of an earlier year belongs to an earlier report."""
    on = ctx.event("annual_data_report_filed_on")
    return on if on and on.year >= due.day.year else None
