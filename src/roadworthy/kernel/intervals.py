"""Stretches of days during which something applies: the first day counts, the end day does not.

Law changes at midnight: what ends "on" a day is followed the same day by what begins on it, so
half-open intervals neither overlap nor leave a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from roadworthy.kernel.errors import Invalid


class EmptyInterval(Invalid):
    code = "empty-interval"
    message = "It cannot end on {until}: it only begins on {since}."


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``since`` (inclusive) until ``until`` (exclusive); None means that no end is known."""

    since: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.since:
            raise EmptyInterval(since=self.since, until=self.until)

    def __contains__(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def overlaps(self, other: Interval) -> bool:
        """Say whether some day lies in both."""
        return (other.until is None or self.since < other.until) and (
            self.until is None or other.since < self.until
        )
