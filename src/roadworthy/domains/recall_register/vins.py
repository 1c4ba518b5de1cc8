"""Is there a recall for this VIN? Answers for a vehicle, never for a person.

* Recalls that run on this platform are asked vehicle by vehicle: its resolved scope is exact.
* Recalls of the register are asked by the VIN ranges as their authority wrote them. Where a range
  is cut, prose, or runs backwards nothing is answered from it: that is said, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from roadworthy.domains.recall_register.models import Line, Recall
from roadworthy.domains.recalls import scope_vin
from roadworthy.domains.remedies import queries as remedies
from roadworthy.kernel.errors import Invalid
from roadworthy.kernel.vin import Vin

_PREFIX: Final = 3  # the world manufacturer identifier is never left open


@dataclass(frozen=True, slots=True)
class Match:
    """A recall of the register whose range has the VIN; the days of production narrow it."""

    recall: Recall
    line: Line


@dataclass(frozen=True, slots=True)
class Here:
    """A recall that runs on this platform and has the vehicle in its scope."""

    number: str
    manufacturer: Mapping[str, str]
    defect: Mapping[str, str]
    emergency: Mapping[str, str]
    remedy: Mapping[str, str]
    hotline: str
    is_remedied: bool


def on_platform(vin: Vin) -> Sequence[Here]:
    """Return the published recalls that have this vehicle in their resolved scope."""
    plans = remedies.published_with(vin.text)
    return [
        Here(
            number=plan.number,
            manufacturer=plan.manufacturer.name,
            defect=plan.texts.get("defect", {}),
            emergency=plan.texts.get("emergency", {}),
            remedy=plan.texts.get("remedy", {}),
            hotline=plan.hotline,
            is_remedied=is_remedied,
        )
        for plan, is_remedied in plans
    ]


def in_register(vin: Vin) -> Sequence[Match]:
    """Return the recalls whose ranges have this VIN, each once."""
    lines = (
        Line.objects.filter(vin_from__istartswith=vin.text[:_PREFIX])
        .select_related("recall")
        .order_by("-recall__announced", "pk")
    )
    found: dict[int, Match] = {}
    for line in lines:
        if line.recall_id not in found and fits(vin.text, line.vin_from, line.vin_to):
            found[line.recall_id] = Match(line.recall, line)
    return list(found.values())


def fits(vin: str, first: str, last: str) -> bool:
    """Say whether a VIN lies in a range, by the rule by which a plan's scope is read.

    What that rule does not take for a range (cut, prose, ends that do not belong together) has no
    VIN in it, nor has one that leaves the maker open.
    """
    try:
        found = scope_vin.read_fields(first, last)
    except Invalid:
        return False
    return scope_vin.ANY not in found.head[:_PREFIX] and found.matches(vin)
