"""What is known to be wrong with software that a release changes: no release may pass it over.

Whoever confirms a defect writes it here; the rulebook is told of it for every release of such a
type that changes such an ECU, whatever its engineer answered (RCL-24).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.filings.models import KnownDefect
from roadworthy.domains.software.models import Change, Release
from roadworthy.domains.software.states import State
from roadworthy.domains.vehicles.models import VehicleType

ANY = ""  # ECU
_STILL_STOPPABLE = (State.DRAFT, State.FROZEN, State.SIGNED)


def note(
    number: str, *, types: Iterable[VehicleType], ecus: Iterable[str], at: datetime
) -> list[int]:
    """Make a defect known, inside the caller's transaction; all ECUs where none is named.

    Returns the ids of the releases that were not out yet and have to be assessed again.
    """
    names, found = list(ecus) or [ANY], list(types)
    KnownDefect.objects.bulk_create(
        [
            KnownDefect(
                manufacturer_id=one.manufacturer_id,
                type=one,
                ecu_name=name,
                number=number,
                known_at=at,
            )
            for one in found
            for name in names
        ],
        update_conflicts=True,
        unique_fields=["manufacturer", "number", "type", "ecu_name"],
        update_fields=["over_at"],
    )
    return _open_releases(found)


def end(manufacturer_id: int, number: str, *, at: datetime) -> list[int]:
    """Note that a defect is over, inside the caller's transaction; return as ``note`` does."""
    rows = KnownDefect.objects.filter(manufacturer_id=manufacturer_id, number=number)
    rows.update(over_at=at)
    return _open_releases(VehicleType.objects.filter(pk__in=rows.values("type")))


def facts(release: Release) -> dict[str, Any]:
    """Return what the rulebook has to know of defects; nothing where none is known."""
    return {"known_defect_for_same_fault": True} if of(release).exists() else {}


def of(release: Release) -> QuerySet[KnownDefect]:
    """Return what is known of the software that a release changes, by the defects' numbers."""
    changed = Change.objects.filter(release=release).values_list("ecu_name", flat=True)
    return KnownDefect.objects.filter(
        type__in=release.types.all(), ecu_name__in=[ANY, *changed], over_at__isnull=True
    ).order_by("number", "pk")


def _open_releases(types: Iterable[VehicleType]) -> list[int]:
    found = Release.objects.filter(types__in=list(types), state__in=_STILL_STOPPABLE)
    return sorted(set(found.values_list("pk", flat=True)))
