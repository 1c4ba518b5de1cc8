"""Whose work is looked for: the same question for each domain below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.worklists.columns import Lines
from roadworthy.domains.worklists.items import Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose work, as of which legal day; these rows only, or what is done and was due between."""

    organisation_id: int
    today: date
    only: frozenset[int] | None = None
    done: bool = False
    between: tuple[date, date] | None = None

    def among(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow a domain's rows to those that are asked for, if some are."""
        return rows if self.only is None else rows.filter(pk__in=self.only)


Source = Callable[[Asked], Lines | None]  # None: there cannot be any
Sources = Mapping[tuple[Kind, ...], Source]  # by the kinds of work that each can return
