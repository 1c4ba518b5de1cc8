"""A month as a table: weeks of legal days, each with what is due and whether it is worked."""

from __future__ import annotations

import calendar
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from roadworthy.domains.worklists.items import WorkItem
from roadworthy.kernel.calendar import PRC
from roadworthy.portals.shared import formats, work
from roadworthy.portals.shared.work import Row

EARLIEST, LATEST = 2020, 2040
SHOWN = 4  # as many lines lie open in a day; more are folded
FOLDED = 12  # and as many are folded; what is more is on the work list
MOST = SHOWN + FOLDED
_FIRST_WEEKEND_DAY = 5


@dataclass(frozen=True, slots=True)
class Month:
    year: int
    month: int

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def span(self) -> tuple[date, date]:
        return self.first, self.last

    @property
    def key(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def moved(self, step: int) -> Month | None:
        """Return the month so many months on; None outside the years that can be shown."""
        years, month = divmod(self.year * 12 + self.month - 1 + step, 12)
        return Month(years, month + 1) if EARLIEST <= years <= LATEST else None


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    note: str  # "holiday", "working weekend"; empty: an ordinary day
    is_worked: bool
    is_today: bool
    is_provisional: bool
    is_inside: bool  # of the month that is shown
    rows: list[Row] = field(default_factory=list)
    count: int = 0  # rows and those beyond what a day has room for

    @property
    def shown(self) -> list[Row]:
        return self.rows[:SHOWN]

    @property
    def folded(self) -> list[Row]:
        return self.rows[SHOWN : SHOWN + FOLDED]

    @property
    def unseen(self) -> int:
        return max(self.count - SHOWN - FOLDED, 0)


@dataclass(frozen=True, slots=True)
class Table:
    month: Month
    name: str
    weekdays: list[tuple[str, str]]  # short and full
    weeks: list[list[Day]]
    earlier: Month | None
    later: Month | None
    this: Month
    is_provisional: bool  # no holiday notice is known for the year
    count: int


def chosen(raw: str, today: date) -> Month:
    """Return the month that was asked for; this one where that makes no sense."""
    year, _dash, month = raw.partition("-")
    if year.isascii() and year.isdigit() and month.isascii() and month.isdigit():
        asked = Month(int(year[:4]), int(month[:2]))
        if EARLIEST <= asked.year <= LATEST and 1 <= asked.month <= 12:
            return asked
    return Month(today.year, today.month)


def build(
    month: Month, items: list[tuple[WorkItem, int]], space: str, today: date, who: Any
) -> Table:
    """Lay the first items of each day, and how many it has, out in weeks from Monday to Sunday."""
    by_day: dict[date, list[WorkItem]] = defaultdict(list)
    counts: dict[date, int] = {}
    for item, of_day in items:
        if item.day is not None:
            by_day[item.day].append(item)
            counts[item.day] = of_day
    weeks = [
        [
            _day(on, month, work.rows(by_day[on], space, today, who), counts.get(on, 0), today)
            for on in week
        ]
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
    ]
    return Table(
        month=month,
        name=_name(month),
        weekdays=_weekdays(),
        weeks=weeks,
        earlier=month.moved(-1),
        later=month.moved(1),
        this=Month(today.year, today.month),
        is_provisional=not PRC.knows(month.first),
        count=sum(counts.values()),
    )


def _day(on: date, month: Month, rows: list[work.Row], count: int, today: date) -> Day:
    return Day(
        on=on,
        note=_note(on),
        is_worked=PRC.is_working_day(on),
        is_today=on == today,
        is_provisional=not PRC.knows(on),
        is_inside=month.first <= on <= month.last,
        rows=rows,
        count=count,
    )


def _note(on: date) -> str:
    if on in PRC.working_weekends:
        return _("working weekend")
    if on in PRC.rest_days:
        return _("holiday")
    return _("rest day") if on.weekday() >= _FIRST_WEEKEND_DAY else ""


def _name(month: Month) -> str:
    if formats.is_chinese():
        return f"{month.year}年{month.month}月"
    return f"{month.first:%B} {month.year}"


def _weekdays() -> list[tuple[str, str]]:
    names = (
        (_("Mon"), _("Monday")),
        (_("Tue"), _("Tuesday")),
        (_("Wed"), _("Wednesday")),
        (_("Thu"), _("Thursday")),
        (_("Fri"), _("Friday")),
        (_("Sat"), _("Saturday")),
        (_("Sun"), _("Sunday")),
    )
    return list(names)
