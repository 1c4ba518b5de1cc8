"""Figures in the reader's words: periods, values, and what a figure is split by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import pgettext_lazy

from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.insight.register import Indicator, Official, Shape
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import Kind
from roadworthy.portals.shared import formats, words
from roadworthy.portals.shared.shapes import Text

GROUPS: Mapping[str, Text] = {
    "updates": _later("Updates over the air"),
    "recalls": _later("Recalls"),
    "safety": _later("Safety on the road"),
    "equipment": _later("Equipment"),
    "standards": _later("Standards"),
    "infrastructure": _later("Roads and cities"),
}
SPLITS: Mapping[str, Text] = {
    "manufacturer": _later("Manufacturer"),
    "type": _later("Vehicle type"),
    "function": pgettext_lazy("driving", "Function"),
    "region": _later("Region"),
    "label": _later("Label"),
    "remedy": pgettext_lazy("recall", "Remedy"),
    "authority": _later("Authority"),
    "kind": _later("Kind of filing"),
    "standard": _later("Kind of standard"),
}
_REMEDIES: Mapping[str, Text] = {
    "recall": _later("Remedy of a recall"),
    "update": _later("Other update"),
    "ota": _later("Over the air"),
    "workshop": _later("In a workshop"),
    "both": _later("Over the air and in a workshop"),
}
_STANDARDS: Mapping[str, Text] = {
    "mandatory": _later("Mandatory national"),
    "recommended": _later("Recommended national"),
    "guidance": _later("National guidance"),
    "sector": _later("Of a sector"),
    "local": _later("Local"),
    "association": _later("Of an association"),
    "enterprise": _later("Of an enterprise"),
    "international": _later("International"),
    "un": _later("UN regulation"),
}
_WORDS: Mapping[str, Mapping[str, Text]] = {"remedy": _REMEDIES, "standard": _STANDARDS}
_PLACES: Mapping[Shape, int] = {Shape.COUNT: 0, Shape.PERCENT: 1, Shape.DAYS: 1, Shape.RATE: 2}


def value(one: Indicator, number: float | Decimal | None) -> str:
    """Write a value with as many places as its kind has; a missing one is a dash."""
    if number is None:
        return formats.NONE
    places = _PLACES[one.shape]
    if isinstance(number, Decimal):
        places = max(0, -int(number.normalize().as_tuple().exponent))
    return formats.number(float(number), places)


def change(number: float | Decimal | None) -> str:
    """Write a change against the year before with its sign; nothing where there is none."""
    if number is None:
        return ""
    sign = "+" if number > 0 else ""
    return f"{sign}{formats.number(float(number), 1)}%"


def period(one: Official) -> str:
    """Say what time an official figure is about."""
    until = one.until
    if one.since is None:
        return _("up to {day}").format(day=formats.day(until))
    if one.since == date(until.year, 1, 1) and (until + timedelta(days=1)).year > until.year:
        return str(until.year)
    return _("{first} to {last}").format(first=formats.day(one.since), last=formats.day(until))


def published(one: Official, indicator: Indicator) -> str:
    """Write an official value as its source gave it."""
    told = value(indicator, one.value)
    return _("more than {value}").format(value=told) if one.at_least else told


def parts(by: str, keys: set[str]) -> dict[str, str]:
    """Name what a figure is split by."""
    named = _makers() if by == "manufacturer" else {}
    return {key: _part(by, key, named) for key in keys}


def _makers() -> Mapping[str, str]:
    makers = organisations.of_kind(Kind.MANUFACTURER)
    return {one.slug: formats.localised(one.name) for one in makers}


def _part(by: str, key: str, makers: Mapping[str, str]) -> str:
    if not key:
        return _("Not known")
    if by == "label":
        return " + ".join(_label(one) for one in key.split("+"))
    if by == "kind":
        return str(words.FILING_KINDS[FilingKind(key)])
    if by == "authority":
        return str(words.KINDS[Kind(key)])
    if by in _WORDS:
        return str(_WORDS[by].get(key, key))
    return makers.get(key, key)


def _label(key: str) -> str:
    return next((str(one.text) for name, one in words.LABELS.items() if str(name) == key), key)
