"""Words in both languages, always together: no finding exists in one language only.

Law is not interface text: these words are data of the packs and do not go through gettext.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

_MANY = 4096  # as many days and periods are kept in words; a Text is a value
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS_ZH = "一二三四五六日"


class Text(dict[str, str]):
    """One statement in simplified Chinese and in English; JSON as it stands.

    A value: whoever needs other words makes another Text.
    """

    __slots__ = ()

    def __init__(self, zh_hans: str, en: str) -> None:
        super().__init__({"zh-hans": zh_hans, "en": en})

    @property
    def zh_hans(self) -> str:
        return self["zh-hans"]

    @property
    def en(self) -> str:
        return self["en"]

    def __str__(self) -> str:
        return self.en

    def to_json(self) -> dict[str, str]:
        return dict(self)

    def fill(self, fields: Mapping[str, Text]) -> Text:
        """Put each field's words of the same language into this template."""
        chinese, english = {}, {}
        for name, text in fields.items():
            chinese[name], english[name] = text["zh-hans"], text["en"]
        return Text(self["zh-hans"].format_map(chinese), self["en"].format_map(english))

    def __add__(self, other: Text) -> Text:
        return Text(self.zh_hans + other.zh_hans, self.en + other.en)

    def __bool__(self) -> bool:
        return bool(self.en or self.zh_hans)


NOTHING = Text("", "")
NOT_STATED = Text("未提供", "not stated")
_YES, _NO = Text("是", "yes"), Text("否", "no")
_UNITS = {
    "day": (Text("个自然日", " calendar day"), Text("个自然日", " calendar days")),
    "count": (Text("次", " time"), Text("次", " times")),
    "times": (Text("倍", " time"), Text("倍", " times")),
    "person": (Text("人", " person"), Text("人", " persons")),
    "percent": (Text("%", "%"), Text("%", "%")),
    "yuan": (Text("元", " yuan"), Text("元", " yuan")),
    "usd": (Text("美元", " US dollar"), Text("美元", " US dollars")),
    "minute": (Text("分钟", " minute"), Text("分钟", " minutes")),
    "second": (Text("秒", " second"), Text("秒", " seconds")),
    "working-day": (Text("个工作日", " working day"), Text("个工作日", " working days")),
    "month": (Text("个月", " month"), Text("个月", " months")),
    "year": (Text("年", " year"), Text("年", " years")),
    "hour": (Text("小时", " hour"), Text("小时", " hours")),
}


def parse(raw: Mapping[str, str]) -> Text:
    """Read ``{zh-hans: ..., en: ...}``; folded YAML lines end without a newline."""
    return Text(raw["zh-hans"].strip(), raw["en"].strip())


def same(words: str) -> Text:
    """Return words that are the same in both languages: a code, an identifier."""
    return Text(words, words)


@lru_cache(_MANY)
def day(value: date) -> Text:
    return Text(
        f"{value.year}年{value.month}月{value.day}日",
        f"{value.day} {_MONTHS[value.month - 1]} {value.year}",
    )


def instant(value: datetime) -> Text:
    """Return a time as the law counts hours: by the clock of the zone it carries."""
    clock = f"{value:%H:%M}"
    return day(value) + Text(f"{clock}", f", {clock} ({value.tzname()})")


def day_of_year(month_and_day: str) -> Text:
    """Return "12-15" as a day of every year."""
    month, number = map(int, month_and_day.split("-"))
    return Text(f"{month}月{number}日", f"{number} {_MONTHS[month - 1]}")


def day_of_month(number: int) -> Text:
    return Text(f"次月{number}日", f"day {number} of the following month")


def span(low: int, high: int, unit: str) -> Text:
    """Return "from 3 to 5 times"; both ends belong to it."""
    return quantity(low, unit) + Text("以上", " to ") + quantity(high, unit) + Text("以下", "")


@lru_cache(_MANY)
def weekday(value: date) -> Text:
    return Text(f"星期{_WEEKDAYS_ZH[value.weekday()]}", _WEEKDAYS_EN[value.weekday()])


@lru_cache(_MANY)
def quantity(number: int, unit: str) -> Text:
    """Return "5 working days"; a unit without words of its own shows the number alone."""
    one, many = _UNITS.get(unit, (NOTHING, NOTHING))
    figure = Text(str(number), f"{number:,}")
    return figure + (one if number == 1 else many)


def listed(items: Iterable[Text]) -> Text:
    every = tuple(items)
    return Text("、".join(i.zh_hans for i in every), ", ".join(i.en for i in every))


def shown(value: Any) -> Text:
    """Return how a plain value reads; a bool is not the number it also is."""
    if value is None:
        return NOT_STATED
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, date):
        return instant(value) if isinstance(value, datetime) else day(value)
    if isinstance(value, list | tuple):
        return listed(map(shown, value))
    return same(str(value))
