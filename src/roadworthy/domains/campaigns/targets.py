"""Which vehicles a release fits, by what was last known of each (R156 7.1.1.7; STD-14).

* A release fits if every ECU that it changes is there, has the hardware that the image is for, and
  runs the version that the release starts from.
* The answer names the first thing that does not fit; it is asked when the list is frozen and once
  more before each offer, because vehicles change in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from roadworthy.domains.campaigns.models import Action
from roadworthy.domains.campaigns.states import UNDER_WAY, ActionState, Reason, State
from roadworthy.domains.software.models import Change, Release
from roadworthy.domains.vehicles import labels
from roadworthy.domains.vehicles.models import Ecu, InstalledSoftware, Vehicle

T = TypeVar("T")
BATCH = 10_000  # ids in one query


@dataclass(frozen=True, slots=True)
class Target:
    """A vehicle that is considered."""

    vehicle_id: int
    type_id: int | None
    registered: bool
    salt: bytes = b""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a vehicle is not in the list."""

    reason: Reason
    ecu_name: str = ""
    found: str = ""


@dataclass(frozen=True)
class Fitting:
    """What a release asks of a vehicle of each type."""

    changes: tuple[Change, ...]
    ecus: Mapping[int, tuple[Ecu | None, ...]]  # by type, in the order of ``changes``

    def ecu_ids(self) -> list[int]:
        """Every ECU whose version decides."""
        return sorted({ecu.pk for ecus in self.ecus.values() for ecu in ecus if ecu is not None})

    def misfit(self, target: Target, versions: Mapping[int, str]) -> LeftOut | None:
        """Say why the release does not fit a vehicle with these versions by ECU, if so."""
        if not target.registered or target.type_id is None:
            return LeftOut(Reason.NOT_REGISTERED)
        if target.type_id not in self.ecus:
            return LeftOut(Reason.TYPE_NOT_COVERED)
        there = 0
        for change, ecu in zip(self.changes, self.ecus[target.type_id], strict=True):
            wrong = _misfit_of(change, ecu, versions)
            if wrong is not None:
                return wrong
            there += ecu is not None and versions[ecu.pk] == change.to_version
        if there == len(self.changes):
            first = self.changes[0]
            return LeftOut(Reason.ALREADY_INSTALLED, first.ecu_name, first.to_version)
        return None


def _misfit_of(change: Change, ecu: Ecu | None, versions: Mapping[int, str]) -> LeftOut | None:
    if ecu is None:
        return LeftOut(Reason.NO_SUCH_ECU, change.ecu_name)
    if ecu.hardware_id != change.hardware_id:
        return LeftOut(Reason.WRONG_HARDWARE, change.ecu_name, ecu.hardware_id)
    version = versions.get(ecu.pk)
    if version is None:
        return LeftOut(Reason.UNKNOWN_VERSION, change.ecu_name)
    if version not in {change.from_version, change.to_version}:
        return LeftOut(Reason.WRONG_VERSION, change.ecu_name, version)
    return None


def fitting(release: Release) -> Fitting:
    """Look up which ECUs of which types a release changes."""
    changes = tuple(Change.objects.filter(release=release).order_by("id"))
    types = list(release.types.values_list("id", flat=True))
    slots = labels.slots_by_type(Ecu.objects.filter(type_id__in=types))
    none = labels.slots(())
    return Fitting(
        changes,
        {t: tuple(slots.get(t, none).get(c.ecu_name) for c in changes) for t in types},
    )


def misfits(fit: Fitting, targets: Sequence[Target]) -> dict[int, LeftOut]:
    """Return why each vehicle that the release does not fit is left out, by vehicle id."""
    versions = _versions(fit.ecu_ids(), [target.vehicle_id for target in targets])
    found = {}
    for target in targets:
        wrong = fit.misfit(target, versions.get(target.vehicle_id, {}))
        if wrong is not None:
            found[target.vehicle_id] = wrong
    return found


def candidates(
    manufacturer_id: int, type_ids: Sequence[int] | None, vehicle_ids: Sequence[int] | None
) -> list[Target]:
    """Return the manufacturer's vehicles of these types, or with these ids."""
    vehicles = Vehicle.objects.filter(manufacturer_id=manufacturer_id)
    columns = ("id", "type_id", "vin", "salt")
    if vehicle_ids is None:
        rows: Iterable[tuple[int, int | None, str | None, bytes]] = vehicles.filter(
            type_id__in=type_ids or ()
        ).values_list(*columns)
    else:
        rows = (
            row
            for some in batches(sorted(set(vehicle_ids)), BATCH)
            for row in vehicles.filter(pk__in=some).values_list(*columns)
        )
    return [Target(id_, type_, vin is not None, bytes(salt)) for id_, type_, vin, salt in rows]


def busy(vehicle_ids: Sequence[int]) -> set[int]:
    """Return the vehicles that have another update before them or under way."""
    found: set[int] = set()
    for some in batches(vehicle_ids, BATCH):
        actions = Action.objects.filter(vehicle_id__in=some)
        under_way = actions.filter(state__in=UNDER_WAY)
        before = actions.filter(state__in=[ActionState.WAITING, ActionState.DECLINED]).exclude(
            campaign__state__in=[State.COMPLETED, State.CANCELLED]
        )
        found.update((under_way | before).values_list("vehicle_id", flat=True))
    return found


def _versions(ecu_ids: Sequence[int], vehicle_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    versions: dict[int, dict[int, str]] = {}
    for some in batches(vehicle_ids, BATCH):
        rows = InstalledSoftware.objects.filter(
            ecu_id__in=ecu_ids, vehicle_id__in=some
        ).values_list("vehicle_id", "ecu_id", "version")
        for vehicle_id, ecu_id, version in rows:
            versions.setdefault(vehicle_id, {})[ecu_id] = version
    return versions


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the things in lists of at most ``size``."""
    iterator = iter(things)
    while some := list(islice(iterator, size)):
        yield some
