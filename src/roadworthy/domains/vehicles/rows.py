"""Rows that ask for a vehicle to be registered: which are right, and what is wrong with the rest.

Every fault is found before anything is written, so that one bad row does not cost the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db.models import Q

from roadworthy.domains.vehicles import errors, labels
from roadworthy.domains.vehicles.models import Ecu, KnownFirmware, Vehicle, VehicleType
from roadworthy.kernel import vin
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError

CONTROLLER_ID: Final = re.compile(r"[A-Za-z0-9._:~-]{1,256}")  # a path segment of the gateway
TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{16,128}")


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """One vehicle to register. ``number`` is where it stands in its file."""

    number: int
    vin: str
    controller_id: str
    type_code: str
    baseline: Mapping[str, str] = field(default_factory=dict)  # version by ECU label
    token: str | None = None
    built_on: str = ""  # YYYY-MM-DD; empty: not known
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken, and what would help."""

    number: int
    column: str
    value: str
    error: DomainError


@dataclass(frozen=True, slots=True)
class Warned:
    """A row that was taken although something about it is unusual."""

    number: int
    column: str
    value: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that can be registered, with everything looked up."""

    row: VehicleRow
    vin: vin.Vin
    type: VehicleType
    slots: labels.Slots
    baseline: Mapping[str, tuple[Ecu, str]]  # by the type's own labels
    built_on: date | None
    seen_id: int | None  # the unregistered vehicle that already spoke under this controller id


@dataclass(frozen=True, slots=True)
class Checked:
    accepted: tuple[Accepted, ...]
    refused: tuple[Refusal, ...]
    warnings: tuple[Warned, ...]


class _Fault(Exception):
    def __init__(self, column: str, value: str, error: DomainError) -> None:
        self.column, self.value, self.error = column, value, error
        super().__init__(column)


def check(manufacturer_id: int, rows: Sequence[VehicleRow], at: datetime) -> Checked:
    """Sort rows into those that can be registered now and those that cannot."""
    known = _Known(manufacturer_id, rows, at)
    accepted, refused, warnings = [], [], []
    for row in rows:
        try:
            good = known.accept(row)
        except _Fault as fault:
            refused.append(Refusal(row.number, fault.column, fault.value, fault.error))
            continue
        accepted.append(good)
        if not good.vin.check_digit_fits:
            warnings.append(_check_digit(row, good.vin))
    return Checked(tuple(accepted), tuple(refused), tuple(warnings))


class _Known:
    """What the database knows that bears on these rows; filled by the rows as they are taken."""

    def __init__(self, manufacturer_id: int, rows: Sequence[VehicleRow], at: datetime) -> None:
        self._at = at
        codes = {row.type_code for row in rows}
        self._types = {
            t.code: t
            for t in VehicleType.objects.filter(manufacturer_id=manufacturer_id, code__in=codes)
        }
        ecus = Ecu.objects.filter(type__in=self._types.values())
        self._slots = labels.slots_by_type(ecus)
        self._versions = _known_versions(rows, ecus)
        self._vins: dict[str, datetime] = {}
        self._controllers: dict[str, tuple[int, bool, datetime]] = {}
        vins = {_loosely(row.vin) for row in rows}
        ids = {row.controller_id for row in rows}
        for vehicle in Vehicle.objects.filter(
            Q(vin__in=vins) | Q(controller_id__in=ids), manufacturer_id=manufacturer_id
        ).only("pk", "vin", "controller_id", "type_id", "registered_at"):
            if vehicle.vin:
                self._vins[vehicle.vin] = vehicle.registered_at
            self._controllers[vehicle.controller_id] = (
                vehicle.pk,
                vehicle.type_id is not None,
                vehicle.registered_at,
            )

    def accept(self, row: VehicleRow) -> Accepted:
        number = self._vin(row)
        seen_id = self._controller(row)
        vehicle_type = self._types.get(row.type_code)
        if vehicle_type is None:
            raise _Fault("type", row.type_code, errors.UnknownType(type=row.type_code))
        if row.token is not None and not TOKEN.fullmatch(row.token):
            raise _Fault("token", "***", errors.BadToken())
        built_on = _built_on(row, self._at)
        slots = self._slots.get(vehicle_type.pk) or labels.slots(())
        baseline = self._baseline(row, vehicle_type, slots)
        self._vins[number.text] = self._at
        self._controllers[row.controller_id] = (0, True, self._at)
        return Accepted(row, number, vehicle_type, slots, baseline, built_on, seen_id)

    def _vin(self, row: VehicleRow) -> vin.Vin:
        if not row.vin.strip():
            raise _Fault("vin", row.vin, errors.VinMissing())
        try:
            number = vin.parse(row.vin)
        except (vin.WrongLength, vin.WrongCharacter) as wrong:
            raise _Fault("vin", row.vin, wrong) from None
        registered_at = self._vins.get(number.text)
        if registered_at is not None:
            # One import has one ``at``: what was registered at it came from the same file.
            twice = registered_at == self._at
            error = errors.VinTwice if twice else errors.VinTaken
            raise _Fault("vin", row.vin, error(vin=number.text))
        return number

    def _controller(self, row: VehicleRow) -> int | None:
        given = row.controller_id
        if not given:
            raise _Fault("controller_id", given, errors.ControllerIdMissing())
        if not CONTROLLER_ID.fullmatch(given):
            raise _Fault("controller_id", given, errors.BadControllerId(controller_id=given))
        known = self._controllers.get(given)
        if known is None:
            return None
        seen_id, registered, registered_at = known
        if not registered:
            return seen_id
        twice = registered_at == self._at
        error = errors.ControllerIdTwice if twice else errors.ControllerIdTaken
        raise _Fault("controller_id", given, error(controller_id=given))

    def _baseline(
        self, row: VehicleRow, vehicle_type: VehicleType, slots: labels.Slots
    ) -> Mapping[str, tuple[Ecu, str]]:
        baseline = {}
        for name, version in row.baseline.items():
            ecu = slots.get(name)
            if ecu is None:
                error = errors.UnknownEcu(
                    type=vehicle_type.code, ecu=name, ecus=", ".join(slots.by_label)
                )
                raise _Fault(f"ecu:{name}", version, error)
            if (ecu.pk, version) not in self._versions:
                raise _Fault(
                    f"ecu:{name}",
                    version,
                    errors.UnknownVersion(version=version, ecu=name, type=vehicle_type.code),
                )
            baseline[slots.label_of(ecu.pk)] = (ecu, version)
        return baseline


def _known_versions(rows: Iterable[VehicleRow], ecus: Iterable[Ecu]) -> set[tuple[int, str]]:
    named = {version for row in rows for version in row.baseline.values()}
    return set(
        KnownFirmware.objects.filter(
            ecu__in=[ecu.pk for ecu in ecus], version__in=named
        ).values_list("ecu_id", "version")
    )


def _built_on(row: VehicleRow, at: datetime) -> date | None:
    if not row.built_on:
        return None
    try:
        found = date.fromisoformat(row.built_on)
    except ValueError:
        found = None
    if found is None or found > legal_day(at):
        raise _Fault("built_on", row.built_on, errors.NoBuildDay(value=row.built_on))
    return found


def _loosely(text: str) -> str:
    try:
        return vin.parse(text).text
    except (vin.WrongLength, vin.WrongCharacter):
        return ""


def _check_digit(row: VehicleRow, number: vin.Vin) -> Warned:
    expected = vin.check_digit(number.text)
    return Warned(
        row.number,
        "vin",
        row.vin,
        "vin-check-digit",
        f"The check digit of {number} should be {expected}; "
        "correct outside Europe only if the VIN was mistyped.",
    )
