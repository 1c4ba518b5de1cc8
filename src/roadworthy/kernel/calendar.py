"""Legal days of the People's Republic of China: what a working day is, and how periods run.

* A legal day is a date in Asia/Shanghai; a deadline is a day, never an instant.
* Working days follow the State Council's yearly notice, with its working weekends (调休).
* A year whose notice is not known is counted by weekdays and every result that touched it is
  marked provisional: said so, never guessed silently, never an exception.
* The day of the event is not counted (Civil Code 201); a period of months ends on the day with
  the same number, or the month's last day (202); a last day that is a rest day moves to the next
  working day (203). The last rule is civil law applied by analogy, hence a switch.
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from importlib import metadata
from zoneinfo import ZoneInfo

from chinese_calendar import constants

SHANGHAI = ZoneInfo("Asia/Shanghai")
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
MONTHS_A_YEAR = 12


def legal_day(instant: datetime) -> date:
    """Return the day on which ``instant`` falls for the law.

    Raises:
        ValueError: the instant has no time zone, so its day is anybody's guess.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone")
    return instant.astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A day that was counted out, and how sure one can be of it."""

    day: date
    provisional: bool = False  # a year without a published holiday notice was touched
    moved_from: date | None = None  # the period's own last day, when that was a rest day


@dataclass(frozen=True)
class WorkingCalendar:
    """Rest days and working weekends of the years whose notice is known."""

    version: str
    rest_days: frozenset[date]
    working_weekends: frozenset[date]

    @cached_property
    def years(self) -> frozenset[int]:
        """The years whose State Council notice is in the table."""
        return frozenset(day.year for day in self.rest_days)

    def knows(self, day: date) -> bool:
        return day.year in self.years

    def is_working_day(self, day: date) -> bool:
        """Say whether ``day`` is worked; in an unknown year Monday to Friday are."""
        if day in self.working_weekends:
            return True
        return day.weekday() < _SATURDAY and day not in self.rest_days

    def after(self, event: date, working_days: int) -> Reckoned:
        """Return the last day of a period of working days; the event's own day is not counted."""
        return self._count(event, working_days, _ONE_DAY)

    def before(self, event: date, working_days: int) -> Reckoned:
        """Return the working day that lies so many working days ahead of ``event``."""
        return self._count(event, working_days, -_ONE_DAY)

    def months_after(self, event: date, count: int, *, roll: bool) -> Reckoned:
        """Return the last day of a period of months; ``roll`` moves it off a rest day."""
        return self.rolled(_same_day(event, count), roll=roll)

    def rolled(self, day: date, *, roll: bool) -> Reckoned:
        """Move a last day that is a rest day to the next working day, if ``roll``."""
        known = self.knows(day)
        if not roll or self.is_working_day(day):
            return Reckoned(day, provisional=roll and not known)
        moved = self._count(day, 1, _ONE_DAY)
        return Reckoned(moved.day, provisional=moved.provisional or not known, moved_from=day)

    def between(self, start: date, end: date) -> int:
        """Count the working days after ``start`` up to and including ``end``; negative if past."""
        if end < start:
            return -self.between(end, start)
        days = (start + timedelta(days=n + 1) for n in range((end - start).days))
        return sum(map(self.is_working_day, days))

    def _count(self, start: date, number: int, step: timedelta) -> Reckoned:
        day, left, provisional = start, number, False
        while left > 0:
            day += step
            provisional = provisional or not self.knows(day)
            left -= self.is_working_day(day)
        return Reckoned(day, provisional)


def _same_day(event: date, count: int) -> date:
    """Return the corresponding day ``count`` months on, or that month's last (Civil Code 202)."""
    years, month = divmod(event.month - 1 + count, MONTHS_A_YEAR)
    year = event.year + years
    return date(year, month + 1, min(event.day, months.monthrange(year, month + 1)[1]))


def _published() -> WorkingCalendar:
    return WorkingCalendar(
        version=f"chinesecalendar {metadata.version('chinesecalendar')}",
        rest_days=frozenset(constants.holidays),
        working_weekends=frozenset(constants.workdays),
    )


PRC = _published()
