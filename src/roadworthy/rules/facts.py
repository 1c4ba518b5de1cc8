"""The vocabulary of facts: what may be stated to the rulebook, and in which form.

Every fact is optional: not stated (or None) is never taken for "no". Two kinds are read without
being stated: an event's date (absent means it has not happened) and a setting (has a default).
A day is a date; what is counted in hours has an instant, with its offset, kept in Shanghai time.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.kernel.errors import Invalid
from roadworthy.rules import text
from roadworthy.rules.text import Text

NO_DATES: tuple[date, ...] = ()
# No fact of a software-defined vehicle lies outside; a day that does was mistyped.
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
_EXACT = 2**53 - 1  # beyond it JSON has no exact number, and an answer no canonical bytes


class UnknownFact(Invalid):
    code = "unknown-fact"
    message = "The rulebook knows no fact {name}. Did you mean {suggestion}?"


class WrongFact(Invalid):
    code = "wrong-fact"
    message = "The fact {name} cannot be {value}: it must be {expected}."


class FactType(StrEnum):
    BOOL = "bool"
    INT = "int"
    DATE = "date"
    DATES = "dates"
    INSTANT = "instant"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"


@dataclass(frozen=True)
class FactDefinition:
    name: str
    type: FactType
    label: Text
    choices: Mapping[str, Text]
    minimum: int | None = None
    maximum: int | None = None
    event: Text | None = None  # the words for what happened on this date
    default: Any = None  # settings only

    @property
    def expected(self) -> str:
        """What a value must look like, for the message that refuses another."""
        if self.type is FactType.INT and self.minimum is not None:
            return f"a whole number from {self.minimum} to {self.maximum}"
        if self.choices:
            one = "one of" if self.type is FactType.CHOICE else "a list of"
            return f"{one} {', '.join(self.choices)}"
        return _EXPECTED[self.type]

    def read(self, value: Any) -> Any:
        """Return the value in its own type; dates may come as ISO strings, as stored.

        Raises:
            WrongFact: the value has another type, or is none of the choices.
        """
        try:
            return _READ[self.type](self, value)
        except (TypeError, ValueError, OverflowError):
            raise WrongFact(name=self.name, value=value, expected=self.expected) from None

    def shown(self, value: Any) -> Text:
        if self.type is FactType.CHOICE and value is not None:
            return self.choices[value]
        if self.type is FactType.CHOICES and value is not None:
            return text.listed(self.choices[v] for v in value)
        return text.shown(value)


def _bool(_: FactDefinition, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _int(fact: FactDefinition, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    number: int = value
    if abs(number) > _EXACT:
        raise ValueError
    if fact.minimum is not None and number < fact.minimum:
        raise ValueError
    if fact.maximum is not None and number > fact.maximum:
        raise ValueError
    return number


def _date(_: FactDefinition, value: Any) -> date:
    # type(), because a datetime is a date too, and its day depends on the time zone.
    return in_range(value if type(value) is date else date.fromisoformat(value))


def _instant(_: FactDefinition, value: Any) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError
    here = at.astimezone(SHANGHAI)
    in_range(here.date())
    return here


def in_range(day: date) -> date:
    """Return the day.

    Raises:
        ValueError: it lies before ``EARLIEST`` or after ``LATEST``.
    """
    if not EARLIEST <= day <= LATEST:
        raise ValueError
    return day


def _dates(fact: FactDefinition, value: Any) -> tuple[date, ...]:
    return tuple(sorted(_date(fact, v) for v in _list(value)))


def _choice(fact: FactDefinition, value: Any) -> str:
    if value not in fact.choices:
        raise ValueError
    return str(value)


def _choices(fact: FactDefinition, value: Any) -> tuple[str, ...]:
    stated = {_choice(fact, v) for v in _list(value)}
    return tuple(c for c in fact.choices if c in stated)


def _text(_: FactDefinition, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half a character (a lone surrogate) is a ValueError: it has no bytes
    return value


def _list(value: Any) -> list[Any]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError
    return list(value)


_READ: Mapping[FactType, Callable[[FactDefinition, Any], Any]] = {
    FactType.BOOL: _bool,
    FactType.INT: _int,
    FactType.DATE: _date,
    FactType.DATES: _dates,
    FactType.INSTANT: _instant,
    FactType.CHOICE: _choice,
    FactType.CHOICES: _choices,
    FactType.TEXT: _text,
}
_EXPECTED = {
    FactType.BOOL: "true or false",
    FactType.INT: "a whole number",
    FactType.DATE: f"a date (YYYY-MM-DD) from {EARLIEST} to {LATEST}",
    FactType.DATES: f"a list of dates (YYYY-MM-DD) from {EARLIEST} to {LATEST}",
    FactType.INSTANT: "a date and time with its offset (2025-06-09T03:00+08:00)",
    FactType.CHOICE: "a choice",
    FactType.CHOICES: "a list of choices",
    FactType.TEXT: "text",
}


def parse_fact(name: str, raw: Mapping[str, Any]) -> FactDefinition:
    return FactDefinition(
        name=name,
        type=FactType(raw["type"]),
        label=text.parse(raw["label"]),
        choices={key: text.parse(words) for key, words in raw.get("choices", {}).items()},
        minimum=raw.get("minimum"),
        maximum=raw.get("maximum"),
        event=text.parse(raw["event"]) if "event" in raw else None,
        default=raw.get("default"),
    )


def stated(vocabulary: Mapping[str, FactDefinition], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that were stated, each in its own type, sorted by name.

    Raises:
        UnknownFact: a name is not in the vocabulary.
        WrongFact: a value has not the form its fact needs.
    """
    known: dict[str, Any] = {}
    for name in sorted(facts):
        if name not in vocabulary:
            raise unknown(vocabulary, name)
        if facts[name] is not None:
            known[name] = vocabulary[name].read(facts[name])
    return known


def unknown(vocabulary: Iterable[str], name: str) -> UnknownFact:
    """Return the refusal of a name that is not in the vocabulary, with the nearest that is."""
    near = difflib.get_close_matches(name, vocabulary, n=1, cutoff=0.0)
    return UnknownFact(name=name, suggestion=near[0] if near else "")


def plain(value: Any) -> Any:
    """Return a fact's value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(v) for v in value]
    return value
