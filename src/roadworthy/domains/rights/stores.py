"""Where the platform holds something of the owner of a vehicle: to be copied, and to be erased.

A store that has to keep something names the provision. Nothing of a person is in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from roadworthy.domains.aftersales import persons as complaints
from roadworthy.domains.campaigns import persons as campaigns
from roadworthy.domains.incidents import persons as incidents
from roadworthy.domains.processing import telemetry
from roadworthy.domains.remedies import persons as remedies
from roadworthy.domains.rights.models import Consent, Request
from roadworthy.domains.vehicles.models import Vehicle
from roadworthy.kernel.citation import Citation


class Store(StrEnum):
    COMPLAINTS = "complaints"
    INCIDENTS = "incidents"
    RECALLS = "recalls"
    UPDATES = "updates"  # what the owner answered to notices of updates
    TELEMETRY = "telemetry"  # what the vehicle sent and may still be kept
    CONSENTS = "consents"
    REQUESTS = "requests"
    VEHICLE = "vehicle"  # the register of vehicles


@dataclass(frozen=True, slots=True)
class Kept:
    """What one store did: how many entries were erased, how many stay, under which article."""

    store: Store
    erased: int
    kept: int = 0
    basis: Citation | None = None
    why: str = ""  # a key of the portal's words

    def to_json(self) -> dict[str, Any]:
        basis = self.basis
        return {
            "store": self.store,
            "erased": self.erased,
            "kept": self.kept,
            "instrument": basis.instrument if basis else "",
            "provision": basis.provision if basis else "",
            "why": self.why,
        }


_OPEN = Citation("N45", "四（九）")
_RECORDED = Citation("N45", "二（四）")
_TOLD = Citation("IMP176", "第二十六条")
_OWNERS = Citation("REG626", "第九条")


def copy_of(vehicle: Vehicle, *, at: datetime) -> dict[str, Any]:
    """Return everything that the platform holds of the owner of a vehicle, as JSON."""
    return {
        Store.VEHICLE: {
            "vin": vehicle.vin,
            "registered_at": vehicle.registered_at.isoformat(),
            "attributes": vehicle.attributes,
            "imported": vehicle.imported,
        },
        Store.COMPLAINTS: complaints.copy_of(vehicle.pk),
        Store.INCIDENTS: incidents.copy_of(vehicle.pk),
        Store.RECALLS: remedies.copy_of(vehicle.pk),
        Store.UPDATES: campaigns.copy_of(vehicle.pk),
        Store.TELEMETRY: [
            _sent(one)
            for one in telemetry.of_vehicle(vehicle.manufacturer_id, vehicle.controller_id, at=at)
        ],
        Store.CONSENTS: [_consent(one) for one in _consents(vehicle.pk)],
        Store.REQUESTS: [_request(one) for one in _requests(vehicle.pk)],
    }


def held(vehicle: Vehicle, *, at: datetime) -> dict[Store, int]:
    """Return how many entries each store has of the owner of a vehicle."""
    copy = copy_of(vehicle, at=at)
    return {store: 1 if store is Store.VEHICLE else _count(copy[store]) for store in Store}


def erase(vehicle: Vehicle, *, but: Request) -> tuple[Kept, ...]:
    """Erase the owner of a vehicle out of every store, inside the caller's transaction."""
    return (
        _complaints(vehicle.pk),
        _incidents(vehicle.pk),
        _recalls(vehicle.pk),
        Kept(Store.UPDATES, 0, campaigns.answers(vehicle.pk), _OPEN, "choice"),
        Kept(
            Store.TELEMETRY,
            telemetry.drop_of_vehicle(vehicle.manufacturer_id, vehicle.controller_id),
        ),
        _forget_consents(vehicle.pk),
        _forget_requests(vehicle.pk, but),
        Kept(Store.VEHICLE, 0, 1, _OWNERS, "first-owner"),
    )


def _complaints(vehicle_id: int) -> Kept:
    erased, still_open = complaints.erase(vehicle_id)
    if still_open:
        return Kept(Store.COMPLAINTS, erased, still_open, _OPEN, "still-open")
    return Kept(Store.COMPLAINTS, erased)


def _incidents(vehicle_id: int) -> Kept:
    if incidents.is_held(vehicle_id):
        held = len(incidents.copy_of(vehicle_id))
        return Kept(Store.INCIDENTS, 0, held, _RECORDED, "held")
    erased, told = incidents.erase(vehicle_id)
    if told:
        return Kept(Store.INCIDENTS, erased, told, _RECORDED, "reported")
    return Kept(Store.INCIDENTS, erased)


def _recalls(vehicle_id: int) -> Kept:
    if remedies.is_recalled(vehicle_id):
        return Kept(Store.RECALLS, 0, 1, _TOLD, "recalled")
    return Kept(Store.RECALLS, remedies.erase(vehicle_id))


def _forget_consents(vehicle_id: int) -> Kept:
    """Withdrawn consents go; one that stands is withdrawn by itself, not by a deletion."""
    gone, _each = _consents(vehicle_id).exclude(withdrawn_at=None).delete()
    stands = _consents(vehicle_id).count()
    return Kept(Store.CONSENTS, gone, stands, None, "stands" if stands else "")


def _forget_requests(vehicle_id: int, but: Request) -> Kept:
    old = _requests(vehicle_id).exclude(pk=but.pk).exclude(answered_at=None)
    emptied = old.update(words="", checked="", salt=b"")
    return Kept(Store.REQUESTS, emptied)


def _consents(vehicle_id: int) -> Any:
    found = Consent.objects.filter(vehicle_id=vehicle_id).select_related("form__item")
    return found.order_by("pk")


def _requests(vehicle_id: int) -> Any:
    return Request.objects.filter(vehicle_id=vehicle_id).order_by("pk")


def _consent(one: Consent) -> dict[str, Any]:
    return {
        "item": one.form.item.code,
        "purpose": one.form.purpose,
        "words": one.form.words.get(one.language, ""),
        "given_at": one.given_at.isoformat(),
        "until": one.until.isoformat() if one.until else None,
        "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
    }


def _count(told: Any) -> int:
    """Return how many entries a part of a copy has; of recalls: the address, and the answers."""
    if isinstance(told, Mapping):
        return bool(told["contact"]) + len(told["answers"])
    return len(told)


def _sent(one: Any) -> dict[str, Any]:
    return {
        "received_at": one.received_at.isoformat(),
        "deleted_by": one.drop_at.isoformat(),
        "record": one.body,
        "picture": bool(one.picture),
    }


def _request(one: Request) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "state": one.state,
        "words": one.words,
        "received_at": one.received_at.isoformat(),
    }
