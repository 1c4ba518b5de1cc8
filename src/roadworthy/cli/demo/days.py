"""The working days on which the demonstration's steps were taken; its last day is today.

The law puts working days between steps (the package goes to SAMR five of them before release), and
a demonstration takes minutes. So each step carries the date on which it could lawfully have been
taken, counted back from today over the real working calendar.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from roadworthy.kernel.calendar import PRC, SHANGHAI, legal_day

OPENING = time(9, 0)


class Days:
    """Instants that never run backwards: steps of one day are a minute apart."""

    def __init__(self, now: datetime) -> None:
        self.today = legal_day(now)
        self._last = datetime.min.replace(tzinfo=UTC)

    def before(self, working_days: int) -> datetime:
        """Return the next free minute on the day that many working days before today."""
        day = PRC.before(self.today, working_days).day
        opening = datetime.combine(day, OPENING, tzinfo=SHANGHAI).astimezone(UTC)
        self._last = max(opening, self._last + timedelta(minutes=1))
        return self._last
