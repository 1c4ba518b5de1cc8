"""Words in two languages."""

from datetime import date, datetime

import pytest

from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.rules import text
from roadworthy.rules.text import Text


def test_days_and_times_as_each_language_writes_them():
    assert text.day(date(2025, 12, 5)) == Text("2025年12月5日", "5 Dec 2025")
    assert text.instant(datetime(2025, 1, 5, 3, 7, tzinfo=SHANGHAI)) == Text(
        "2025年1月5日03:07", "5 Jan 2025, 03:07 (CST)"
    )
    assert text.day_of_year("01-02") == Text("1月2日", "2 Jan")
    assert text.day_of_month(15) == Text("次月15日", "day 15 of the following month")
    assert text.weekday(date(2025, 6, 9)) == Text("星期一", "Monday")
    assert text.weekday(date(2025, 6, 15)) == Text("星期日", "Sunday")


@pytest.mark.parametrize(
    ("number", "unit", "zh", "en"),
    [
        (1, "working-day", "1个工作日", "1 working day"),
        (5, "working-day", "5个工作日", "5 working days"),
        (1, "month", "1个月", "1 month"),
        (20_000, "yuan", "20000元", "20,000 yuan"),
        (3, "level", "3", "3"),
    ],
)
def test_a_quantity_has_its_unit(number, unit, zh, en):
    assert text.quantity(number, unit) == Text(zh, en)


def test_a_span_has_both_ends():
    assert text.span(3, 5, "times") == Text("3倍以上5倍以下", "3 times to 5 times")


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (None, "未提供", "not stated"),
        (True, "是", "yes"),
        (False, "否", "no"),
        (0, "0", "0"),
        (date(2025, 6, 9), "2025年6月9日", "9 Jun 2025"),
        (datetime(2025, 6, 9, 3, tzinfo=SHANGHAI), "2025年6月9日03:00", "9 Jun 2025, 03:00 (CST)"),
        (("a", True), "a、是", "a, yes"),
        (["a", None], "a、未提供", "a, not stated"),
        (Text("甲", "one"), "甲", "one"),
    ],
)
def test_a_plain_value_reads_in_both_languages(value, zh, en):
    assert text.shown(value) == Text(zh, en)


def test_templates_are_filled_and_joined_language_by_language():
    filled = Text("甲{x}", "A {x}").fill({"x": Text("乙", "B")})
    assert filled + Text("。", ".") == Text("甲乙。", "A B.")
    assert str(filled) == "A B"
    assert filled.to_json() == {"zh-hans": "甲乙", "en": "A B"}
    assert text.parse({"zh-hans": " 甲\n", "en": "one\n"}) == Text("甲", "one")
    assert [bool(one) for one in (text.NOTHING, Text("甲", ""), Text("", "a"))] == [
        False, True, True,
    ]  # fmt: skip
