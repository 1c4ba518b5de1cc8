"""What vehicles say of themselves. Plain functions, called inside the caller's transaction.

* A report of a version is believed as what runs: success of an update rests on nothing else.
* A version that nothing covers is kept as a finding beside it, never refused.
* When the approval-relevant set changes, the vehicle's SWIN follows, in the same transaction.
* Vehicles are locked in the order of their ids, so that two batches cannot wait for each other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, Witnessed, commitment, witnessed
from roadworthy.domains.vehicles import labels, swin
from roadworthy.domains.vehicles.models import (
    Ecu,
    EcuReport,
    InstalledSoftware,
    KnownFirmware,
    SwinRecord,
    UnknownSoftware,
    Vehicle,
)

SALT_BYTES = 16
FROM_VEHICLE = "vehicle"
MAX_VERSION = 200
SUBJECT_DIGITS = 32  # of the commitment; all of it stands in the entry's data
_HEARD = """
UPDATE vehicles_vehicle v SET attributes = n.attributes, last_seen_at = n.last_seen_at
FROM unnest(%s::bigint[], %s::jsonb[], %s::timestamptz[]) AS n (id, attributes, last_seen_at)
WHERE v.id = n.id
"""
_SOFTWARE = """
UPDATE vehicles_vehicle v SET software_sha256 = n.sha256
FROM unnest(%s::bigint[], %s::text[]) AS n (id, sha256) WHERE v.id = n.id
"""


@dataclass(frozen=True, slots=True)
class Said:
    """A vehicle said what an ECU runs. ``basis`` names the action that this proves, if any."""

    vehicle_id: int
    ecu_name: str
    version: str
    at: datetime
    basis: str = ""  # "action/12"
    release_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attributes:
    """One configData: ``mode`` is DDI's merge, replace or remove."""

    vehicle_id: int
    mode: str
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of one report. ``ecu_id`` is None when the type has no such ECU."""

    vehicle_id: int
    ecu_id: int | None
    ecu_name: str
    before: str | None
    version: str
    known: bool
    swin_changed: bool


@transaction.atomic
def record_ecu_report(
    *,
    vehicle_id: int,
    ecu_name: str,
    version: str,
    actor: Actor,
    at: datetime,
    basis: str = "",
    release_id: int | None = None,
) -> Noted:
    """Take down what one ECU of one vehicle runs."""
    said = Said(vehicle_id, ecu_name, version, at, basis, release_id)
    return record_ecu_reports([said], actor=actor, at=at)[0]


@transaction.atomic
def record_ecu_reports(said: Sequence[Said], *, actor: Actor, at: datetime) -> tuple[Noted, ...]:
    """Take down what vehicles run, in the order given; return what became of each report."""
    clean = [replace(one, version=storable(one.version)) for one in said]
    batch = _Batch(clean)
    noted = [batch.note(one) for one in clean]
    changed = batch.write()
    if changed:
        _log_swins(changed, by=witnessed(actor), at=at)
    moved = {change.vehicle.pk for change in changed}
    return tuple(replace(one, swin_changed=one.vehicle_id in moved) for one in noted)


@transaction.atomic
def record_unknown(seen: Mapping[tuple[int, int | None, str], datetime]) -> None:
    """Keep versions that nothing covers, by vehicle id, ECU id and text, as findings.

    Seeing one again moves its ``last_seen_at``.
    """
    UnknownSoftware.objects.bulk_create(
        [
            UnknownSoftware(
                vehicle_id=vehicle_id,
                ecu_id=ecu_id,
                version=version,
                first_seen_at=at,
                last_seen_at=at,
            )
            for (vehicle_id, ecu_id, version), at in seen.items()
        ],
        update_conflicts=True,
        unique_fields=["vehicle", "ecu", "version"],
        update_fields=["last_seen_at"],
        batch_size=1000,
    )


@transaction.atomic
def sight(manufacturer_id: int, seen: Mapping[str, datetime]) -> dict[str, int]:
    """Note when controllers were last seen; return vehicle ids by controller id.

    A controller that nobody registered becomes a vehicle without VIN and type: it is on the road.
    """
    there = _locked(manufacturer_id, seen)
    new = [
        Vehicle(
            manufacturer_id=manufacturer_id,
            controller_id=controller_id,
            salt=secrets.token_bytes(SALT_BYTES),
            registered_at=at,
            last_seen_at=at,
        )
        for controller_id, at in sorted(seen.items())
        if controller_id not in there
    ]
    # Another worker may have seen it in the same moment; then its row is the one.
    Vehicle.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)
    if new:
        there = _locked(manufacturer_id, seen)
    later = []
    for controller_id, vehicle in there.items():
        at = seen[controller_id]
        if vehicle.last_seen_at is None or vehicle.last_seen_at < at:
            vehicle.last_seen_at = at
            later.append(vehicle)
    _save_heard(later)
    return {controller_id: vehicle.pk for controller_id, vehicle in there.items()}


@transaction.atomic
def record_many_attributes(said: Sequence[Attributes]) -> None:
    """Keep what configData said, in the order given, each after the mode it was sent in."""
    vehicles = {
        vehicle.pk: vehicle
        for vehicle in Vehicle.objects.select_for_update(no_key=True)
        .filter(pk__in={one.vehicle_id for one in said})
        .order_by("pk")
    }
    for one in said:
        vehicle = vehicles[one.vehicle_id]
        vehicle.attributes = merged(vehicle.attributes, one.mode, one.data)
        vehicle.last_seen_at = max(vehicle.last_seen_at or one.at, one.at)
    _save_heard(list(vehicles.values()))


def _save_heard(vehicles: Sequence[Vehicle]) -> None:
    """Write what was heard of locked vehicles; Django's bulk_update takes many times as long."""
    if not vehicles:
        return
    columns = (
        [vehicle.pk for vehicle in vehicles],
        [json.dumps(vehicle.attributes) for vehicle in vehicles],
        [vehicle.last_seen_at for vehicle in vehicles],
    )
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, columns)


