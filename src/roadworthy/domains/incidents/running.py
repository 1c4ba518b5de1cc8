"""What a vehicle ran at a moment, from what was written down before anybody asked.

In the order in which it is believed: what the vehicle said in the event itself; what it said
before, proven by a campaign or not; the set of versions that its software identification number
stood for; the baseline that it was registered with. What nobody wrote down is not made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.campaigns.states import ActionState
from roadworthy.domains.incidents.models import Incident, Ran
from roadworthy.domains.ledger.models import Entry as LedgerEntry
from roadworthy.domains.software.models import Change
from roadworthy.domains.vehicles import labels
from roadworthy.domains.vehicles.models import (
    Ecu,
    EcuReport,
    InstalledSoftware,
    SwinRecord,
    SwinSet,
    Vehicle,
)

_MOST_VERSION = 200  # characters


class Basis(StrEnum):
    """How it is known."""

    EVENT = "event"  # the vehicle said so in the event
    PROVEN = "proven"  # it said so after an update, and a campaign proved it
    VEHICLE = "vehicle"  # it said so by itself
    SET = "set"  # of its software identification number
    BASELINE = "baseline"  # as it was registered


@dataclass(frozen=True, slots=True)
class Version:
    """What one ECU ran, since when that is known, and where the proof stands."""

    ecu: Ecu
    version: str
    basis: Basis
    known_at: datetime
    action_id: int | None = None
    entry_id: int | None = None


def at(vehicle: Vehicle, moment: datetime, said: Mapping[str, str] | None = None) -> list[Version]:
    """Return what each ECU of a vehicle ran at a moment; ``said`` is what the event told."""
    ecus = list(Ecu.objects.filter(type_id=vehicle.type_id).order_by("name", "address"))
    found: dict[int, Version] = {}
    for one in (
        *_baseline(vehicle, moment),
        *_set(vehicle, moment, ecus),
        *_reported(vehicle, moment),
        *_of_event(said or {}, moment, ecus),
    ):
        found[one.ecu.pk] = one
    return [found[ecu.pk] for ecu in ecus if ecu.pk in found]


def keep(incident: Incident, said: Mapping[str, str] | None = None) -> None:
    """Write down what the vehicle of an incident ran; a better moment or word replaces it."""
    Ran.objects.filter(incident=incident).delete()
    if incident.vehicle is None:
        return
    moment = incident.occurred_at or incident.learned_at
    Ran.objects.bulk_create(
        Ran(
            incident=incident,
            vehicle=incident.vehicle,
            ecu=one.ecu,
            version=one.version,
            basis=one.basis,
            known_at=one.known_at,
            action_id=one.action_id,
            entry_id=one.entry_id,
        )
        for one in at(incident.vehicle, moment, said)
    )


def _baseline(vehicle: Vehicle, moment: datetime) -> Iterator[Version]:
    rows = InstalledSoftware.objects.filter(vehicle=vehicle, source="baseline", since__lte=moment)
    for row in rows.select_related("ecu"):
        yield Version(row.ecu, row.version, Basis.BASELINE, row.since)


def _set(vehicle: Vehicle, moment: datetime, ecus: list[Ecu]) -> Iterator[Version]:
    record = SwinRecord.objects.filter(vehicle=vehicle, at__lte=moment).order_by("-at", "-pk")
    number = record.first()
    if number is None:
        return
    stands_for = SwinSet.objects.filter(
        type_id=vehicle.type_id, software_sha256=number.software_sha256
    ).first()
    slots = labels.slots(ecus)
    for label, version in (stands_for.software if stands_for else {}).items():
        ecu = slots.get(label)
        if ecu is not None and version:
            yield Version(ecu, version, Basis.SET, number.at)


def _reported(vehicle: Vehicle, moment: datetime) -> Iterator[Version]:
    said = EcuReport.objects.filter(vehicle=vehicle, at__lte=moment).order_by("ecu_id", "-pk")
    newest = list(said.distinct("ecu_id").select_related("ecu"))
    actions = list(
        Action.objects.filter(
            vehicle=vehicle, state=ActionState.PROVEN, closed_at__lte=moment
        ).select_related("campaign")
    )
    changes = Change.objects.filter(release__in=[one.campaign.release_id for one in actions])
    reached = {(one.release_id, one.ecu_name): one.to_version for one in changes}
    for row in newest:
        proof = next(
            (
                one
                for one in reversed(actions)
                if reached.get((one.campaign.release_id, row.ecu.name)) == row.version
            ),
            None,
        )
        if proof is None:
            yield Version(row.ecu, row.version, Basis.VEHICLE, row.at)
            continue
        yield Version(row.ecu, row.version, Basis.PROVEN, row.at, proof.pk, _entry(proof))


def _entry(action: Action) -> int | None:
    found = LedgerEntry.objects.filter(
        subject=f"action/{action.pk}", event=f"action:{ActionState.PROVEN}"
    )
    return found.order_by("-pk").values_list("pk", flat=True).first()


def _of_event(said: Mapping[str, str], moment: datetime, ecus: list[Ecu]) -> Iterator[Version]:
    slots = labels.slots(ecus)
    for label, version in said.items():
        ecu = slots.get(label)
        if ecu is not None and version:
            yield Version(ecu, version[:_MOST_VERSION], Basis.EVENT, moment)
