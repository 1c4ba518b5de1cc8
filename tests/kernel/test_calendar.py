"""Working days and periods, against the State Council's notices and the worked cases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.kernel.calendar import PRC, Reckoned, WorkingCalendar, legal_day

KNOWN = st.dates(date(2005, 1, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("event", "days", "last"),
    [
        ("2025-06-09", 5, "2025-06-16"),  # worked case 1: plan
        ("2025-06-16", 5, "2025-06-23"),  # publication
        ("2025-06-16", 30, "2025-07-28"),  # owners
        ("2025-08-15", 15, "2025-09-05"),  # final report
        ("2025-06-09", 15, "2025-06-30"),  # worked case 2: objection
        ("2025-06-09", 20, "2025-07-07"),  # producer information
        ("2025-06-09", 0, "2025-06-09"),
        ("2025-06-07", 1, "2025-06-09"),  # a Saturday's event
    ],
)
def test_the_event_is_not_counted_and_the_last_working_day_is(event, days, last):
    reckoned = PRC.after(date.fromisoformat(event), days)
    assert reckoned == Reckoned(date.fromisoformat(last))


@pytest.mark.parametrize(
    ("event", "days", "first"),
    [
        ("2025-06-16", 5, "2025-06-09"),  # worked case 3
        ("2025-06-16", 1, "2025-06-13"),
        ("2025-10-09", 1, "2025-09-30"),  # over the National Day holiday
        ("2025-10-13", 1, "2025-10-11"),  # a working Saturday
    ],
)
def test_days_ahead_of_an_event_are_counted_back_from_the_day_before(event, days, first):
    assert PRC.before(date.fromisoformat(event), days).day == date.fromisoformat(first)


@pytest.mark.parametrize("day", ["2025-09-28", "2025-10-11", "2026-02-14", "2024-02-04"])
def test_a_swapped_weekend_is_worked(day):
    on = date.fromisoformat(day)
    assert on.weekday() >= 5
    assert PRC.is_working_day(on)


@pytest.mark.parametrize("day", ["2025-10-01", "2025-10-08", "2026-01-01", "2025-05-05"])
def test_a_holiday_on_a_weekday_is_not_worked(day):
    on = date.fromisoformat(day)
    assert on.weekday() < 5
    assert not PRC.is_working_day(on)


def test_the_table_is_the_one_of_the_package():
    chinese_calendar = pytest.importorskip("chinese_calendar")
    day, last = date(2005, 1, 1), date(max(PRC.years), 12, 31)
    while day <= last:
        try:
            worked = chinese_calendar.is_workday(day)
        except NotImplementedError:
            break
        assert PRC.is_working_day(day) == worked, day
        day += timedelta(days=1)
    assert day > date(2026, 1, 1)


def test_an_unknown_year_is_counted_by_weekdays_and_said_to_be_provisional():
    assert PRC.after(date(2031, 6, 9), 5) == Reckoned(date(2031, 6, 16), provisional=True)
    assert PRC.before(date(2031, 6, 16), 5) == Reckoned(date(2031, 6, 9), provisional=True)


def test_a_period_that_runs_into_an_unknown_year_is_provisional():
    last_known = date(max(PRC.years), 12, 31)
    assert not PRC.after(last_known - timedelta(days=30), 5).provisional
    assert PRC.after(last_known, 1).provisional


@pytest.mark.parametrize(
    ("event", "count", "last"),
    [
        ("2025-01-15", 6, "2025-07-15"),  # worked case 4
        ("2025-01-15", 12, "2026-01-15"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2024-08-31", 6, "2025-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2024-12-31", 3, "2025-03-31"),
        ("2025-11-30", 3, "2026-02-28"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(event, count, last):
    reckoned = PRC.months_after(date.fromisoformat(event), count, roll=False)
    assert reckoned == Reckoned(date.fromisoformat(last))


def test_a_last_day_that_is_a_holiday_moves_behind_it():
    assert PRC.months_after(date(2025, 4, 1), 6, roll=True) == Reckoned(
        date(2025, 10, 9), moved_from=date(2025, 10, 1)
    )


def test_a_last_day_on_a_working_weekend_stays():
    assert PRC.months_after(date(2025, 4, 11), 6, roll=True) == Reckoned(date(2025, 10, 11))


def test_a_sunday_of_an_unknown_year_moves_provisionally():
    assert PRC.months_after(date(2026, 9, 7), 6, roll=True) == Reckoned(
        date(2027, 3, 8), provisional=True, moved_from=date(2027, 3, 7)
    )


def test_without_moving_a_month_period_needs_no_holiday_notice():
    assert not PRC.months_after(date(2026, 9, 7), 6, roll=False).provisional


@given(KNOWN, st.integers(0, 40))
def test_counting_out_and_counting_between_agree(event, days):
    reckoned = PRC.after(event, days)
    if not reckoned.provisional:
        assert PRC.between(event, reckoned.day) == days
        assert PRC.between(reckoned.day, event) == -days
        assert days == 0 or PRC.is_working_day(reckoned.day)


@given(KNOWN, st.integers(1, 40))
def test_from_a_working_day_back_and_forth_is_the_same_day(event, days):
    back = PRC.before(event, days)
    if PRC.is_working_day(event) and not back.provisional:
        assert PRC.after(back.day, days).day == event


def test_another_country_is_another_table():
    calendar = WorkingCalendar("nowhere 1", frozenset({date(2025, 6, 10)}), frozenset())
    assert calendar.after(date(2025, 6, 9), 1) == Reckoned(date(2025, 6, 11))
    assert calendar.years == {2025}


def test_a_legal_day_begins_at_midnight_in_shanghai():
    assert legal_day(datetime(2026, 8, 17, 15, 59, 59, tzinfo=UTC)) == date(2026, 8, 17)
    assert legal_day(datetime(2026, 8, 17, 16, 0, tzinfo=UTC)) == date(2026, 8, 18)


def test_an_instant_without_a_time_zone_has_no_legal_day():
    with pytest.raises(ValueError, match="no time zone"):
        legal_day(datetime(2026, 8, 18, 9, 0))  # noqa: DTZ001
