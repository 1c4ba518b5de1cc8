"""Writing vehicles: many at once, with their baseline and their first SWIN records.

The ledger gets one entry for a batch: how many, and a digest over the vehicles' commitments. A VIN
never enters it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import commitment
from roadworthy.domains.vehicles import swin
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.domains.vehicles.rows import Accepted, Refusal, VehicleRow, Warned, check
from roadworthy.domains.vehicles.swin import Numbered
from roadworthy.kernel.canonical import digest

SALT_BYTES = 16
BASELINE = "baseline"
# By COPY: a vehicle has some eight of these rows, and a file a hundred thousand vehicles.
_INSTALLED = (
    "COPY vehicles_installedsoftware (vehicle_id, ecu_id, version, since, source) FROM STDIN"
)
_SWINS = (
    "COPY vehicles_swinrecord (vehicle_id, regulation, swin, software_sha256, at, basis) FROM STDIN"
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A vehicle that is now in the register. The token is told here and nowhere else."""

    vehicle_id: int
    controller_id: str
    vin: str
    token: str


@dataclass(frozen=True, slots=True)
class Registration:
    registered: tuple[Registered, ...]
    refused: tuple[Refusal, ...]
    warnings: tuple[Warned, ...]


@transaction.atomic
def register(
    manufacturer_id: int, rows: Sequence[VehicleRow], *, by: ledger.Named, at: datetime
) -> Registration:
    """Register the rows that are right."""
    checked = check(manufacturer_id, rows, at)
    if not checked.accepted:
        return Registration((), checked.refused, checked.warnings)
    sets = [_numbered(good) for good in checked.accepted]
    tokens = [good.row.token or secrets.token_urlsafe(24) for good in checked.accepted]
    vehicles = _vehicles(manufacturer_id, checked.accepted, tokens, sets, at)
    _baseline(zip(vehicles, checked.accepted, strict=True), at)
    _swins(list(zip(vehicles, sets, strict=True)), at)
    commitments = sorted(commitment(bytes(v.salt), f"vehicle/{v.pk}") for v in vehicles)
    ledger.record(
        event="vehicles:registered",
        subject=f"manufacturer/{manufacturer_id}",
        actor=by,
        at=at,
        data={"count": len(vehicles), "commitments_sha256": digest(commitments)},
    )
    registered = tuple(
        Registered(vehicle.pk, vehicle.controller_id, vehicle.vin or "", token)
        for vehicle, token in zip(vehicles, tokens, strict=True)
    )
    return Registration(registered, checked.refused, checked.warnings)


def _numbered(good: Accepted) -> Numbered | None:
    versions = {ecu.pk: text for ecu, text in good.baseline.values()}
    return swin.numbered(good.type, good.slots, versions)


def _vehicles(
    manufacturer_id: int,
    accepted: Sequence[Accepted],
    tokens: Sequence[str],
    sets: Sequence[Numbered | None],
    at: datetime,
) -> list[Vehicle]:
    # Some spoke before they were registered: their row stays, with its salt and what they said.
    seen = Vehicle.objects.select_for_update(no_key=True).in_bulk(
        sorted(good.seen_id for good in accepted if good.seen_id)
    )
    vehicles = []
    for good, token, software in zip(accepted, tokens, sets, strict=True):
        vehicle = seen.get(good.seen_id or 0) or Vehicle(
            manufacturer_id=manufacturer_id,
            controller_id=good.row.controller_id,
            salt=secrets.token_bytes(SALT_BYTES),
        )
        vehicle.type = good.type
        vehicle.vin = good.vin.text
        vehicle.token_sha256 = hashlib.sha256(token.encode()).hexdigest()
        vehicle.registered_at = at
        vehicle.software_sha256 = software.sha256 if software else ""
        vehicle.imported = dict(good.row.extra)
        vehicle.built_on = good.built_on
        vehicles.append(vehicle)
    Vehicle.objects.bulk_create([v for v in vehicles if v.pk is None], batch_size=1000)
    Vehicle.objects.bulk_update(
        seen.values(),
        ["type", "vin", "token_sha256", "registered_at", "imported", "software_sha256", "built_on"],
        batch_size=1000,
    )
    return vehicles


def _baseline(pairs: Iterable[tuple[Vehicle, Accepted]], at: datetime) -> None:
    _copy(
        _INSTALLED,
        (
            (vehicle.pk, ecu.pk, version, at, BASELINE)
            for vehicle, good in pairs
            for ecu, version in good.baseline.values()
        ),
    )


def _swins(pairs: Sequence[tuple[Vehicle, Numbered | None]], at: datetime) -> None:
    known = [(vehicle, one) for vehicle, one in pairs if one is not None]
    swin.keep_sets((vehicle.type_id or 0, one, at) for vehicle, one in known)
    _copy(
        _SWINS,
        (
            (vehicle.pk, regulation, number, one.sha256, at, BASELINE)
            for vehicle, one in known
            for regulation, number in one.numbers.items()
        ),
    )


def _copy(statement: str, rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
