"""Where a standard stands on a day. Pure: from dates, from what replaced it, from nothing else.

* A day on which something begins counts to what begins: in force on its first day.
* What cannot be told is undetermined, and names the date that is missing.
* "In force" without a known first day is believed from the day on for which the source says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from roadworthy.domains.standards.states import State


class Stands(StrEnum):
    """``State``, and one more: what nobody can tell."""

    PLANNED = "planned"
    DRAFTING = "drafting"
    COMMENT = "comment"
    APPROVED = "approved"
    PUBLISHED = "published"
    IN_FORCE = "in-force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Dates:
    """What is known of a life; None is "not known" or "not happened"."""

    state: State
    stated_on: date | None = None
    planned_on: date | None = None
    comment_from: date | None = None
    comment_until: date | None = None
    approved_on: date | None = None
    published_on: date | None = None
    in_force_on: date | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    stands: Stands
    since: date | None = None
    missing: tuple[str, ...] = ()


def standing(dates: Dates, replaced_on: Iterable[date], as_of: date) -> Standing:
    """Return where a standard stands; ``replaced_on``: when others take its place wholly."""
    if dates.withdrawn_on is not None and as_of >= dates.withdrawn_on:
        return Standing(Stands.WITHDRAWN, dates.withdrawn_on)
    replaced = min((day for day in replaced_on if day <= as_of), default=None)
    if replaced is not None:
        return Standing(Stands.SUPERSEDED, replaced)
    if dates.in_force_on is not None and as_of >= dates.in_force_on:
        return Standing(Stands.IN_FORCE, dates.in_force_on)
    if dates.in_force_on is None and _was_published(dates):
        return _without_first_day(dates, as_of)
    return _before_effect(dates, as_of)


_PUBLISHED = frozenset({State.PUBLISHED, State.IN_FORCE, State.SUPERSEDED, State.WITHDRAWN})
_WITHOUT_DAY = {
    State.IN_FORCE: "in_force_on",
    State.SUPERSEDED: "replaced_on",
    State.WITHDRAWN: "withdrawn_on",
    State.PUBLISHED: "in_force_on",
}


def _was_published(dates: Dates) -> bool:
    return dates.state in _PUBLISHED


def _without_first_day(dates: Dates, as_of: date) -> Standing:
    missing = (_WITHOUT_DAY[dates.state],)
    if dates.stated_on is not None and as_of >= dates.stated_on:
        return Standing(Stands(dates.state), None, missing)
    if dates.published_on is not None and as_of < dates.published_on:
        return _before_effect(dates, as_of)
    return Standing(Stands.UNDETERMINED, None, missing)


def _before_effect(dates: Dates, as_of: date) -> Standing:
    reached = (
        (dates.published_on, Stands.PUBLISHED),
        (dates.approved_on, Stands.APPROVED),
        (dates.comment_from, _commented(dates, as_of)),
        (None if _was_published(dates) else dates.stated_on, Stands(dates.state)),
        (dates.planned_on, Stands.PLANNED),
    )
    for day, stands in reached:
        if day is not None and day <= as_of:
            return Standing(stands, day)
    missing = "published_on" if _was_published(dates) else "planned_on"
    return Standing(Stands.UNDETERMINED, None, (missing,))


def _commented(dates: Dates, as_of: date) -> Stands:
    """Return what a draft is from the first day for comments on: open, or being drafted again."""
    is_open = dates.comment_until is None or as_of <= dates.comment_until
    return Stands.COMMENT if is_open else Stands.DRAFTING
