"""What a rule sees while it is asked. Every fact, value and day it reads is written down.

The trace therefore costs a rule's author nothing and cannot be forgotten. Obligations are written
down as they are found, so a fact that turns out to be missing later does not lose them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from roadworthy.kernel.calendar import Reckoned, WorkingCalendar
from roadworthy.rules import deadlines, text
from roadworthy.rules.answers import Answer, Due, Duty, MissingFact, Outcome
from roadworthy.rules.facts import FactDefinition
from roadworthy.rules.parameters import Parameter, Value
from roadworthy.rules.text import Text

if TYPE_CHECKING:
    from roadworthy.rules.cards import Rule

TODAY = "today"
ROLL = "roll_last_day"  # the setting for Civil Code 203


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
class Context:
    ground: Ground
    facts_read: dict[str, Any] = field(default_factory=dict)
    values_read: dict[str, Value] = field(default_factory=dict)
    duties: list[Duty] = field(default_factory=list)
    provisional: bool = False  # a day that was counted out is not certain

    # What is known

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
        return test is not None and test.check(self).outcome is Outcome.MET

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

    # What is owed

    def after(self, event: str, parameter: str, *, times: int = 1) -> Due:
        """Return when something is due that a parameter's period after an event limits."""
        number = self.parameter(parameter) * times
        unit = self.values_read[parameter].unit
        words = self._event_words(event)
        happened = self.event(event)
        if happened is None:
            return deadlines.waiting(event, words, number, unit)
        if unit == deadlines.MONTH:
            roll = bool(self.stated(ROLL))
            last = self.ground.calendar.months_after(happened, number, roll=roll)
        else:
            last = self.ground.calendar.after(happened, number)
        return deadlines.running(event, words, happened, number, unit, self._noted(last))

    def before(self, event: str, parameter: str) -> Due:
        """Return the last day that still keeps a lead time of working days before an event."""
        number, release = self.parameter(parameter), self.event(event)
        if release is None:
            return deadlines.ahead(number, event, window=False)
        last = self._noted(self.ground.calendar.before(release, number))
        return deadlines.ahead_on(number, event, release, last, not_before=None)

    def window(self, event: str, parameter: str) -> Due:
        """Return the span of working days before an event within which something is due."""
        number, release = self.parameter(parameter), self.event(event)
        if release is None:
            return deadlines.ahead(number, event, window=True)
        first = self._noted(self.ground.calendar.before(release, number))
        last = self._noted(self.ground.calendar.before(release, 1))
        return deadlines.ahead_on(number, event, release, last, not_before=first.day)

    def once(self, event: str) -> Due:
        """Return "after this event", for which the law gives no period."""
        return deadlines.once(event, self._event_words(event))

    def owe(
        self, part: str, due: Due, *, fulfilled: bool | None = None, nth: int | None = None
    ) -> None:
        """Write down an obligation; ``part`` names its words on the rule's card."""
        self.duties.append(Duty(part, due, fulfilled, nth))

    def in_time(self, part: str, *, due: Due, done: date | None) -> Answer:
        """Owe something by a day and answer whether it was done by then.

        Reasons: in_time, late, overdue, not_due, and not_yet while the period has not begun.
        """
        self.owe(part, due, fulfilled=done is not None)
        if due.date is None:
            return self.not_applicable("not_yet")
        if done is not None:
            timely = done <= due.date
            return (self.met if timely else self.broken)(
                "in_time" if timely else "late", last=due.date
            )
        overdue = self.today > due.date
        answer = self.broken if overdue else self.not_applicable
        return answer("overdue" if overdue else "not_due", last=due.date)

    # What the rule answers

    def met(self, reason: str, **fields: Any) -> Answer:
        return Answer(Outcome.MET, reason, fields)

    def broken(self, reason: str, **fields: Any) -> Answer:
        return Answer(Outcome.BROKEN, reason, fields)

    def not_applicable(self, reason: str, **fields: Any) -> Answer:
        return Answer(Outcome.NOT_APPLICABLE, reason, fields)

    def words(self, name: str, choices: Iterable[str]) -> Text:
        """Return the words for some choices of a fact, in the fact's order."""
        wanted = set(choices)
        known = self.ground.vocabulary[name].choices
        return text.listed(words for choice, words in known.items() if choice in wanted)

    def _event_words(self, name: str) -> Text:
        words = self.ground.vocabulary[name].event
        if words is None:
            raise KeyError(f"{name} is not an event")
        return words

    def _noted(self, reckoned: Reckoned) -> Reckoned:
        self.provisional = self.provisional or reckoned.provisional
        return reckoned
