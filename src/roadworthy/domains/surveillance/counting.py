"""What reports add up to: by function and software version, by month, by region.

All of it is read from the counts that the imports keep up to date, never from the reports: a page
is as fast with five million of them as with five. An incident counts once, whoever reported it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum

from roadworthy.domains.surveillance import errors, queries, sequential
from roadworthy.domains.surveillance.models import (
    BulkReport,
    Cell,
    EarlierVersion,
    Exposure,
    RegionCell,
    Register,
)

MOST_ROWS = 20_000  # of a drill-down that can be paged through


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is counted: one register, and what of it. Days are whole months."""

    register_id: int
    function: str | None = None
    software: str | None = None
    reporter: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """One line of the table. ``vehicle_days`` is None where no exposure is known."""

    function: str
    software: str
    reports: int
    incidents: int
    collisions: int
    disengagements: int
    severe: int
    vehicle_days: int | None

    @property
    def per_million(self) -> float | None:
        """Return incidents per million vehicle days; None without exposure."""
        return self.incidents / self.vehicle_days * 1e6 if self.vehicle_days else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the exact 95 % interval of that rate."""
        if not self.vehicle_days:
            return None
        low, high = sequential.interval(self.incidents, self.vehicle_days)
        return low * 1e6, high * 1e6


ORDERS: Mapping[str, str] = {
    "function": "function",
    "software": "software",
    "reports": "reports",
    "incidents": "incidents",
    "severe": "severe",
    "rate": "rate",
}


def counted(asked: Narrowed, *, sort: str = "-incidents") -> Sequence[Counted]:
    """Return the counts by function and software version."""
    sums = {
        name: Sum(name)
        for name in ("reports", "incidents", "collisions", "disengagements", "severe")
    }
    rows = _cells(asked).values("function", "software").annotate(**sums)
    exposed = _exposed(asked)
    made = [
        Counted(**row, vehicle_days=exposed.get((row["function"], row["software"])))
        for row in rows
        if row["reports"]
    ]
    name = ORDERS.get(sort.removeprefix("-"), "incidents")

    def key(one: Counted) -> Any:
        if name == "rate":
            return one.per_million if one.per_million is not None else -1.0
        return getattr(one, name)

    made.sort(key=lambda one: (one.function, one.software))
    made.sort(key=key, reverse=sort.startswith("-"))
    return made


def monthly(asked: Narrowed) -> Sequence[tuple[date, int, int]]:
    """Return month, incidents, and of them the severe ones; months in between count nothing."""
    rows = {
        row["month"]: (row["n"] or 0, row["s"] or 0)
        for row in _cells(asked)
        .filter(month__isnull=False)
        .values("month")
        .annotate(n=Sum("incidents"), s=Sum("severe"))
    }
    if not rows:
        return []
    month, last, made = min(rows), max(rows), []
    while month <= last:
        made.append((month, *rows.get(month, (0, 0))))
        month = _next(month)
    return made


def regions(asked: Narrowed) -> Sequence[Mapping[str, Any]]:
    """Return incidents by region, most first; versions and reporters are not told apart here."""
    found = RegionCell.objects.filter(register_id=asked.register_id)
    if asked.function is not None:
        found = found.filter(function=asked.function)
    return list(
        _within(found, asked)
        .values("region")
        .annotate(n=Sum("incidents"), reported=Sum("reports"), severe_n=Sum("severe"))
        .filter(n__gt=0)
        .order_by("-n", "region")
    )


def choices(register_id: int) -> Mapping[str, Sequence[str]]:
    """Return what the counts of a register can be narrowed by."""
    cells = Cell.objects.filter(register_id=register_id).order_by()
    return {
        name: sorted(cells.values_list(name, flat=True).distinct())
        for name in ("function", "software", "reporter")
    }


def reports(asked: Narrowed) -> QuerySet[BulkReport]:
    """Return the reports behind a count, latest first; a function should be named."""
    found = BulkReport.objects.filter(register_id=asked.register_id, kind="event")
    for name in ("function", "software", "reporter"):
        if (value := getattr(asked, name)) is not None:
            found = found.filter(**{name: value})
    if asked.since:
        found = found.filter(occurred_on__gte=asked.since)
    if asked.until:
        found = found.filter(occurred_on__lt=_next(asked.until))
    order = (
        (F("function"), F("software"), F("occurred_on"))
        if asked.function is not None and asked.software is not None
        else ("pk",)
    )
    return found.order_by(*(f"-{one.name}" if isinstance(one, F) else f"-{one}" for one in order))


def report(
    manufacturer_id: int | None, report_id: int
) -> tuple[BulkReport, Sequence[EarlierVersion]]:
    """Return one report with its earlier versions.

    Raises:
        NoSuchReport: there is none that may be read.
    """
    found = (
        BulkReport.objects.select_related("register")
        .filter(pk=report_id, register__in=queries.registers(manufacturer_id))
        .first()
    )
    if found is None:
        raise errors.NoSuchReport
    return found, list(EarlierVersion.objects.filter(report=found).order_by("-version"))


def months_beside(
    asked: Narrowed, *, exposed: Mapping[tuple[str, str], Mapping[date, int]]
) -> list[sequential.Month]:
    """Return, for one version, each month beside the other versions of its function."""
    incidents: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    rows = Cell.objects.filter(register_id=asked.register_id, function=asked.function)
    for row in (
        rows.filter(month__isnull=False).values("month", "software").annotate(n=Sum("incidents"))
    ):
        if row["software"] == asked.software or (asked.function, row["software"]) in exposed:
            incidents[row["month"]][row["software"] != asked.software] += row["n"]
    days: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for (function, software), by_month in exposed.items():
        if function == asked.function and software:
            for month, count in by_month.items():
                days[month][software != asked.software] += count
    return [
        sequential.Month(
            month, *_pair(incidents, days, month, 0), *_pair(incidents, days, month, 1)
        )
        for month in sorted(days)
    ]


def exposures(register_id: int, functions: Iterable[str]) -> Mapping[tuple[str, str], Any]:
    """Return vehicle days by function and version, month by month."""
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    rows = Exposure.objects.filter(register_id=register_id, function__in=list(functions))
    for row in rows:
        found[row.function, row.software][row.month] = row.vehicle_days
    return found


def of_register(register_id: int, manufacturer_id: int | None) -> Register:
    """Return a register that may be read.

    Raises:
        NoSuchRegister: it may not, or there is none.
    """
    found = queries.registers(manufacturer_id).filter(pk=register_id).first()
    if found is None:
        raise errors.NoSuchRegister
    return found


def _pair(
    incidents: Mapping[date, list[int]], days: Mapping[date, list[int]], month: date, side: int
) -> tuple[int, int]:
    return incidents.get(month, [0, 0])[side], days[month][side]


def _cells(asked: Narrowed) -> QuerySet[Cell]:
    found = Cell.objects.filter(register_id=asked.register_id).order_by()
    for name in ("function", "software", "reporter"):
        if (value := getattr(asked, name)) is not None:
            found = found.filter(**{name: value})
    return _within(found, asked)


def _within(found: QuerySet[Any], asked: Narrowed) -> QuerySet[Any]:
    if asked.since:
        found = found.filter(month__gte=asked.since.replace(day=1))
    return found.filter(month__lte=asked.until) if asked.until else found


def _exposed(asked: Narrowed) -> Mapping[tuple[str, str], int]:
    if asked.reporter is not None:
        return {}  # exposure is not known by who reports
    rows = _within(Exposure.objects.filter(register_id=asked.register_id).order_by(), asked)
    return {
        (row["function"], row["software"]): row["days"]
        for row in rows.values("function", "software").annotate(days=Sum("vehicle_days"))
    }


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
