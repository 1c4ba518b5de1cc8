"""Software identification numbers: which set of approval-relevant software a vehicle has.

* A number is derived from the approval and the set: the same set on the same type always has the
  same number, another set another one (UN R156 7.2.1.2.1), and nobody has to hand numbers out.
* The set holds every approval-relevant ECU of the type; one that has not said what it runs
  stands in it as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from roadworthy.domains.vehicles.labels import Slots
from roadworthy.domains.vehicles.models import SwinRecord, Vehicle, VehicleType
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


def swin_records(
    vehicle: Vehicle,
    vehicle_type: VehicleType,
    slots: Slots,
    versions: Mapping[int, str],
    *,
    at: datetime,
    basis: str,
) -> list[SwinRecord]:
    """Return the numbers of what a vehicle runs, unsaved; none while nothing is known of it."""
    return [
        SwinRecord(
            vehicle=vehicle,
            regulation=regulation,
            swin=swin,
            software_sha256=sha256,
            at=at,
            basis=basis,
        )
        for regulation, swin, sha256 in numbers(vehicle_type, slots, versions)
    ]


def numbers(
    vehicle_type: VehicleType, slots: Slots, versions: Mapping[int, str]
) -> list[tuple[str, str, str]]:
    """Return (regulation, number, digest of the set); none while nothing is known."""
    software = relevant_software(slots, versions)
    if not any(software.values()):
        return []
    sha256 = software_digest(software)
    return [
        (regulation, number(regulation, vehicle_type.approval_number, sha256), sha256)
        for regulation in REGULATIONS
    ]
