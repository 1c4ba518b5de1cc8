"""Our table of working days against another package's, day by day.

Two groups of people typed in the State Council's notices; where they agree, both read the notice.
Each day on which they differ stands below with the notice's own word.
"""

from datetime import date, timedelta

import pytest
from holidays.countries import china

from roadworthy.kernel.calendar import PRC, Reckoned

# The years for which both packages hold a notice; beyond them the other package estimates.
YEARS = sorted(PRC.years & set(china.ChinaStaticHolidays.special_public_holidays))

# Where our table is wrong, and whether the day is worked by the notice.
OURS_WRONG = {
    # 国办发明电〔2005〕35号: this Saturday is worked, so that 3 January 2006 is free. Our table
    # has the free day and lacks the worked one.
    date(2005, 12, 31): True,
}
# Where the other table is wrong: it lacks 国办发明电〔2019〕3号, which lengthened Labour Day.
OTHERS_WRONG = {
    date(2019, 4, 28): True,
    date(2019, 5, 2): False,
    date(2019, 5, 3): False,
    date(2019, 5, 5): True,
}
EXPLAINED = OURS_WRONG | OTHERS_WRONG
OLDEST_RULE = date(2013, 1, 1)  # the recall regulation


def days(year):
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def differing(year):
    other = china.China(years=year)
    return {day for day in days(year) if PRC.is_working_day(day) != other.is_working_day(day)}


@pytest.mark.parametrize("year", YEARS)
def test_both_tables_name_the_same_working_days(year):
    assert differing(year) == {day for day in EXPLAINED if day.year == year}


def test_each_difference_is_explained_by_the_notice_that_one_of_them_lacks():
    for day, worked in EXPLAINED.items():
        assert china.China(years=day.year).is_working_day(day) == (worked is (day in OURS_WRONG))
        assert PRC.is_working_day(day) == (worked is (day in OTHERS_WRONG))


def test_no_difference_can_touch_a_period_that_a_rule_counts():
    assert all(day < OLDEST_RULE for day in OURS_WRONG)


def test_the_years_in_which_rules_apply_are_compared():
    assert set(range(OLDEST_RULE.year, max(PRC.years) + 1)) <= set(YEARS)


def test_a_year_without_a_notice_is_provisional_whatever_the_other_package_estimates():
    unknown = max(PRC.years) + 1
    new_year = date(unknown, 1, 1)
    assert new_year in china.China(years=unknown)
    counted = PRC.after(new_year - timedelta(days=1), 1)
    assert counted.provisional
    assert PRC.months_after(date(unknown, 2, 3), 1, roll=True).provisional
    assert PRC.months_after(date(unknown, 2, 3), 1, roll=False) == Reckoned(date(unknown, 3, 3))
