"""The register of a type as a file for a technical service; the log names what was handed out.

* JSON is canonical, so that the digest which the log names is that of the file's bytes.
* In CSV, what a spreadsheet would take for a formula gets an apostrophe before it: the versions
  come from vehicles.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Count

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed
from roadworthy.domains.vehicles import errors, labels, swin
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.domains.vehicles.models import Ecu, SwinSet, Vehicle, VehicleType
from roadworthy.kernel.canonical import canonical, sha256_hex

SCHEMA = "roadworthy/swin-register/1"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("regulation", "number", "software_sha256", "ecu", "version", "vehicles", "first_at")


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was handed out, with the digest that the log has of it."""

    filename: str
    media_type: str
    content: bytes
    sha256: str


@transaction.atomic(durable=True)
def export(
    *, manufacturer_id: int, type_id: int, form: Format, actor: Actor, at: datetime
) -> Export:
    """Write the register of a type, all of it, and log its digest.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
        NoSuchType: there is none, or it is not the actor's house's.
    """
    by = witnessed(actor)
    if actor.organisation_id != manufacturer_id:
        raise errors.NoSuchType
    of = vehicles.vehicle_type(manufacturer_id, type_id)
    content = _json(of, at) if form == Format.JSON else _csv(of)
    made = Export(
        filename=f"swin-{of.code}.{form}",
        media_type="application/json" if form == Format.JSON else "text/csv; charset=utf-8",
        content=content,
        sha256=sha256_hex(content),
    )
    ledger.record(
        event="swin-register:exported",
        subject=f"type/{of.pk}",
        actor=by,
        at=at,
        data={"code": of.code, "format": form, "sha256": made.sha256, "length": len(content)},
    )
    return made


def _json(of: VehicleType, at: datetime) -> bytes:
    slots = labels.slots(Ecu.objects.filter(type=of))
    return canonical(
        {
            "schema": SCHEMA,
            "type": of.code,
            "approval_number": of.approval_number,
            "at": ledger.instant(at),
            "ecus": [
                {
                    "ecu": label,
                    "hardware_id": ecu.hardware_id,
                    "regulations": sorted(swin.REGULATIONS) if ecu.approval_relevant else [],
                }
                for label, ecu in sorted(slots.by_label.items())
            ],
            "sets": list(_sets(of)),
        }
    )


def _csv(of: VehicleType) -> bytes:
    text = io.StringIO()
    text.write("\ufeff")  # spreadsheets take it for Latin text otherwise
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for one in _sets(of):
        for regulation, number in one["numbers"].items():
            for ecu, version in sorted(one["software"].items()):
                row = (regulation, number, one["software_sha256"], ecu, version or "")
                writer.writerow([*map(_cell, row), one["vehicles"], one["first_at"]])
    return text.getvalue().encode()


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _sets(of: VehicleType) -> Iterator[Mapping[str, Any]]:
    rows = Vehicle.objects.filter(type=of).order_by().values_list("software_sha256")
    counts = dict(rows.annotate(Count("pk")))
    for one in SwinSet.objects.filter(type=of).order_by("first_at", "software_sha256"):
        yield {
            "software_sha256": one.software_sha256,
            "numbers": dict(swin.of_set(of.approval_number, one.software).numbers),
            "software": one.software,
            "vehicles": counts.get(one.software_sha256, 0),
            "first_at": ledger.instant(one.first_at),
        }
