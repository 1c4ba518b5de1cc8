"""Whose work is looked for: the same question for each domain below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.worklists.columns import Lines


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose work, as of which legal day; one item only, or what is done and was due between."""

    organisation_id: int
    today: date
    only: int | None = None
    done: bool = False
    between: tuple[date, date] | None = None

    def among(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow a domain's rows to the one that is asked for, if one is."""
        return rows if self.only is None else rows.filter(pk=self.only)


Source = Callable[[Asked], Lines | None]  # None: there cannot be any
