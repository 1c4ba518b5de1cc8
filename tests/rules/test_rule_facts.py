from datetime import UTC, date, datetime

import pytest

from roadworthy.kernel.errors import Invalid
from roadworthy.rules.facts import UnknownFact, WrongFact, parse_fact, plain, stated, unknown

LABEL = {"zh-hans": "事实", "en": "A fact"}
VOCABULARY = {
    name: parse_fact(name, {"label": LABEL} | raw)
    for name, raw in {
        "holds": {"type": "bool"},
        "level": {"type": "int", "minimum": 0, "maximum": 5},
        "count": {"type": "int"},
        "on": {"type": "date"},
        "days": {"type": "dates"},
        "note": {"type": "text"},
        "status": {
            "type": "choice",
            "choices": {"none": LABEL, "sent": {"zh-hans": "已交", "en": "sent"}},
        },
        "parts": {
            "type": "choices",
            "choices": {
                "a": {"zh-hans": "甲", "en": "first"},
                "b": {"zh-hans": "乙", "en": "second"},
            },
        },
    }.items()
}


def test_a_fact_that_is_not_in_the_vocabulary_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownFact) as refused:
        stated(VOCABULARY, {"levle": 3})
    assert isinstance(refused.value, Invalid)
    assert refused.value.data == {"name": "levle", "suggestion": "level"}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("holds", 1, "true or false"),
        ("holds", "yes", "true or false"),
        ("level", 6, "a whole number from 0 to 5"),
        ("level", True, "a whole number from 0 to 5"),
        ("level", -1, "a whole number from 0 to 5"),
        ("count", "3", "a whole number"),
        ("on", "9 June", "a date (YYYY-MM-DD) from 1990-01-01 to 2100-12-31"),
        (
            "on",
            datetime(2025, 6, 9, tzinfo=UTC),
            "a date (YYYY-MM-DD) from 1990-01-01 to 2100-12-31",
        ),
        ("on", 20250609, "a date (YYYY-MM-DD) from 1990-01-01 to 2100-12-31"),
        ("days", "2025-06-09", "a list of dates (YYYY-MM-DD) from 1990-01-01 to 2100-12-31"),
        (
            "days",
            ["2025-06-09", "soon"],
            "a list of dates (YYYY-MM-DD) from 1990-01-01 to 2100-12-31",
        ),
        ("note", 3, "text"),
        ("status", "lost", "one of none, sent"),
        ("status", ["none"], "one of none, sent"),
        ("parts", ["c"], "a list of a, b"),
        ("parts", "a", "a list of a, b"),
    ],
)
def test_a_value_of_another_form_is_refused_naming_fact_value_and_form(name, value, expected):
    with pytest.raises(WrongFact) as refused:
        stated(VOCABULARY, {name: value})
    assert refused.value.data == {"name": name, "value": value, "expected": expected}


def test_what_is_none_was_not_stated():
    facts = {"holds": None, "level": 0, "note": ""}
    assert stated(VOCABULARY, facts) == {"level": 0, "note": ""}


def test_dates_are_read_as_days_or_as_they_were_stored():
    facts = {"on": date(2025, 6, 9), "days": ["2025-06-10", date(2025, 6, 9)]}
    read = stated(VOCABULARY, facts)
    assert read == {"on": date(2025, 6, 9), "days": (date(2025, 6, 9), date(2025, 6, 10))}
    assert stated(VOCABULARY, {name: plain(value) for name, value in read.items()}) == read


def test_choices_come_in_the_order_of_the_vocabulary_and_once():
    assert stated(VOCABULARY, {"parts": ["b", "a", "b"]}) == {"parts": ("a", "b")}


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("holds", True, "是", "yes"),
        ("holds", False, "否", "no"),
        ("holds", None, "未提供", "not stated"),
        ("level", 3, "3", "3"),
        ("on", date(2025, 6, 9), "2025年6月9日", "9 Jun 2025"),
        (
            "days",
            (date(2025, 6, 9), date(2025, 6, 10)),
            "2025年6月9日、2025年6月10日",
            "9 Jun 2025, 10 Jun 2025",
        ),
        ("status", "sent", "已交", "sent"),
        ("status", None, "未提供", "not stated"),
        ("parts", ("a", "b"), "甲、乙", "first, second"),
    ],
)
def test_a_value_reads_well_in_both_languages(name, value, zh, en):
    assert VOCABULARY[name].shown(value) == {"zh-hans": zh, "en": en}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 2**53),
        ("count", -(2**53)),
        ("note", "half \ud83d"),
        ("at", "0001-01-01T00:00+08:00"),
    ],
)
def test_what_has_no_canonical_bytes_or_no_day_in_shanghai_is_refused(name, value):
    at = parse_fact("at", {"type": "instant", "label": LABEL})
    with pytest.raises(WrongFact):
        stated(VOCABULARY | {"at": at}, {name: value})


def test_an_instant_is_kept_by_the_clock_of_shanghai():
    at = parse_fact("at", {"type": "instant", "label": LABEL})
    stored = at.read("2025-06-09T03:00:00+00:00")
    assert (stored.isoformat(), plain(stored)) == ("2025-06-09T11:00:00+08:00",) * 2
    assert at.read(datetime(2025, 6, 9, 3, tzinfo=UTC)) == stored
    with pytest.raises(WrongFact) as refused:
        at.read("2025-06-09T03:00:00")
    assert refused.value.data["expected"] == (
        "a date and time with its offset (2025-06-09T03:00+08:00)"
    )


def test_the_nearest_name_is_suggested_however_far_and_none_where_there_is_none():
    vocabulary = dict.fromkeys(("level", "levels", "note"))
    assert unknown(vocabulary, "levels_").data == {"name": "levels_", "suggestion": "levels"}
    assert unknown(("xyz",), "a").data == {"name": "a", "suggestion": "xyz"}
    assert unknown((), "a").data == {"name": "a", "suggestion": ""}


@pytest.mark.parametrize("day", [date(1990, 1, 1), date(2100, 12, 31)])
def test_the_first_and_the_last_day_belong_to_the_range(day):
    assert VOCABULARY["on"].read(day) == day


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 0])
def test_what_json_can_say_exactly_is_a_number(number):
    assert VOCABULARY["count"].read(number) == number


@pytest.mark.parametrize("level", [0, 5])
def test_both_ends_belong_to_what_is_allowed(level):
    assert VOCABULARY["level"].read(level) == level
