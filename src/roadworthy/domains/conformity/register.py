"""The SWIN register: which software counts for which regulation, and how each number came about.

* One flag per ECU says that its software counts, under GB 44496 and UN R156 alike. No text that
  was read lets an ECU count for one regulation and not for another, so none does here.
* A release moves a vehicle from the number of one set of software to the number of another; both
  can be told before anybody installs anything, because a number follows from its set.
* A vehicle's numbers are told with what they rest on: its registration, its own word, an update.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count

from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.software.models import Change, Release
from roadworthy.domains.vehicles import labels, swin
from roadworthy.domains.vehicles import queries as vehicle_queries
from roadworthy.domains.vehicles.models import (
    Ecu,
    SwinRecord,
    SwinSet,
    Vehicle,
    VehicleType,
)

SHOWN: Final = 50  # sets of one type on a page, and those that a release is followed through
_ACTION = "action/"


@dataclass(frozen=True, slots=True)
class SetRow:
    """One set of software of a type, with its numbers."""

    sha256: str
    numbers: Mapping[str, str]  # by regulation
    software: Mapping[str, str | None]  # version by ECU label
    vehicles: int  # that have it now
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What a release makes of one set."""

    before: Mapping[str, str]  # number by regulation
    after: Mapping[str, str]
    vehicles: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a release does to the numbers of one type."""

    release: Release
    changes: Sequence[tuple[str, str, str]]  # (ECU label, from, to), counting ECUs only
    other_changes: Sequence[tuple[str, str, str]]  # ECUs that do not count
    absent: Sequence[str]  # ECUs that the type does not have
    steps: Sequence[Step]

    @property
    def changes_numbers(self) -> bool:
        return bool(self.changes)


@dataclass(frozen=True, slots=True)
class TypeRegister:
    """The register of one type."""

    type: VehicleType
    relevant: Sequence[str]
    not_relevant: Sequence[str]
    regulations: Sequence[str]
    sets: Sequence[SetRow]
    set_count: int
    numbered: int  # vehicles that have a number
    vehicles: int
    effects: Sequence[Effect]


@dataclass(frozen=True, slots=True)
class Entry:
    """The numbers of a vehicle from a moment on."""

    at: datetime
    numbers: Mapping[str, str]
    sha256: str
    basis: str  # "baseline" | "vehicle" | "action"
    release: str  # number of the release, if an update is the basis
    campaign_id: int | None
    changed: Sequence[tuple[str, str | None, str | None]]  # (ECU, before, after)


def of_type(manufacturer_id: int, type_id: int) -> TypeRegister:
    """Return the register of one type.

    Raises:
        NoSuchType: there is none, or it is another manufacturer's.
    """
    found = vehicle_queries.vehicle_type(manufacturer_id, type_id)
    slots = labels.slots(Ecu.objects.filter(type=found))
    counts = _counts(found)
    sets = _sets(found, counts)
    releases = Release.objects.filter(types=found).order_by("-registered_at", "-pk")[:SHOWN]
    by_release: dict[int, list[Change]] = {}
    for change in Change.objects.filter(release__in=[r.pk for r in releases]).order_by("ecu_name"):
        by_release.setdefault(change.release_id, []).append(change)
    return TypeRegister(
        type=found,
        relevant=_labels(slots, relevant=True),
        not_relevant=_labels(slots, relevant=False),
        regulations=tuple(swin.REGULATIONS),
        sets=sets[:SHOWN],
        set_count=len(sets),
        numbered=sum(count for sha256, count in counts.items() if sha256),
        vehicles=sum(counts.values()),
        effects=tuple(
            effect_on(found, slots, sets[:SHOWN], release, by_release.get(release.pk, []))
            for release in releases
        ),
    )


def effects_of(release: Release, changes: Sequence[Change]) -> dict[int, Effect]:
    """Return what a release does to the numbers of each of its types, by type id."""
    types = list(release.types.order_by("code"))
    slots = labels.slots_by_type(Ecu.objects.filter(type__in=types))
    none = labels.slots(())
    return {
        one.pk: effect_on(
            one, slots.get(one.pk, none), _sets(one, _counts(one))[:SHOWN], release, changes
        )
        for one in types
    }


def effect_on(
    of: VehicleType,
    slots: labels.Slots,
    sets: Sequence[SetRow],
    release: Release,
    changes: Sequence[Change],
) -> Effect:
    """Return what a release does to the numbers of one type that vehicles have now."""
    counting: list[tuple[str, str, str]] = []
    other: list[tuple[str, str, str]] = []
    absent: list[str] = []
    for change in changes:
        ecu = slots.get(change.ecu_name)
        if ecu is None:
            absent.append(change.ecu_name)
            continue
        row = (slots.label_of(ecu.pk), change.from_version, change.to_version)
        (counting if ecu.approval_relevant else other).append(row)
    steps = []
    for one in sets:
        after = _after(one.software, counting)
        if one.vehicles and after is not None:
            numbers = swin.of_set(of.approval_number, after).numbers
            steps.append(Step(one.numbers, numbers, one.vehicles))
    return Effect(release, tuple(counting), tuple(other), tuple(absent), tuple(steps))


def of_vehicle(manufacturer_id: int, vehicle_id: int) -> tuple[Entry, ...]:
    """Return every number that a vehicle has had and what each rests on, newest first.

    Raises:
        NoSuchVehicle: there is none, or it is another manufacturer's.
    """
    vehicle_queries.own_vehicle(manufacturer_id, vehicle_id)
    records = list(SwinRecord.objects.filter(vehicle=vehicle_id).order_by("pk"))
    sets = dict(
        SwinSet.objects.filter(
            type__in=Vehicle.objects.filter(pk=vehicle_id).values("type"),
            software_sha256__in={record.software_sha256 for record in records},
        ).values_list("software_sha256", "software")
    )
    actions = Action.objects.select_related("campaign__release").in_bulk(
        {int(r.basis.removeprefix(_ACTION)) for r in records if r.basis.startswith(_ACTION)}
    )
    entries: list[Entry] = []
    for group in _moments(records):
        first = group[0]
        before = sets.get(entries[-1].sha256, {}) if entries else {}
        action = None
        if first.basis.startswith(_ACTION):
            action = actions.get(int(first.basis.removeprefix(_ACTION)))
        entries.append(
            Entry(
                at=first.at,
                numbers={record.regulation: record.swin for record in group},
                sha256=first.software_sha256,
                basis="action" if first.basis.startswith(_ACTION) else first.basis,
                release=action.campaign.release.number if action else "",
                campaign_id=action.campaign_id if action else None,
                changed=_changed(before, sets.get(first.software_sha256, {})) if entries else (),
            )
        )
    return tuple(reversed(entries))


def _counts(of: VehicleType) -> dict[str, int]:
    rows = Vehicle.objects.filter(type=of).order_by().values_list("software_sha256")
    return dict(rows.annotate(Count("pk")))


def _sets(of: VehicleType, counts: Mapping[str, int]) -> list[SetRow]:
    """Return the sets of a type, those of most vehicles first."""
    made = [
        SetRow(
            sha256=row.software_sha256,
            numbers=swin.of_set(of.approval_number, row.software).numbers,
            software=row.software,
            vehicles=counts.get(row.software_sha256, 0),
            first_at=row.first_at,
        )
        for row in SwinSet.objects.filter(type=of)
    ]
    return sorted(made, key=lambda one: (-one.vehicles, one.first_at, one.sha256))


def _labels(slots: labels.Slots, *, relevant: bool) -> tuple[str, ...]:
    return tuple(
        sorted(label for label, ecu in slots.by_label.items() if ecu.approval_relevant == relevant)
    )


def _after(
    software: Mapping[str, str | None], changes: Sequence[tuple[str, str, str]]
) -> dict[str, str | None] | None:
    """Return the set after the changes; None where the release does not start from this set."""
    fits = all(software.get(label) in {before, after} for label, before, after in changes)
    result = dict(software) | {label: after for label, _, after in changes}
    return result if changes and fits and result != dict(software) else None


def _moments(records: Sequence[SwinRecord]) -> list[list[SwinRecord]]:
    """Put the records of one change together: one for each regulation."""
    groups: list[list[SwinRecord]] = []
    for record in records:
        last = groups[-1] if groups else None
        same = last and (last[0].at, last[0].software_sha256) == (
            record.at,
            record.software_sha256,
        )
        if last is not None and same and record.regulation not in {r.regulation for r in last}:
            last.append(record)
        else:
            groups.append([record])
    return groups


def _changed(
    before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> tuple[tuple[str, str | None, str | None], ...]:
    return tuple(
        (label, before.get(label), after.get(label))
        for label in sorted(before.keys() | after.keys())
        if before.get(label) != after.get(label)
    )
