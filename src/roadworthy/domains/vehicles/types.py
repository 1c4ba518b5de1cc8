"""Registering types, their ECUs and the firmware known on them. Plain functions, for services.

* Registering again what is already there changes nothing and adds only what is missing.
* The text of a version is unique within its ECU; an answer whose text is taken is written exactly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from roadworthy.domains.vehicles import errors, inventory
from roadworthy.domains.vehicles.models import Ecu, KnownFirmware, VehicleType

# A board is the name of a libconfig group in SWUpdate's sw-description.
HARDWARE_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}:[A-Za-z0-9._-]{1,23}")


@dataclass(frozen=True, slots=True)
class EcuSpec:
    """An ECU as its type's approval describes it. ``firmware`` is (raw answer, text) pairs."""

    name: str
    address: int
    hardware_id: str
    sub_address: int | None = None
    approval_relevant: bool = True
    firmware: Sequence[tuple[bytes, str]] = ()

    @property
    def key(self) -> tuple[str, int, int | None]:
        """Return what tells it from the other ECUs of its type."""
        return (self.name, self.address, self.sub_address)


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """A type as its approval describes it."""

    code: str
    name: Mapping[str, str]
    approval_number: str
    approved_on: date
    automation_level: int
    ecus: Sequence[EcuSpec]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """How much was new."""

    types: tuple[VehicleType, ...]
    ecus: int
    firmware: int


def add(manufacturer_id: int, specs: Sequence[TypeSpec]) -> Added:
    """Add the types, ECUs and firmware that are not there yet.

    Raises:
        BadHardwareId, EcuTwice: a specification contradicts itself.
    """
    for spec in specs:
        _check(spec)
    new_types = _add_types(manufacturer_id, specs)
    types = {
        t.code: t
        for t in VehicleType.objects.filter(
            manufacturer_id=manufacturer_id, code__in=[spec.code for spec in specs]
        )
    }
    ecus, new_ecus = _add_ecus([(types[spec.code].pk, spec) for spec in specs])
    new_firmware = add_firmware(
        [
            (ecus[types[spec.code].pk, ecu.key], raw, text)
            for spec in specs
            for ecu in spec.ecus
            for raw, text in ecu.firmware
        ]
    )
    return Added(tuple(new_types), new_ecus, new_firmware)


def add_firmware(rows: Sequence[tuple[int, bytes, str]]) -> int:
    """Add (ECU id, answer, text) that are not known yet; return how many were new."""
    ecu_ids = {ecu_id for ecu_id, _, _ in rows}
    raws: set[tuple[int, bytes]] = set()
    texts: set[tuple[int, str]] = set()
    for ecu_id, raw, text in KnownFirmware.objects.filter(ecu_id__in=ecu_ids).values_list(
        "ecu_id", "raw", "version"
    ):
        raws.add((ecu_id, bytes(raw)))
        texts.add((ecu_id, text))
    new = []
    for ecu_id, raw, text in rows:
        if (ecu_id, raw) in raws:
            continue
        free = text if (ecu_id, text) not in texts else inventory.exact(raw)
        raws.add((ecu_id, raw))
        texts.add((ecu_id, free))
        new.append(KnownFirmware(ecu_id=ecu_id, raw=raw, version=free))
    KnownFirmware.objects.bulk_create(new, batch_size=2000)
    return len(new)


def _check(spec: TypeSpec) -> None:
    seen = set()
    for ecu in spec.ecus:
        if not HARDWARE_ID.fullmatch(ecu.hardware_id):
            raise errors.BadHardwareId(hardware_id=ecu.hardware_id)
        if ecu.key in seen:
            raise errors.EcuTwice(ecu=ecu.name, place=inventory.place(ecu.address, ecu.sub_address))
        seen.add(ecu.key)


def _add_types(manufacturer_id: int, specs: Sequence[TypeSpec]) -> list[VehicleType]:
    there = set(
        VehicleType.objects.filter(manufacturer_id=manufacturer_id).values_list("code", flat=True)
    )
    return VehicleType.objects.bulk_create(
        [
            VehicleType(
                manufacturer_id=manufacturer_id,
                code=spec.code,
                name=dict(spec.name),
                approval_number=spec.approval_number,
                approved_on=spec.approved_on,
                automation_level=spec.automation_level,
                parameters=dict(spec.parameters),
                source=spec.source,
            )
            for spec in specs
            if spec.code not in there
        ]
    )


_Key = tuple[int, tuple[str, int, int | None]]


def _add_ecus(specs: Sequence[tuple[int, TypeSpec]]) -> tuple[dict[_Key, int], int]:
    ids = _ecu_ids([type_id for type_id, _ in specs])
    new = [
        Ecu(
            type_id=type_id,
            name=ecu.name,
            address=ecu.address,
            sub_address=ecu.sub_address,
            hardware_id=ecu.hardware_id,
            approval_relevant=ecu.approval_relevant,
        )
        for type_id, spec in specs
        for ecu in spec.ecus
        if (type_id, ecu.key) not in ids
    ]
    for created in Ecu.objects.bulk_create(new):
        ids[created.type_id, (created.name, created.address, created.sub_address)] = created.pk
    return ids, len(new)


def _ecu_ids(type_ids: Sequence[int]) -> dict[_Key, int]:
    return {
        (ecu.type_id, (ecu.name, ecu.address, ecu.sub_address)): ecu.pk
        for ecu in Ecu.objects.filter(type_id__in=type_ids)
    }
