"""What can be done to types and vehicles. What vehicles say of themselves is in ``reporting``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.vehicles import errors, registration, rights
from roadworthy.domains.vehicles import types as vehicle_types
from roadworthy.domains.vehicles.importing import ecus_as_json
from roadworthy.domains.vehicles.models import Ecu, KnownFirmware, VehicleType
from roadworthy.domains.vehicles.registration import Registered, Registration
from roadworthy.domains.vehicles.rows import Refusal, VehicleRow
from roadworthy.domains.vehicles.types import EcuSpec, TypeSpec
from roadworthy.kernel.canonical import digest, sha256_hex

__all__ = [
    "EcuSpec",
    "Refusal",
    "Registered",
    "Registration",
    "TypeSpec",
    "VehicleRow",
    "amend_type",
    "enter_type",
    "learn_firmware",
    "register_type",
    "register_vehicles",
]


@transaction.atomic(durable=True)
def register_type(
    *, manufacturer_id: int, spec: TypeSpec, actor: Actor, at: datetime
) -> VehicleType:
    """Register an approved type with its ECUs.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask: the actor may not.
        TypeExists: the manufacturer has a type of that code.
        BadHardwareId, EcuTwice: the specification contradicts itself.
    """
    by = rights.check(manufacturer_id, actor, rights.TYPES)
    return enter_type(manufacturer_id, spec, by=by, at=at)


def enter_type(
    manufacturer_id: int, spec: TypeSpec, *, by: ledger.Named, at: datetime
) -> VehicleType:
    """Register a type inside the caller's transaction: the acceptance that approves it.

    Raises:
        TypeExists: the manufacturer has a type of that code.
        BadHardwareId, EcuTwice: the specification contradicts itself.
    """
    if VehicleType.objects.filter(manufacturer_id=manufacturer_id, code=spec.code).exists():
        raise errors.TypeExists(code=spec.code)
    (registered,) = vehicle_types.add(manufacturer_id, [spec]).types
    _log_type("vehicle-type:registered", registered, spec, by, at)
    return registered


def amend_type(
    registered: VehicleType, spec: TypeSpec, *, by: ledger.Named, at: datetime
) -> VehicleType:
    """Bring a type up to what is approved now: names, level, parameters, new ECUs and versions.

    Inside the caller's transaction. An ECU or a version is never taken away: vehicles carry it.

    Raises:
        BadHardwareId, EcuTwice: the specification contradicts itself.
    """
    registered.name, registered.parameters = dict(spec.name), dict(spec.parameters)
    registered.automation_level = spec.automation_level
    registered.save(update_fields=["name", "parameters", "automation_level"])
    vehicle_types.add(registered.manufacturer_id, [spec])
    _log_type("vehicle-type:amended", registered, spec, by, at)
    return registered


@transaction.atomic
def learn_firmware(
    *,
    manufacturer_id: int,
    type_ids: Sequence[int],
    ecu_name: str,
    version: str,
    actor: Actor,
    at: datetime,
    raw: bytes | None = None,
    release_id: int | None = None,
) -> int:
    """Make a version known on an ECU of some types; return on how many it was new.

    From now on a vehicle that runs it runs known software. ``raw`` is what the ECU answers;
    without it, the text itself.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask: the actor may not.
        UnknownEcu: none of the types has an ECU of that name.
    """
    by = rights.check(manufacturer_id, actor, rights.VEHICLES)
    ecu_ids = list(
        Ecu.objects.filter(
            type__manufacturer_id=manufacturer_id, type_id__in=type_ids, name=ecu_name
        ).values_list("pk", flat=True)
    )
    if not ecu_ids:
        raise errors.UnknownEcu(type=", ".join(map(str, type_ids)), ecu=ecu_name, ecus="")
    answer = version.encode() if raw is None else raw
    by_text = KnownFirmware.objects.filter(ecu_id__in=ecu_ids, version=version)
    known = set(by_text.values_list("ecu_id", flat=True)) if raw is None else set()
    new = vehicle_types.add_firmware(
        [(ecu_id, answer, version) for ecu_id in ecu_ids if ecu_id not in known]
    )
    if new:
        ledger.record(
            event="firmware:known",
            subject=f"ecu/{ecu_name}",
            actor=by,
            at=at,
            release_id=release_id,
            data={"version": version, "answer_sha256": sha256_hex(answer), "ecus": new},
        )
    return new


@transaction.atomic(durable=True)
def register_vehicles(
    *, manufacturer_id: int, rows: Sequence[VehicleRow], actor: Actor, at: datetime
) -> Registration:
    """Register the vehicles whose rows are right; report every row that is not.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask: the actor may not.
    """
    by = rights.check(manufacturer_id, actor, rights.VEHICLES)
    return registration.register(manufacturer_id, rows, by=by, at=at)


def _log_type(
    event: str, registered: VehicleType, spec: TypeSpec, by: ledger.Named, at: datetime
) -> None:
    ledger.record(
        event=event,
        subject=f"type/{registered.pk}",
        actor=by,
        at=at,
        data={
            "code": registered.code,
            "approval_number": registered.approval_number,
            "source": registered.source,
            "ecus_sha256": digest(ecus_as_json(spec)),
        },
    )
