"""Who looked: an authority reads what the other looked at of its own, and what its own people did.

Of a refused look its maker reads what they asked for and nothing of what is there: a list must not
tell what the refusal did not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from roadworthy.domains.sharing.models import Look
from roadworthy.kernel.calendar import SHANGHAI

AT_OURS, BY_US = "at-ours", "by-us"
ORDERS: Final = {"at": "pk", "matter": "matter", "purpose": "purpose", "by": "by__name"}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which looks are wanted. ``outcome`` is "granted" or "refused"; days are inclusive."""

    search: str = ""
    matter: str = ""
    purpose: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None


def looks(
    authority_id: int,
    *,
    view: str = AT_OURS,
    narrowed: Narrowed = Narrowed(),
    sort: str = "-at",
) -> QuerySet[Look]:
    """Return looks, newest first; ``view`` is at our matters, or by our people."""
    found = Look.objects.select_related("authority", "owner", "by")
    mine = view == BY_US
    found = found.filter(authority=authority_id) if mine else _at(found, authority_id)
    if narrowed.search:
        number = Q(number__icontains=narrowed.search)
        found = found.filter(
            (number & Q(granted=True) if mine else number) | _by_name(narrowed.search)
        )
    if narrowed.matter:
        found = found.filter(matter=narrowed.matter)
    if narrowed.purpose:
        found = found.filter(purpose=narrowed.purpose)
    if narrowed.outcome:
        found = found.filter(granted=narrowed.outcome == "granted")
    if narrowed.since:
        found = found.filter(at__gte=starts(narrowed.since))
    if narrowed.until:
        found = found.filter(at__lt=starts(narrowed.until + timedelta(days=1)))
    key = ORDERS.get(sort.removeprefix("-"), "pk")
    return found.order_by(f"-{key}" if sort.startswith("-") else key, "-pk")


def counts(authority_id: int) -> dict[str, int]:
    """Return how many looks there are in each view."""
    return {
        AT_OURS: _at(Look.objects.all(), authority_id).count(),
        BY_US: Look.objects.filter(authority=authority_id).count(),
    }


def starts(day: date) -> datetime:
    """Return the first instant of a legal day."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def _at(found: QuerySet[Look], authority_id: int) -> QuerySet[Look]:
    # Whoever opens their own by a wrong address has looked at nothing of anybody's.
    return found.filter(owner=authority_id).exclude(authority=authority_id)


def _by_name(search: str) -> Q:
    return Q(by__name__icontains=search)
