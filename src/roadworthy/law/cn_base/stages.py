"""A series of stage reports, alike for an update (OTA22-11) and a recall (RCL-09).

Each interval is counted from the start itself, so a last day that was moved off a holiday does
not shift the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

from roadworthy.rules.answers import Answer, Due
from roadworthy.rules.context import Context
from roadworthy.rules.facts import NO_DATES


@dataclass(frozen=True)
class Stages:
    """The facts and the parameter that one series of reports goes by."""

    start: str  # an event
    end: str  # an event
    filed: str  # the days on which reports were filed
    interval: str  # a parameter

    def check(self, ctx: Context) -> Answer:
        """Owe a report for each interval that ends while it runs, and answer whether all came.

        Reasons: reported, late, not_due, short (it ended before a report fell due), not_started.
        """
        if ctx.event(self.start) is None:
            ctx.owe("report", self._due(ctx, 1), nth=1)
            return ctx.not_applicable("not_started")
        ended, nth, late = ctx.event(self.end), 1, None
        while True:
            due = self._due(ctx, nth)
            if ended and ended <= due.day:
                break
            filed = ctx.stated(self.filed) or NO_DATES
            done = len(filed) >= nth
            ctx.owe("report", due, fulfilled=done, nth=nth)
            if not done and ctx.today <= due.day:
                break
            ctx.fact(self.filed)
            if not late and (not done or filed[nth - 1] > due.day):
                late = ctx.broken("late", nth=nth, last=due.day)
            nth += 1
        if nth == 1:
            first = ctx.not_applicable("not_due", last=due.day)
            return ctx.not_applicable("short") if ended else first
        return late or ctx.met("reported")

    def _due(self, ctx: Context, nth: int) -> Due:
        return ctx.after(self.start, self.interval, times=nth)
