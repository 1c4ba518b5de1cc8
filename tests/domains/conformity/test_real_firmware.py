"""5,312 real firmware versions as baselines, the same versions reported, one in a hundred altered.

The answers are those of ``opendbc`` (carried byte for byte; tests/domains/vehicles compares the two
wherever the package installs). Every type gets as many vehicles as its richest ECU has versions, so
that each of the rows is reported once; which ones are altered follows from their digests.
"""

from __future__ import annotations

import hashlib

import pytest

from roadworthy.domains.conformity import detection, queries
from roadworthy.domains.conformity.models import Finding
from roadworthy.domains.conformity.states import Kind
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.vehicles import importing, inventory, labels, reporting
from roadworthy.domains.vehicles.models import Ecu, KnownFirmware, Vehicle, VehicleType
from roadworthy.domains.vehicles.reporting import Said
from tests.domains.vehicles import making

pytestmark = pytest.mark.django_db
SHARE = 100


def is_altered(ecu: Ecu, firmware: KnownFirmware) -> bool:
    seed = f"{ecu.type.code}/{ecu.name}@{ecu.address:x}.{ecu.sub_address}".encode()
    return int.from_bytes(hashlib.sha256(seed + bytes(firmware.raw)).digest()[:4]) % SHARE == 0


def altered(firmware: KnownFirmware, real: set[str]) -> str:
    """Flip one bit of the last byte that is no padding, and read the answer as it is now.

    Real versions lie one bit apart ("...AF", "...AG"): a flip that makes another one is not taken.
    """
    raw = bytes(firmware.raw)
    last = max(n for n, byte in enumerate(raw) if byte not in b"\0 ")
    flipped = (
        inventory.readable(raw[:last] + bytes([raw[last] ^ 1 << bit]) + raw[last + 1 :])
        for bit in range(8)
    )
    return next(text for text in flipped if text and text not in real)


def test_exactly_the_altered_versions_are_found():
    maker = making.manufacturer()
    importing.import_types(manufacturer_id=maker.pk, actor=PLATFORM, at=making.AT)
    of_ecu: dict[int, list[KnownFirmware]] = {}
    for firmware in KnownFirmware.objects.order_by("pk"):
        of_ecu.setdefault(firmware.ecu_id, []).append(firmware)
    assert sum(map(len, of_ecu.values())) == 5312
    ecus = {ecu.pk: ecu for ecu in Ecu.objects.select_related("type")}
    slots = labels.slots_by_type(ecus.values())
    said, wanted = [], set()
    for one in VehicleType.objects.order_by("pk"):
        mine = {label: of_ecu.get(e.pk, []) for label, e in slots[one.pk].by_label.items()}
        vehicles = Vehicle.objects.bulk_create(
            Vehicle(
                manufacturer=maker,
                type=one,
                controller_id=f"{one.code}-{n}",
                salt=b"0" * 16,
                registered_at=making.AT,
            )
            for n in range(max(map(len, mine.values())))
        )
        for label, versions in mine.items():
            for vehicle, firmware in zip(vehicles, versions, strict=False):
                version = firmware.version
                if is_altered(ecus[firmware.ecu_id], firmware):
                    version = altered(firmware, {one.version for one in versions})
                    wanted.add((one.pk, firmware.ecu_id, version))
                said.append(Said(vehicle.pk, label, version, making.AT))
    assert len(said) == 5312
    assert 30 <= len(wanted) <= 80, len(wanted)
    assert not wanted & {(ecus[e].type_id, e, k.version) for e in of_ecu for k in of_ecu[e]}
    reporting.record_ecu_reports(said, actor=PLATFORM, at=making.AT)
    assert detection.detect.__wrapped__(at=making.AT) == len(wanted)
    found = Finding.objects.values_list("type", "ecu", "version")
    assert set(found) == wanted
    assert {one.kind for one in queries.findings(maker.pk)} == {Kind.UNFILED_SOFTWARE}
    assert all(one.vehicles == 1 for one in queries.findings(maker.pk))
    assert detection.detect.__wrapped__(at=making.AT) == 0
