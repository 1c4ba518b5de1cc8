"""Where something was first seen: as the vehicle's record or the vehicle itself tells, or unknown.

No column of ours holds it: a region or a workshop comes with the import file of the fleet, or
with what the vehicle reports of itself. Whatever else those say is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from roadworthy.domains.conformity.models import Finding

REGION: Final = ("region", "province", "city", "地区", "省份", "城市")
WORKSHOP: Final = ("workshop", "dealer", "service_station", "维修站", "经销商", "服务站")
LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Place:
    """Region and workshop, as far as somebody said so. Both empty: nobody did."""

    region: str = ""
    workshop: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.region or self.workshop)


def first_seen(finding: Finding) -> Place | None:
    """Return where the first vehicle of a finding is; None for what is not about a vehicle."""
    vehicle = finding.first_vehicle
    if vehicle is None:
        return None
    told = {**_plain(vehicle.imported), **_plain(vehicle.attributes)}  # what it says itself counts
    return Place(_first(told, REGION), _first(told, WORKSHOP))


def _plain(given: Mapping[str, Any]) -> dict[str, str]:
    named = {str(name).strip().lower(): value for name, value in given.items()}
    return {name: value.strip() for name, value in named.items() if isinstance(value, str)}


def _first(told: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((told[name][:LONGEST] for name in names if told.get(name)), "")
