"""What a rule can do while it is asked: count out when something is due, owe it, answer.

Obligations are written down as they are found, so a fact that turns out to be missing later does
not lose them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from roadworthy.kernel.calendar import MONTHS_A_YEAR, Reckoned
from roadworthy.rules import deadlines
from roadworthy.rules.answers import Answer, Due, Duty, Outcome
from roadworthy.rules.reading import Reading

ROLL = "roll_last_day"  # the setting for Civil Code 203
OWN_IMMEDIATE, OWN_PROMPT = "own_hours_immediate", "own_hours_prompt"  # settings: service levels


@dataclass
class Context(Reading):
    # When it is due

    def at_once(self) -> Due:
        """Return "immediately" (立即), with the enterprise's own limit beside it, if it set one."""
        return self._qualitative(deadlines.IMMEDIATE, OWN_IMMEDIATE)

    def promptly(self) -> Due:
        """Return "promptly" (及时), with the enterprise's own limit beside it, if it set one."""
        return self._qualitative(deadlines.PROMPT, OWN_PROMPT)

    def after(self, event: str, parameter: str, *, times: int = 1) -> Due:
        """Return when something is due that a parameter's period after an event limits.

        Hours run from an event with an instant, by the clock; working days and months as the
        calendar counts them; calendar days and years by the date alone.
        """
        number = self.parameter(parameter) * times
        unit = self.values_read[parameter].unit
        words = self.event_words(event)
        happened = self.event(event)
        if happened is None:
            return deadlines.waiting(event, words, number, unit)
        if isinstance(happened, datetime):
            if unit == deadlines.HOUR:
                end = happened + timedelta(hours=number)
                return deadlines.within_hours(event, words, happened, number, end)
            happened = happened.date()
        last = self._noted(self._last_day(happened, number, unit))
        return deadlines.running(event, words, happened, number, unit, last)

    def kept_after(self, event: str, parameter: str) -> Due:
        """Return until when records are kept that a parameter's years after an event protect."""
        years, happened = self.parameter(parameter), self.event(event)
        words, until = self.event_words(event), None
        if happened is not None:
            until = self._last_day(happened, years, deadlines.YEAR).day
        return deadlines.kept(event, words, happened, years, until)

    def by(self, parameter: str) -> Due:
        """Return the day that a parameter names."""
        return deadlines.by(date.fromisoformat(self.parameter(parameter)))

    def yearly(self, parameter: str, since: date) -> Due:
        """Return the first of the days that recur each year, on or after ``since``."""
        day_of_year = self.parameter(parameter)
        day = date.fromisoformat(f"{since.year}-{day_of_year}")
        if day < since:
            day = day.replace(year=since.year + 1)
        return deadlines.yearly(day_of_year, day)

    def in_following_month(self, event: str, parameter: str) -> Due:
        """Return a numbered day of the month after an event."""
        number, happened = self.parameter(parameter), self.event(event)
        day = None
        if happened is not None:
            years, month = divmod(happened.month, MONTHS_A_YEAR)
            day = date(happened.year + years, month + 1, number)
        return deadlines.following(event, self.event_words(event), number, day)

    def before(self, event: str, parameter: str) -> Due:
        """Return the last day that still keeps a lead time of working days before an event."""
        number, release = self.parameter(parameter), self.event(event)
        if release is None:
            return deadlines.ahead(number, event, window=False)
        last = self._noted(self.ground.calendar.before(release, number))
        return deadlines.ahead_on(number, event, release, last, not_before=None)

    def window(self, event: str, parameter: str) -> Due:
        """Return the span of working days before an event within which something is due."""
        number, release = self.parameter(parameter), self.event(event)
        if release is None:
            return deadlines.ahead(number, event, window=True)
        first = self._noted(self.ground.calendar.before(release, number))
        last = self._noted(self.ground.calendar.before(release, 1))
        return deadlines.ahead_on(number, event, release, last, not_before=first.day)

    def once(self, event: str) -> Due:
        """Return "after this event", for which the law gives no period."""
        return deadlines.once(event, self.event_words(event))

    def together(self, event: str) -> Due:
        """Return "at the same time as this event" (同时): on the event's own day."""
        return deadlines.together(event, self.event_words(event), self.event(event))

    # What is owed

    def owe(
        self, part: str, due: Due, *, fulfilled: bool | None = None, nth: int | None = None
    ) -> None:
        """Write down an obligation; ``part`` names its words on the rule's card."""
        self.duties.append(Duty(part, due, fulfilled, nth))

    def in_time(self, part: str, *, due: Due, done: date | None) -> Answer:
        """Owe something by a day and answer whether it was done by then.

        Reasons: in_time, late, overdue, not_due, and not_yet while the period has not begun.
        """
        self.owe(part, due, fulfilled=done is not None)
        if due.date is None:
            return self.not_applicable("not_yet")
        if done is not None:
            timely = due.is_kept_by(done)
            return (self.met if timely else self.broken)(
                "in_time" if timely else "late", last=due.instant or due.date
            )
        overdue = self.is_past(due)
        answer = self.broken if overdue else self.not_applicable
        return answer("overdue" if overdue else "not_due", last=due.instant or due.date)

    # What the rule answers

    def met(self, reason: str, **fields: Any) -> Answer:
        return Answer(Outcome.MET, reason, fields)

    def broken(self, reason: str, **fields: Any) -> Answer:
        return Answer(Outcome.BROKEN, reason, fields)

    def not_applicable(self, reason: str, **fields: Any) -> Answer:
        return Answer(Outcome.NOT_APPLICABLE, reason, fields)

    def _qualitative(self, due: Due, setting: str) -> Due:
        if setting not in self.ground.stated:
            return due
        return deadlines.with_own_limit(due, self.stated(setting))

    def _last_day(self, happened: date, number: int, unit: str) -> Reckoned:
        calendar = self.ground.calendar
        if unit == deadlines.MONTH:
            return calendar.months_after(happened, number, roll=bool(self.stated(ROLL)))
        if unit == deadlines.YEAR:
            return calendar.months_after(happened, number * MONTHS_A_YEAR, roll=False)
        if unit == deadlines.DAY:
            return Reckoned(happened + timedelta(days=number))
        return calendar.after(happened, number)

    def _noted(self, reckoned: Reckoned) -> Reckoned:
        self.provisional = self.provisional or reckoned.provisional
        return reckoned
