"""What a rule can know while it is asked. Every fact, value and day it reads is written down.

The trace therefore costs a rule's author nothing and cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from roadworthy.kernel.calendar import WorkingCalendar
from roadworthy.rules import text
from roadworthy.rules.answers import Due, Duty, MissingFact, Outcome
from roadworthy.rules.facts import FactDefinition
from roadworthy.rules.parameters import Parameter, Value
from roadworthy.rules.text import Text

if TYPE_CHECKING:
    from roadworthy.rules.cards import Rule
    from roadworthy.rules.context import Context

TODAY, NOW = "today", "now"


@dataclass(frozen=True)
class Ground:
    """What all rules of one evaluation stand on."""

    as_of: date
    stated: Mapping[str, Any]
    vocabulary: Mapping[str, FactDefinition]
    parameters: Mapping[str, Parameter]
    labels: Mapping[str, Rule | None]  # the test in force on the day, if any is
    calendar: WorkingCalendar


@dataclass
class Reading:
    ground: Ground
    facts_read: dict[str, Any] = field(default_factory=dict)
    values_read: dict[str, Value] = field(default_factory=dict)
    duties: list[Duty] = field(default_factory=list)
    provisional: bool = False  # a day that was counted out is not certain

    def fact(self, name: str) -> Any:
        """Return a stated fact.

        Raises:
            MissingFact: nobody stated it; the rule is undetermined.
        """
        value = self.stated(name)
        if value is None:
            del self.facts_read[name]
            raise MissingFact(name)
        return value

    def stated(self, name: str) -> Any:
        """Return a fact, its default if it is a setting, or None."""
        definition = self.ground.vocabulary[name]
        value = self.ground.stated.get(name, definition.default)
        self.facts_read[name] = value
        return value

    def event(self, name: str) -> date | None:
        """Return the day of an event; None says that it has not happened."""
        if self.ground.vocabulary[name].event is None:
            raise KeyError(f"{name} is not an event")
        happened: date | None = self.stated(name)
        return happened

    def any_of(self, *names: str) -> bool:
        """Say whether one of the facts is true; one that is makes the missing ones moot.

        Raises:
            MissingFact: none is true and some were not stated.
        """
        return not self.all_are(False, *names)

    def all_are(self, value: Any, *names: str) -> bool:
        """Say whether all facts have a value; one that has another makes the missing ones moot.

        Raises:
            MissingFact: none has another value and some were not stated.
        """
        values = {name: self.stated(name) for name in names}
        if any(known is not None and known != value for known in values.values()):
            return False
        missing = [name for name, known in values.items() if known is None]
        if missing:
            for name in missing:
                del self.facts_read[name]
            raise MissingFact(*missing)
        return True

    def label(self, name: str) -> bool:
        """Say whether a label holds, reading on this rule's account what decides it.

        Raises:
            MissingFact: the label is undetermined.
        """
        test = self.ground.labels[name]
        return test is not None and test.check(cast("Context", self)).outcome is Outcome.MET

    def any_label(self, *names: str) -> bool:
        """Say whether one of the labels holds; one that does makes undetermined ones moot.

        Raises:
            MissingFact: none holds and some are undetermined.
        """
        return self._one_label(names, holds=True)

    def all_labels(self, *names: str) -> bool:
        """Say whether all labels hold; one that does not makes undetermined ones moot.

        Raises:
            MissingFact: none is known not to hold and some are undetermined.
        """
        return not self._one_label(names, holds=False)

    def _one_label(self, names: Iterable[str], *, holds: bool) -> bool:
        missing: list[str] = []
        for name in names:
            try:
                if self.label(name) is holds:
                    self.facts_read.update(dict.fromkeys(missing))  # looked for, and moot
                    return True
            except MissingFact as gap:
                missing.extend(gap.names)
        if missing:
            raise MissingFact(*dict.fromkeys(missing))
        return False

    def parameter(self, name: str) -> Any:
        value = self.ground.parameters[name].on(self.ground.as_of)
        self.values_read[name] = value
        return value.value

    @property
    def today(self) -> date:
        """The day from which "is it late?" is judged: ``as_of``, unless stated otherwise."""
        day: date = self.ground.stated.get(TODAY, self.ground.as_of)
        self.facts_read[TODAY] = day
        return day

    @property
    def now(self) -> datetime | None:
        """The instant from which "is it late?" is judged by the hour, if one was stated."""
        at: datetime | None = self.ground.stated.get(NOW)
        if at is not None:
            self.facts_read[NOW] = at
        return at

    def is_past(self, due: Due) -> bool:
        """Say whether the time for something is over; without an hour, when its day is."""
        if due.instant and self.now is not None:
            return self.now > due.instant
        return self.today > due.day

    def words(self, name: str, choices: Iterable[str]) -> Text:
        """Return the words for some choices of a fact, in the fact's order."""
        wanted = set(choices)
        known = self.ground.vocabulary[name].choices
        return text.listed(words for choice, words in known.items() if choice in wanted)

    def event_words(self, name: str) -> Text:
        words = self.ground.vocabulary[name].event
        if words is None:
            raise KeyError(f"{name} is not an event")
        return words
