"""Dates, numbers and digests as the content style writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from roadworthy.portals.shared import formats

DAY = date(2026, 8, 31)
MOMENT = datetime(2026, 8, 18, 2, 42, tzinfo=UTC)  # 10:42 in Asia/Shanghai


@pytest.mark.parametrize(
    ("language", "data", "short", "prose", "full"),
    [
        ("zh-hans", "2026-08-31", "08-31", "2026年8月31日", "2026-08-18 10:42（北京时间）"),
        ("en", "31 Aug 2026", "31 Aug", "31 August 2026", "18 Aug 2026, 10:42 (Asia/Shanghai)"),
    ],
)
def test_days_read_as_in_the_content_style(
    language: str, data: str, short: str, prose: str, full: str
) -> None:
    with translation.override(language):
        assert formats.day(DAY) == data
        assert formats.short_day(DAY) == short
        assert formats.long_day(DAY) == prose
        assert formats.full_moment(MOMENT) == full


def test_a_legal_day_is_a_day_in_shanghai() -> None:
    assert formats.in_shanghai(datetime(2026, 8, 30, 16, tzinfo=UTC)).date() == DAY


@pytest.mark.parametrize(
    ("due", "today", "en", "zh"),
    [
        (date(2026, 8, 31), date(2026, 8, 18), "9 working days left", "剩9个工作日"),
        (date(2026, 8, 17), date(2026, 8, 18), "1 working day overdue", "逾期1个工作日"),
        (date(2026, 8, 18), date(2026, 8, 18), "today", "今天"),
        (date(2026, 8, 15), date(2026, 8, 16), "1 day overdue", "逾期1天"),  # a weekend between
    ],
)
def test_deadlines_are_counted_in_working_days(due: date, today: date, en: str, zh: str) -> None:
    with translation.override("en"):
        assert formats.working_days(due, today) == en
    with translation.override("zh-hans"):
        assert formats.working_days(due, today) == zh


@pytest.mark.parametrize(
    ("length", "said"), [(17, "17 B"), (6_710_886, "6.4 MiB"), (1_931_476_992, "1.8 GiB")]
)
def test_sizes_are_in_binary_units(length: int, said: str) -> None:
    assert formats.size(length) == said


def test_a_digest_is_shortened_and_a_missing_number_is_a_dash() -> None:
    assert formats.digest("sha256:9717c732" + "0" * 50 + "8517cd") == "9717c732…8517cd"
    assert formats.number(None) == "–"
    assert formats.percent(1, 0) == "–"
    assert formats.percent(20_296, 48_210) == "42.1%"


def test_a_fact_of_any_kind_can_be_written() -> None:
    with translation.override("en"):
        assert formats.as_text(None) == "not stated"
        assert formats.as_text(value=False) == "no"
        assert formats.as_text([]) == "empty"
        assert formats.as_text({"zh-hans": "无", "en": "none"}) == "none"
        assert formats.as_text({"a": [1, 2]}) == "a: 1; 2"
