"""Counts as pictures made by the server: months as columns, regions as bars. No script.

Every picture stands beside a table with the same numbers; the picture is for the eye only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.portals.shared import formats

_LABELS = 6
SOURCES = {
    "sgo": _later("NHTSA crash reports (Standing General Order)"),
    "ca-dmv": _later("California DMV disengagement reports"),
    "generic": _later("Our own form"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One month: where it stands, how high, in per cent of the picture."""

    x: str
    width: str
    y: str
    height: str
    severe_y: str
    severe_height: str


@dataclass(frozen=True, slots=True)
class Mark:
    x: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    columns: Sequence[Column]
    marks: Sequence[Mark]
    most: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Place:
    """One region with its bar."""

    name: str
    incidents: int
    severe: int
    width: str


def over_time(months: Sequence[tuple[date, int, int]]) -> Chart | None:
    """Return the incidents of each month as columns; None if there are none."""
    most = max((count for _month, count, _severe in months), default=0)
    if not most:
        return None
    wide, tall = 100 / len(months), 80 / most
    columns = [
        Column(
            f"{place * wide + wide * 0.1:.2f}%",
            f"{wide * 0.8:.2f}%",
            f"{88 - count * tall:.2f}%",
            f"{count * tall:.2f}%",
            f"{88 - severe * tall:.2f}%",
            f"{severe * tall:.2f}%",
        )
        for place, (_month, count, severe) in enumerate(months)
    ]
    step = max(1, len(months) // _LABELS)
    marks = [
        Mark(f"{place * wide:.2f}%", f"{months[place][0]:%Y-%m}")
        for place in range(0, len(months), step)
        if place * wide < 92
    ]
    sentence = _("{n} incidents from {first} to {last}; at most {most} in a month").format(
        n=formats.number(sum(count for _month, count, _severe in months)),
        first=f"{months[0][0]:%Y-%m}",
        last=f"{months[-1][0]:%Y-%m}",
        most=formats.number(most),
    )
    return Chart(columns, marks, formats.number(most), sentence)


def by_region(rows: Sequence[Mapping[str, Any]]) -> Sequence[Place]:
    """Return each region with the length of its bar."""
    most = max((row["n"] for row in rows), default=1) or 1
    return [
        Place(row["region"], row["n"], row["severe_n"], f"{100 * row['n'] / most:.2f}%")
        for row in rows
    ]
