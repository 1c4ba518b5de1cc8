"""The register of indicators, and what authorities published about them.

* A figure is computed here or published by an authority; both stand side by side, never summed.
* What the platform cannot compute says which fact it lacks.
* A definition is changed by a new revision, with its day; the register is part of the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from roadworthy.domains.insight.errors import NoSuchIndicator
from roadworthy.domains.recall_register import statistics

Text = Mapping[str, str]  # {"zh-hans", "en"}


class Shape(StrEnum):
    """What kind of number it is: how it is written and drawn."""

    COUNT = "count"
    PERCENT = "percent"
    DAYS = "days"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of the definition."""

    version: int
    day: date
    change: Text


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure and all that one has to know to read it."""

    key: str
    group: str
    title: Text
    definition: Text
    unit: Text
    shape: Shape
    source: Text
    body: Text  # who answers for the figure
    revisions: Sequence[Revision]
    measure: str = ""  # of measures.py; empty: not computed, and ``missing`` says why
    missing: Text = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)  # of the definition
    facts: Sequence[str] = ()
    by: Sequence[str] = ()
    public_by: Sequence[str] = ()
    additive: bool = False
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Official:
    """A figure as an authority published it. ``since`` None: from the beginning, or not said."""

    indicator: str
    since: date | None
    until: date
    value: Decimal
    source: Text
    grade: str  # of evidence, as in the law packs: "C" is one secondary source
    change: Decimal | None = None  # against the year before, in per cent, as published
    at_least: bool = False  # the source says "more than"


# The figures that the register of recalls shows already: kept once, read from there.
_OF_RECALLS: Final = {
    "recalls": "recalls",
    "vehicles": "recall-vehicles",
    "ota_recalls": "ota-recalls",
    "ota_vehicles": "ota-recall-vehicles",
    "ota_reports": "ota-filings",
    "ota_reported_vehicles": "vehicle-times",
}
_SECONDARY: Final = "C"


@cache
def indicators() -> Sequence[Indicator]:
    """Return the register in its order."""
    return tuple(map(_indicator, _read("indicators.yaml")))


def indicator(key: str) -> Indicator:
    """Return one indicator.

    Raises:
        NoSuchIndicator: the register has no such key.
    """
    for one in indicators():
        if one.key == key:
            return one
    raise NoSuchIndicator(key=key)


@cache
def packaged() -> Sequence[Official]:
    """Return the official figures that come with the package, oldest first."""
    own = [_official(row) for row in _read("official.yaml")]
    return tuple(sorted([*own, *_of_recalls()], key=lambda one: (one.indicator, one.until)))


def _of_recalls() -> list[Official]:
    return [
        Official(
            indicator=_OF_RECALLS[name],
            since=date(row.year, 1, 1) if row.year else None,
            until=row.until,
            value=Decimal(str(value)),
            source=row.source,
            grade=_SECONDARY,
            change=_change(row.figures.get(f"{name}_change")),
        )
        for row in statistics.official()
        for name, value in row.figures.items()
        if name in _OF_RECALLS
    ]


def _change(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _official(row: Mapping[str, Any]) -> Official:
    return Official(**{**row, "value": Decimal(str(row["value"]))})


def _indicator(row: Mapping[str, Any]) -> Indicator:
    told = dict(row)
    told["shape"] = Shape(told["shape"])
    told["revisions"] = tuple(Revision(**one) for one in told["revisions"])
    told["numbers"] = told.pop("with", {})
    return Indicator(**told)


def _read(name: str) -> Any:
    text = (resources.files(__package__) / "data" / name).read_text(encoding="utf-8")
    return yaml.safe_load(text)
