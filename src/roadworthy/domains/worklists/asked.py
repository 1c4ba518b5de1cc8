"""Whose work is looked for: the same question for each domain below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from roadworthy.domains.worklists.items import WorkItem


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose work, as of which legal day; one item only, or what is done and was due between."""

    organisation_id: int
    today: date
    only: int | None = None
    done: bool = False
    between: tuple[date, date] | None = None


Source = Callable[[Asked], Iterator[WorkItem]]