def merged(kept: Mapping[str, Any], mode: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes after DDI's merge (null removes), replace or remove."""
    if mode == "remove":
        return {key: value for key, value in kept.items() if key not in sent}
    together = sent if mode == "replace" else {**kept, **sent}
    return {key: value for key, value in together.items() if value is not None}


def storable(version: str) -> str:
    """Return a version as the tables can hold it: PostgreSQL's text knows no NUL."""
    return version.replace("\0", "\\x00")[:MAX_VERSION]


@dataclass(frozen=True, slots=True)
class _SwinChange:
    vehicle: Vehicle
    software: swin.Numbered
    records: Sequence[SwinRecord]
    release_id: int | None


class _Batch:
    """Reports of one transaction: everything read once before, everything written once after."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._vehicles = {
            vehicle.pk: vehicle
            for vehicle in Vehicle.objects.select_for_update(no_key=True, of=("self",))
            .select_related("type")
            .filter(pk__in={one.vehicle_id for one in said})
            .order_by("pk")
        }
        types = {vehicle.type_id for vehicle in self._vehicles.values() if vehicle.type_id}
        self._slots = labels.slots_by_type(Ecu.objects.filter(type_id__in=types))
        self._installed = {
            (row.vehicle_id, row.ecu_id): row
            for row in InstalledSoftware.objects.filter(vehicle__in=self._vehicles)
        }
        self._known = set(
            KnownFirmware.objects.filter(
                ecu__type_id__in=types, version__in={one.version for one in said}
            ).values_list("ecu_id", "version")
        )
        self._reports: list[EcuReport] = []
        self._touched: dict[tuple[int, int], InstalledSoftware] = {}
        self._last: dict[int, Said] = {}
        self._unknown: dict[tuple[int, int | None, str], datetime] = {}

    def note(self, one: Said) -> Noted:
        vehicle = self._vehicles[one.vehicle_id]
        slots = self._slots.get(vehicle.type_id or 0)
        ecu = slots.get(one.ecu_name) if slots else None
        if ecu is None:
            self._unknown[vehicle.pk, None, storable(f"{one.ecu_name} {one.version}")] = one.at
            return Noted(vehicle.pk, None, one.ecu_name, None, one.version, False, False)
        known = (ecu.pk, one.version) in self._known
        if not known:
            self._unknown[vehicle.pk, ecu.pk, one.version] = one.at
        before = self._install(one, ecu)
        return Noted(vehicle.pk, ecu.pk, one.ecu_name, before, one.version, known, False)

    def _install(self, one: Said, ecu: Ecu) -> str | None:
        key = (one.vehicle_id, ecu.pk)
        row = self._installed.get(key)
        before = row.version if row else None
        if row is None or row.version != one.version:
            row = InstalledSoftware(
                vehicle_id=one.vehicle_id,
                ecu=ecu,
                version=one.version,
                since=one.at,
                source=FROM_VEHICLE,
            )
            self._last[one.vehicle_id] = one
        elif row.source == FROM_VEHICLE and not one.basis:
            return before  # said before, and it proves nothing new
        row.source = FROM_VEHICLE
        self._installed[key] = self._touched[key] = row
        self._reports.append(
            EcuReport(vehicle_id=one.vehicle_id, ecu=ecu, version=one.version, at=one.at)
        )
        return before

    def write(self) -> list[_SwinChange]:
        """Write what was noted; return the SWIN changes that follow."""
        EcuReport.objects.bulk_create(self._reports, batch_size=2000)
        InstalledSoftware.objects.bulk_create(
            [_without_pk(row) for row in self._touched.values()],
            update_conflicts=True,
            unique_fields=["vehicle", "ecu"],
            update_fields=["version", "since", "source"],
            batch_size=2000,
        )
        record_unknown(self._unknown)
        changes = self._swin_changes()
        SwinRecord.objects.bulk_create(
            [record for change in changes for record in change.records], batch_size=2000
        )
        _keep_software(changes)
        return changes

    def _swin_changes(self) -> list[_SwinChange]:
        changes = []
        for vehicle_id, said in sorted(self._last.items()):
            vehicle = self._vehicles[vehicle_id]
            assert vehicle.type is not None, "a version was noted, so the type has ECUs"
            slots = self._slots[vehicle.type.pk]
            versions = {
                ecu.pk: self._installed[vehicle_id, ecu.pk].version
                for ecu in slots.by_label.values()
                if (vehicle_id, ecu.pk) in self._installed
            }
            found = swin.numbered(vehicle.type, slots, versions)
            if found is not None and found.sha256 != vehicle.software_sha256:
                records = found.records(vehicle, at=said.at, basis=said.basis or FROM_VEHICLE)
                changes.append(_SwinChange(vehicle, found, records, said.release_id))
        return changes


def _keep_software(changes: Sequence[_SwinChange]) -> None:
    """Write what the numbers stand for, and what each vehicle has now."""
    if not changes:
        return
    swin.keep_sets(
        (change.vehicle.type_id or 0, change.software, change.records[0].at) for change in changes
    )
    digests = [change.software.sha256 for change in changes]
    with connection.cursor() as cursor:
        cursor.execute(_SOFTWARE, ([change.vehicle.pk for change in changes], digests))


def _without_pk(row: InstalledSoftware) -> InstalledSoftware:
    row.pk = None  # rows are found by vehicle and ECU
    return row


def _locked(manufacturer_id: int, controller_ids: Iterable[str]) -> dict[str, Vehicle]:
    return {
        vehicle.controller_id: vehicle
        for vehicle in Vehicle.objects.select_for_update(no_key=True)
        .filter(manufacturer_id=manufacturer_id, controller_id__in=list(controller_ids))
        .order_by("pk")
    }


def _log_swins(changes: Sequence[_SwinChange], *, by: Witnessed, at: datetime) -> None:
    ledger.record_many(_swin_step(change, by, at) for change in changes)


def _swin_step(change: _SwinChange, by: Witnessed, at: datetime) -> ledger.Step:
    committed = commitment(bytes(change.vehicle.salt), f"vehicle/{change.vehicle.pk}")
    return ledger.Step(
        event="vehicle:swin:changed",
        subject=f"vehicle/{committed[:SUBJECT_DIGITS]}",
        actor=by,
        at=at,
        release_id=change.release_id,
        data={
            "vehicle": committed,
            "basis": change.records[0].basis,
            "software_sha256": change.records[0].software_sha256,
            "swin": {record.regulation: record.swin for record in change.records},
        },
    )
