"""What a rule can answer, and what it can ask to be done by when.

A broken requirement is an answer, never an exception. A deadline that the law gives in words
("immediately") has a kind and no number: nobody may invent one here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from roadworthy.rules import text
from roadworthy.rules.facts import plain
from roadworthy.rules.text import Text


class Outcome(StrEnum):
    """In the order in which findings are shown: what needs attention first."""

    BROKEN = "broken"
    UNDETERMINED = "undetermined"
    MET = "met"
    NOT_APPLICABLE = "not-applicable"


class Gate(StrEnum):
    """The step that a rule holds up until it is met."""

    FILING = "filing"  # the authority rejects the filing
    RELEASE = "release"
    ACCESS = "access"  # the application for market access is not complete
    SALE = "sale"  # the vehicle is not sold, delivered or registered
    UPLOAD = "upload"  # the data do not leave the vehicle
    EXPORT = "export"  # the data do not leave the country
    PUBLICATION = "publication"  # the text is not published
    EXECUTION = "execution"  # no vehicle is offered the update
    NONE = "none"


class MissingFact(LookupError):
    """A rule asked for facts nobody has stated; the engine turns it into UNDETERMINED."""

    def __init__(self, *names: str) -> None:
        self.names = names
        super().__init__(*names)


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    reason: str  # key of a template on the rule's card
    fields: Mapping[str, Any] = field(default_factory=dict)


class DueKind(StrEnum):
    """In the order in which obligations are shown."""

    IMMEDIATE = "immediate"  # 立即: no number in the law
    PROMPT = "prompt"  # 及时: no number in the law
    DATE = "date"  # a day, or an instant on it
    BEFORE_RELEASE = "before-release"
    BEFORE_STEP = "before-step"  # before something else; the basis says what
    AFTER_EVENT = "after-event"  # the event has not happened yet
    KEEP_UNTIL = "keep-until"  # records: the first day on which they may go, if it is known
    CONTINUOUS = "continuous"  # always


_ORDER = {kind: place for place, kind in enumerate(DueKind)}


@dataclass(frozen=True)
class Due:
    kind: DueKind
    basis: Text
    date: dt.date | None = None
    instant: dt.datetime | None = None  # periods of hours end at one
    not_before: dt.date | None = None  # the first day of a window
    provisional: bool = False
    moved_from: dt.date | None = None
    working_days: int | None = None
    months: int | None = None
    hours: int | None = None
    days: int | None = None  # calendar days
    years: int | None = None
    event: str | None = None  # the fact whose date starts or ends the period
    own_hours: int | None = None  # what the enterprise asks of itself where the law has no number

    @property
    def day(self) -> dt.date:
        """The day of a due date that is known to have one."""
        if self.date is None:
            raise ValueError(f"{self.kind} has no day")
        return self.date

    @property
    def order(self) -> tuple[int, dt.date, str]:
        """Immediate, prompt, dates as they come, before a step, what waits for an event."""
        clock = f"{self.instant:%H:%M}" if self.instant else "24:00"
        return _ORDER[self.kind], self.date or dt.date.max, clock

    def is_kept_by(self, done: dt.date) -> bool:
        """Say whether something done then was done in time; an instant asks for an instant."""
        if self.instant:
            if not isinstance(done, dt.datetime):
                raise TypeError(f"{done} has no time of day")
            return done <= self.instant
        return done <= self.day

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "date": plain(self.date),
            "not_before": plain(self.not_before),
            "provisional": self.provisional,
            "moved_from": plain(self.moved_from),
            "working_days": self.working_days,
            "months": self.months,
            "instant": plain(self.instant),
            "hours": self.hours,
            "days": self.days,
            "years": self.years,
            "own_hours": self.own_hours,
            "event": self.event,
            "shown": self.shown.to_json(),
            "basis": self.basis.to_json(),
        }

    @property
    def shown(self) -> Text:
        """Return the short words of a calendar's first column."""
        if self.instant:
            return text.instant(self.instant)
        return text.day(self.date) if self.date else _SHORT[self.kind]


_SHORT = {
    DueKind.IMMEDIATE: Text("立即", "Immediately"),
    DueKind.PROMPT: Text("及时", "Promptly"),
    DueKind.BEFORE_RELEASE: Text("发布前", "Before release"),
    DueKind.BEFORE_STEP: Text("事前", "Beforehand"),
    DueKind.AFTER_EVENT: Text("事后", "Afterwards"),
    DueKind.KEEP_UNTIL: Text("长期保存", "Kept"),
    DueKind.CONTINUOUS: Text("持续", "Continuously"),
}


@dataclass(frozen=True)
class Duty:
    """What a rule says must be done, before the engine puts the card's words to it."""

    part: str
    due: Due
    fulfilled: bool | None
    nth: int | None = None  # which of a series
