"""The test of rates keeps its promise, whatever is counted."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.domains.surveillance.sequential import Month, chance, interval, looks, part_of

COUNTS = st.integers(0, 200)
DAYS = st.integers(1, 10**7)


def test_all_looks_together_spend_the_rate_of_false_alarms():
    assert sum(part_of(0.05, n) for n in range(1, 100_000)) == pytest.approx(0.05, abs=1e-6)


@given(COUNTS, DAYS, COUNTS, DAYS)
def test_the_chance_is_the_binomial_tail(incidents, days, others, other_days):
    share, total = days / (days + other_days), incidents + others
    tail = sum(
        math.comb(total, n) * share**n * (1 - share) ** (total - n)
        for n in range(incidents, total + 1)
    )
    assert chance(incidents, days, others, other_days) == pytest.approx(tail, abs=1e-9)


def test_equal_rates_raise_nothing_and_ten_times_the_rate_does():
    months = [date(2025, n, 1) for n in range(1, 13)]
    equal = looks([Month(m, 3, 10_000, 30, 100_000) for m in months], false_alarm=0.01)
    assert not any(one.is_alarm for one in equal)
    tenfold = looks([Month(m, 30, 10_000, 30, 100_000) for m in months], false_alarm=0.01)
    assert tenfold[0].is_alarm


def test_without_exposure_there_is_no_look():
    assert looks([Month(date(2025, 1, 1), 9, 0, 1, 100)], false_alarm=0.5) == []
    assert looks([Month(date(2025, 1, 1), 9, 100, 0, 0)], false_alarm=0.5) == []


@given(st.integers(0, 500), DAYS)
def test_the_interval_holds_the_rate(incidents, days):
    low, high = interval(incidents, days)
    assert low <= incidents / days <= high
