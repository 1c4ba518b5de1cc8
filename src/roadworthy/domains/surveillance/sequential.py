"""Whether a version has more incidents than the others of its function, asked again and again.

Exact and one-sided: given how many incidents all versions had and which share of the vehicle days
fell to this one, its count is binomial if the rates are equal (the conditional test of two
Poisson rates). Each monthly look spends its own part of the false alarm rate; the parts add up to
all of it however long one looks (docs/adr/0013). Nothing is estimated, nothing predicted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scipy import special


@dataclass(frozen=True, slots=True)
class Month:
    """What is known of one month: incidents and vehicle days, of this version and of the others."""

    on: date
    incidents: int
    days: int
    other_incidents: int
    other_days: int


@dataclass(frozen=True, slots=True)
class Look:
    """One look at everything up to a month."""

    on: date
    number: int
    incidents: int
    days: int
    other_incidents: int
    other_days: int
    chance: float  # that equal rates give as many incidents or more
    spends: float  # the part of the false alarm rate that this look may use

    @property
    def is_alarm(self) -> bool:
        """Say whether equal rates are no explanation any more."""
        return self.chance <= self.spends


def looks(months: Iterable[Month], *, false_alarm: float) -> list[Look]:
    """Return the looks, month by month; months in which either side did not drive give none."""
    made: list[Look] = []
    seen = Month(date.min, 0, 0, 0, 0)
    for month in sorted(months, key=lambda one: one.on):
        seen = Month(
            month.on,
            seen.incidents + month.incidents,
            seen.days + month.days,
            seen.other_incidents + month.other_incidents,
            seen.other_days + month.other_days,
        )
        if not seen.days or not seen.other_days:
            continue
        number = len(made) + 1
        made.append(
            Look(
                month.on,
                number,
                seen.incidents,
                seen.days,
                seen.other_incidents,
                seen.other_days,
                chance(seen.incidents, seen.days, seen.other_incidents, seen.other_days),
                part_of(false_alarm, number),
            )
        )
    return made


def chance(incidents: int, days: int, other_incidents: int, other_days: int) -> float:
    """Return how likely equal rates give this many incidents or more to this side."""
    if not incidents:
        return 1.0
    share = days / (days + other_days)
    return float(special.bdtrc(incidents - 1, incidents + other_incidents, share))


def part_of(false_alarm: float, number: int) -> float:
    """Return what the look of that number may spend: the parts 1/n² sum to pi²/6."""
    return false_alarm * 6 / (math.pi * number) ** 2


def interval(incidents: int, days: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of the rate a vehicle day (Garwood): for a rate's error bars."""
    tail = (1 - confidence) / 2
    low = special.gammaincinv(incidents, tail) / days if incidents else 0.0
    return float(low), float(special.gammaincinv(incidents + 1, 1 - tail) / days)
