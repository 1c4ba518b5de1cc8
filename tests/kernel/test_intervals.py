from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.kernel.intervals import EmptyInterval, Interval

DAYS = st.dates(date(2021, 1, 1), date(2021, 12, 31))  # a year later each day exists as well


def test_the_first_day_counts_and_the_end_day_does_not():
    june = Interval(date(2025, 6, 1), date(2025, 7, 1))
    assert date(2025, 5, 31) not in june
    assert date(2025, 6, 1) in june
    assert date(2025, 6, 30) in june
    assert date(2025, 7, 1) not in june


def test_without_an_end_it_goes_on():
    assert date(2999, 1, 1) in Interval(date(2025, 6, 1))


def test_an_interval_of_no_day_is_refused():
    with pytest.raises(EmptyInterval, match="2025-06-01"):
        Interval(date(2025, 6, 1), date(2025, 6, 1))


@given(DAYS, DAYS, DAYS, st.none() | DAYS)
def test_two_overlap_exactly_when_a_day_lies_in_both(a, b, c, d):
    first = Interval(min(a, b), max(a, b).replace(year=2022))
    second = Interval(c, d.replace(year=2022) if d else None)
    start = max(first.since, second.since)
    assert first.overlaps(second) == second.overlaps(first) == (start in first and start in second)
