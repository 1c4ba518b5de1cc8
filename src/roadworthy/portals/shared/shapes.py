"""What components are given: frozen values, ready to be written out, in no language yet.

Texts are already in the reader's language (lazy or not); instants and days are values that the
template formats. Nothing here knows a table or a request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


class Tone(StrEnum):
    """What a colour means; the style sheet has the only mapping to colours."""

    MET = "met"
    BROKEN = "broken"
    DUE = "due"
    UNKNOWN = "unknown"
    IDLE = "idle"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Chip:
    """Where something is in its process."""

    tone: Tone
    text: Text


@dataclass(frozen=True, slots=True)
class Label:
    """A classification with legal force; ``maybe`` while it is undetermined."""

    key: str
    text: Text
    seal: Text
    maybe: bool = False


class Step(StrEnum):
    DONE = "done"
    NOW = "now"
    BLOCKED = "blocked"
    TODO = "todo"


@dataclass(frozen=True, slots=True)
class LoopStep:
    """One of the twelve lane markings."""

    number: int
    name: Text
    state: Step
    on: date | None = None
    note: Text = ""  # under the marking, when there is no date
    story: Text = ""  # the sentence of the public record
    current: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """A place in a legal text, in our own words."""

    provision: str
    text: Text
    instrument: Text
    dated: Text = ""  # "in force", "made"
    on: date | None = None
    grade: str = ""


@dataclass(frozen=True, slots=True)
class FindingView:
    """One answer of the rulebook with everything it looked at."""

    id: str
    outcome: str  # met broken na unknown
    rule_id: str
    grade: str
    title: Text
    why: Text = ""
    missing: Sequence[Text] = ()
    facts: Sequence[tuple[str, Text]] = ()
    values: Sequence[tuple[str, Text]] = ()
    articles: Sequence[Article] = ()
    open: bool = False

    @property
    def has_more(self) -> bool:
        return bool(self.facts or self.values or self.articles)


@dataclass(frozen=True, slots=True)
class DutyView:
    """What is owed by when, and why."""

    tone: Tone
    title: Text
    on: date | None = None
    when: Text = ""  # words, when there is no day
    left: Text = ""
    note: Text = ""
    rule_id: str = ""
    grade: str = ""
    href: str = ""
    subject: Text = ""


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of a history."""

    at: datetime
    text: Text
    tone: Tone | None = None
    index: int | None = None  # place in the log; None until the sequencer has given one
    detail: Text = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """One party and whether it has signed with its own key."""

    party: str
    seal: Text
    name: Text
    signed: bool
    lines: Sequence[Text] = ()
    keyid: str = ""
    attested: bool = False  # by the manufacturer, in the place of the authority that is named


@dataclass(frozen=True, slots=True)
class Next:
    """The one thing to do now: first the action, then why or by when."""

    tone: Tone
    what: Text
    why: Text = ""
    primary: Button | None = None
    others: Sequence[Button] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """A way to act. ``dialog`` asks in place; ``href`` is the same question on its own page."""

    text: Text
    href: str
    look: str = ""  # primary danger stop quiet small wide
    dialog: str = ""
    icon: str = ""
    why_not: Text = ""  # disabled, and the reason beside it
    post: bool = False  # acts at once
    about: Text = ""  # what it acts on, for who hears it beside others of the same text


@dataclass(frozen=True, slots=True)
class Tab:
    text: Text
    href: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Crumb:
    text: Text
    href: str = ""


@dataclass(frozen=True, slots=True)
class BarPart:
    """A piece of a bar, in percent of its length; ``look`` is a fill or ``hatch``."""

    look: str
    share: float
    start: float = 0.0

    @property
    def x(self) -> str:
        return f"{self.start:.2f}%"

    @property
    def width(self) -> str:
        return f"{self.share:.2f}%"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question that must be answered before something that cannot be taken back."""

    id: str
    title: Text
    text: Text
    href: str
    confirm: Text
    cancel: Text
    look: str = "primary"
    icon: str = ""
    facts: Sequence[tuple[Text, str]] = ()
    form: Any = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    back: str = ""
    open: bool = False
