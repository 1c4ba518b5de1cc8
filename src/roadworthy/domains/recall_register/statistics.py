"""Figures as an authority publishes them, counted from entered recalls, official ones beside.

* Activities and vehicles by year and by remedy, the share over the air, year on year.
* A recall without a number of vehicles counts as an activity, and its vehicles are not known: how
  many such there are is always said.
* Over the air means that software removes the defect so, alone or with a workshop for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml
from django.db.models import Count, Q, Sum

from roadworthy.domains.recall_register.models import Recall
from roadworthy.domains.recall_register.states import OVER_THE_AIR, Remedy

_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Counted:
    """Activities, and the vehicles of those that give a number."""

    activities: int
    vehicles: int


@dataclass(frozen=True, slots=True)
class Year:
    """One year of one authority, from entered records. Changes and shares are in per cent."""

    year: int
    all: Counted
    ota: Counted
    by_remedy: Mapping[Remedy, Counted]
    investigated: int  # influenced by the authority's investigation, where it is said
    ota_investigated: int
    without_units: int
    change: Decimal | None  # of the activities against the year before; None: nothing to compare
    vehicles_change: Decimal | None
    ota_change: Decimal | None
    ota_vehicles_change: Decimal | None

    @property
    def ota_share(self) -> Decimal | None:
        """Return the share of activities over the air."""
        return percent(self.ota.activities, self.all.activities)

    @property
    def ota_vehicles_share(self) -> Decimal | None:
        """Return the share of vehicles that are remedied over the air."""
        return percent(self.ota.vehicles, self.all.vehicles)


@dataclass(frozen=True, slots=True)
class Official:
    """Figures that an authority published; ``year`` None: of all time until that day."""

    authority: str
    year: int | None
    until: date
    figures: Mapping[str, int | float]
    source: Mapping[str, str]


def by_year(authority: str) -> Sequence[Year]:
    """Return the years of an authority's recalls, newest first."""
    rows = {row["year"]: row for row in _rows(authority)}
    return [_year(rows[year], rows.get(year - 1)) for year in sorted(rows, reverse=True)]


@cache
def official() -> Sequence[Official]:
    """Return the figures that authorities published, as they were read."""
    text = (resources.files(__package__) / "data" / "official.yaml").read_text(encoding="utf-8")
    return tuple(Official(**row) for row in yaml.safe_load(text))


def percent(part: int, whole: int) -> Decimal | None:
    """Return a share in per cent with one decimal; None of nothing."""
    if not whole:
        return None
    return (Decimal(part * 100) / whole).quantize(_TENTH, ROUND_HALF_UP)


def change(now: int, before: int) -> Decimal | None:
    """Return the change against what was before in per cent; None where there was nothing."""
    return percent(now - before, before)


def _rows(authority: str) -> Any:
    ota = Q(remedy__in=OVER_THE_AIR)
    kinds: dict[str, Any] = {}
    for kind in Remedy:
        kinds[f"n_{kind}"] = Count("pk", filter=Q(remedy=kind))
        kinds[f"v_{kind}"] = Sum("units", filter=Q(remedy=kind), default=0)
    return (
        Recall.objects.filter(authority=authority, year__isnull=False)
        .values("year")
        .annotate(
            **kinds,
            n_investigated=Count("pk", filter=Q(investigated=True)),
            n_ota_investigated=Count("pk", filter=ota & Q(investigated=True)),
            without_units=Count("pk", filter=Q(units__isnull=True)),
        )
        .order_by("year")
    )


def _year(row: Mapping[str, int], before: Mapping[str, int] | None) -> Year:
    every, ota = _sum(row, tuple(Remedy)), _sum(row, OVER_THE_AIR)
    last, last_ota = (
        (_sum(before, tuple(Remedy)), _sum(before, OVER_THE_AIR))
        if before
        else (Counted(0, 0), Counted(0, 0))
    )
    return Year(
        year=row["year"],
        all=every,
        ota=ota,
        by_remedy={kind: _sum(row, (kind,)) for kind in Remedy},
        investigated=row["n_investigated"],
        ota_investigated=row["n_ota_investigated"],
        without_units=row["without_units"],
        change=change(every.activities, last.activities),
        vehicles_change=change(every.vehicles, last.vehicles),
        ota_change=change(ota.activities, last_ota.activities),
        ota_vehicles_change=change(ota.vehicles, last_ota.vehicles),
    )


def _sum(row: Mapping[str, int], kinds: Sequence[Remedy]) -> Counted:
    return Counted(sum(row[f"n_{k}"] for k in kinds), sum(row[f"v_{k}"] for k in kinds))
