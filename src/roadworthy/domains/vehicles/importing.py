"""Vehicle types from the firmware inventory of real cars.

* Platforms, ECUs, addresses and firmware are the inventory's, every byte. Approval number,
  approval date and automation level are demonstration data and say so in ``source``.
* The inventory knows no hardware numbers: an ECU's hardware id is made of brand, name and address.
* Importing twice changes nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.vehicles import errors, inventory, rights
from roadworthy.domains.vehicles import types as vehicle_types
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest

# Comfort and service units; whatever is not known to be one counts for the approval.
NOT_APPROVAL_RELEVANT: Final = frozenset({"debug", "hud", "hvac", "telematics"})
_ASSISTING: Final = frozenset({"fwdCamera", "fwdRadar", "adas"})


@dataclass(frozen=True, slots=True)
class ImportedTypes:
    """How much of the inventory was new to the database."""

    types: int
    ecus: int
    firmware: int


@transaction.atomic(durable=True)
def import_types(
    *,
    manufacturer_id: int,
    actor: Actor,
    at: datetime,
    brand: str | None = None,
    approved_on: date | None = None,
) -> ImportedTypes:
    """Register one brand's platforms, or all brands', as the manufacturer's vehicle types.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask: the actor may not.
        NoSuchBrand: the inventory does not have it.
    """
    by = rights.check(manufacturer_id, actor, rights.TYPES)
    carried = inventory.carried()
    platforms = carried.of_brand(brand)
    if not platforms:
        raise errors.NoSuchBrand(brand=brand, brands=", ".join(carried.brands))
    source = f"{carried.source} {carried.version}"
    specs = [specification(p, source, approved_on or legal_day(at)) for p in platforms]
    added = vehicle_types.add(manufacturer_id, specs)
    of_code = {spec.code: spec for spec in specs}
    ledger.record_many(
        ledger.Step(
            event="vehicle-type:registered",
            subject=f"type/{new.pk}",
            actor=by,
            at=at,
            data={
                "code": new.code,
                "approval_number": new.approval_number,
                "source": new.source,
                "ecus_sha256": digest(ecus_as_json(of_code[new.code])),
            },
        )
        for new in added.types
    )
    return ImportedTypes(len(added.types), added.ecus, added.firmware)


def specification(
    platform: inventory.Platform, source: str, approved_on: date
) -> vehicle_types.TypeSpec:
    """Return a platform as a type with a demonstration approval."""
    origin = f"{platform.brand}/{platform.name}"
    name = platform.models[0] if platform.models else platform.name
    assisting = any(slot.ecu in _ASSISTING for slot in platform.slots)
    return vehicle_types.TypeSpec(
        code=platform.name,
        name={"zh-hans": name, "en": name},
        approval_number=f"DEMO-{hashlib.sha256(origin.encode()).hexdigest()[:8].upper()}",
        approved_on=approved_on,
        automation_level=2 if assisting else 0,
        parameters={
            "mass_kg": platform.mass_kg,
            "wheelbase_m": platform.wheelbase_m,
            "steering_ratio": platform.steering_ratio,
        },
        source=f"{source} {origin}; demonstration approval",
        ecus=tuple(
            vehicle_types.EcuSpec(
                name=slot.ecu,
                address=slot.address,
                sub_address=slot.sub_address,
                hardware_id=f"{platform.brand}-{slot.ecu}:{slot.place}",
                approval_relevant=slot.ecu not in NOT_APPROVAL_RELEVANT,
                firmware=tuple((f.raw, f.version) for f in slot.firmware),
            )
            for slot in platform.slots
        ),
    )


def ecus_as_json(spec: vehicle_types.TypeSpec) -> list[dict[str, object]]:
    """Return the ECUs of a type with their firmware, as the ledger digests them."""
    return [
        {
            "name": ecu.name,
            "place": inventory.place(ecu.address, ecu.sub_address),
            "hardware_id": ecu.hardware_id,
            "approval_relevant": ecu.approval_relevant,
            "firmware": sorted(raw.hex() for raw, _ in ecu.firmware),
        }
        for ecu in spec.ecus
    ]
