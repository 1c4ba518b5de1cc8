"""Software identification numbers: which set of approval-relevant software a vehicle has.

* A number is derived from the approval and the set: the same set on the same type always has the
  same number, another set another one (UN R156 7.2.1.2.1), and nobody has to hand numbers out.
* The set holds every approval-relevant ECU of the type; one that has not said what it runs
  stands in it as unknown.
* What a number stands for is kept with it: a digest alone could not be read back.
* One flag per ECU says that its software counts, under both regulations alike: no text that was
  read lets an ECU count for one of them only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from roadworthy.domains.vehicles.labels import Slots
from roadworthy.domains.vehicles.models import SwinRecord, SwinSet, Vehicle, VehicleType
from roadworthy.kernel.canonical import digest

# Regulation, and what its numbers begin with. R156 calls the number RXSWIN.
REGULATIONS: Final[Mapping[str, str]] = {"GB 44496": "GB", "UN R156": "RX"}
_DIGITS: Final = 10


def software_digest(software: Mapping[str, str | None]) -> str:
    """Return the SHA-256 of a set of versions by ECU label."""
    return digest(dict(software))


def number(regulation: str, approval_number: str, software_sha256: str) -> str:
    """Return the number of a set of software under one regulation."""
    return f"{REGULATIONS[regulation]}-{approval_number}-{software_sha256[:_DIGITS].upper()}"


def relevant_software(slots: Slots, versions: Mapping[int, str]) -> dict[str, str | None]:
    """Return the approval-relevant set by ECU label, from versions by ECU id."""
    return {
        label: versions.get(ecu.pk)
        for label, ecu in slots.by_label.items()
        if ecu.approval_relevant
    }


@dataclass(frozen=True, slots=True)
class Numbered:
    """A set of software with its digest and its number under each regulation."""

    software: Mapping[str, str | None]
    sha256: str
    numbers: Mapping[str, str]

    def records(self, vehicle: Vehicle, *, at: datetime, basis: str) -> list[SwinRecord]:
        """Return the numbers of a vehicle from now on, unsaved."""
        return [
            SwinRecord(
                vehicle=vehicle,
                regulation=regulation,
                swin=swin,
                software_sha256=self.sha256,
                at=at,
                basis=basis,
            )
            for regulation, swin in self.numbers.items()
        ]


def numbered(
    vehicle_type: VehicleType, slots: Slots, versions: Mapping[int, str]
) -> Numbered | None:
    """Return the set and its numbers, from versions by ECU id; None while nothing is known."""
    software = relevant_software(slots, versions)
    return of_set(vehicle_type.approval_number, software) if any(software.values()) else None


def of_set(approval_number: str, software: Mapping[str, str | None]) -> Numbered:
    """Number a set of versions by ECU label."""
    sha256 = software_digest(software)
    return Numbered(
        software,
        sha256,
        {name: number(name, approval_number, sha256) for name in REGULATIONS},
    )


def keep_sets(found: Iterable[tuple[int, Numbered, datetime]]) -> None:
    """Keep what numbers stand for, by type id; a set that is kept already stays as it is."""
    first: dict[tuple[int, str], tuple[Numbered, datetime]] = {}
    for type_id, one, at in found:
        first.setdefault((type_id, one.sha256), (one, at))
    SwinSet.objects.bulk_create(
        [
            SwinSet(type_id=type_id, software_sha256=sha256, software=one.software, first_at=at)
            for (type_id, sha256), (one, at) in sorted(first.items(), key=lambda item: item[0])
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
