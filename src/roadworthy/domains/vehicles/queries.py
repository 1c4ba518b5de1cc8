"""What can be asked about types and vehicles. The manufacturer comes first; it sees its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from roadworthy.domains.vehicles import errors, inventory, labels
from roadworthy.domains.vehicles.models import (
    Ecu,
    EcuReport,
    InstalledSoftware,
    KnownFirmware,
    SwinRecord,
    UnknownSoftware,
    Vehicle,
    VehicleType,
)

ORDERS: Final = frozenset({"controller_id", "vin", "type__code", "registered_at", "last_seen_at"})


@dataclass(frozen=True, slots=True)
class Installed:
    """What runs on one ECU of a vehicle, and how we know."""

    ecu_id: int
    label: str
    hardware_id: str
    version: str
    since: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Swin:
    regulation: str
    number: str
    software_sha256: str
    at: datetime
    basis: str


@dataclass(frozen=True, slots=True)
class TypeSummary:
    type: VehicleType
    ecus: int
    vehicles: int


@dataclass(frozen=True, slots=True)
class EcuDetail:
    """An ECU of a type with how many versions of its software are known."""

    ecu_id: int
    label: str
    place: str
    hardware_id: str
    approval_relevant: bool
    known_versions: int


@dataclass(frozen=True, slots=True)
class VehicleDetail:
    """One vehicle as its manufacturer sees it."""

    vehicle: Vehicle
    software: Sequence[Installed]
    silent: Sequence[str]  # labels of ECUs of which nothing is known
    swins: Sequence[Swin]  # the current one of each regulation
    unknown: Sequence[UnknownSoftware]


@dataclass(frozen=True, slots=True)
class Identity:
    """How a vehicle proves itself to the gateway."""

    vehicle_id: int
    tenant: str
    controller_id: str
    token_sha256: str


def types(manufacturer_id: int) -> QuerySet[VehicleType]:
    """Return the manufacturer's types in order of their codes."""
    return VehicleType.objects.filter(manufacturer_id=manufacturer_id).order_by("code")


def vehicle_type(manufacturer_id: int, type_id: int) -> VehicleType:
    """Return one type.

    Raises:
        NoSuchType: there is none, or it is another manufacturer's.
    """
    found = types(manufacturer_id).filter(pk=type_id).first()
    if found is None:
        raise errors.NoSuchType
    return found


def types_with_counts(manufacturer_id: int, *, search: str = "") -> QuerySet[VehicleType]:
    """Return the types, each with ``ecus`` and ``vehicles`` counted."""
    found = types(manufacturer_id)
    if search:
        found = found.filter(Q(code__icontains=search) | Q(name__icontains=search))
    return found.annotate(ecus=_count(Ecu), vehicles=_count(Vehicle))


def _count(model: type[Ecu | Vehicle]) -> Coalesce:
    per_type = model._default_manager.filter(type=OuterRef("pk")).order_by().values("type")  # noqa: SLF001
    return Coalesce(Subquery(per_type.annotate(n=Count("pk")).values("n")), 0)


def ecus_of(manufacturer_id: int, type_id: int) -> tuple[EcuDetail, ...]:
    """Return the ECUs of a type in order of their labels.

    Raises:
        NoSuchType: there is none, or it is another manufacturer's.
    """
    of_type = Ecu.objects.filter(type=vehicle_type(manufacturer_id, type_id))
    known = dict(
        KnownFirmware.objects.filter(ecu__in=of_type).values_list("ecu").annotate(Count("pk"))
    )
    return tuple(
        EcuDetail(
            ecu_id=ecu.pk,
            label=label,
            place=inventory.place(ecu.address, ecu.sub_address),
            hardware_id=ecu.hardware_id,
            approval_relevant=ecu.approval_relevant,
            known_versions=known.get(ecu.pk, 0),
        )
        for label, ecu in sorted(labels.slots(of_type).by_label.items())
    )


def known_firmware(manufacturer_id: int, ecu_id: int) -> QuerySet[KnownFirmware]:
    """Return the versions seen on an ECU, in the alphabet's order: none is known to be newer."""
    return KnownFirmware.objects.filter(
        ecu_id=ecu_id, ecu__type__manufacturer_id=manufacturer_id
    ).order_by("version")


def hardware_ids(types: QuerySet[VehicleType], ecu_name: str) -> list[str]:
    """Return the distinct hardware ids of the ECUs of that name on the given types, sorted."""
    return sorted(
        set(Ecu.objects.filter(type__in=types, name=ecu_name).values_list("hardware_id", flat=True))
    )


def ecu_names(manufacturer_id: int, type_ids: Iterable[int]) -> list[str]:
    """Return the names of the ECUs that the given types have, sorted."""
    return sorted(
        set(
            Ecu.objects.filter(
                type__manufacturer_id=manufacturer_id, type_id__in=type_ids
            ).values_list("name", flat=True)
        )
    )


def vehicles(
    manufacturer_id: int,
    *,
    type_id: int | None = None,
    search: str = "",
    ecu_name: str = "",
    version: str = "",
    registered: bool | None = None,
    order: str = "controller_id",
) -> QuerySet[Vehicle]:
    """Return vehicles with their types. ``order`` is one of ``ORDERS``, "-" before it reverses."""
    found = Vehicle.objects.filter(manufacturer_id=manufacturer_id).select_related("type")
    if type_id is not None:
        found = found.filter(type_id=type_id)
    if search:
        found = found.filter(Q(vin__icontains=search) | Q(controller_id__icontains=search))
    if registered is not None:
        found = found.filter(type__isnull=not registered)
    if ecu_name or version:
        runs = InstalledSoftware.objects.all()
        runs = runs.filter(ecu__name=ecu_name) if ecu_name else runs
        runs = runs.filter(version=version) if version else runs
        found = found.filter(pk__in=runs.values("vehicle"))
    if order.removeprefix("-") not in ORDERS:
        order = "controller_id"
    return found.order_by(order, "pk")


def vehicle(manufacturer_id: int, vehicle_id: int) -> VehicleDetail:
    """Return one vehicle with its software.

    Raises:
        NoSuchVehicle: there is none, or it is another manufacturer's.
    """
    found = own_vehicle(manufacturer_id, vehicle_id)
    slots = labels.slots(Ecu.objects.filter(type=found.type) if found.type else ())
    software = software_of([vehicle_id]).get(vehicle_id, {})
    return VehicleDetail(
        vehicle=found,
        software=tuple(software[label] for label in sorted(software)),
        silent=tuple(sorted(set(slots.by_label) - set(software))),
        swins=current_swins([vehicle_id]).get(vehicle_id, ()),
        unknown=tuple(
            UnknownSoftware.objects.filter(vehicle=found)
            .select_related("ecu")
            .order_by("-last_seen_at", "pk")
        ),
    )


def software_of(vehicle_ids: Iterable[int]) -> dict[int, dict[str, Installed]]:
    """Return what the vehicles run, by vehicle and ECU label."""
    rows = list(
        InstalledSoftware.objects.filter(vehicle_id__in=list(vehicle_ids)).select_related("ecu")
    )
    type_ids = {row.ecu.type_id for row in rows}
    slots = labels.slots_by_type(Ecu.objects.filter(type_id__in=type_ids))
    names = {ecu.pk: label for some in slots.values() for label, ecu in some.by_label.items()}
    found: dict[int, dict[str, Installed]] = {}
    for row in rows:
        label = names[row.ecu_id]
        found.setdefault(row.vehicle_id, {})[label] = Installed(
            row.ecu_id, label, row.ecu.hardware_id, row.version, row.since, row.source
        )
    return found


def current_swins(vehicle_ids: Iterable[int]) -> dict[int, tuple[Swin, ...]]:
    """Return the newest number of each regulation, by vehicle."""
    newest = (
        SwinRecord.objects.filter(vehicle_id__in=list(vehicle_ids))
        .order_by("vehicle_id", "regulation", "-id")
        .distinct("vehicle_id", "regulation")
    )
    found: dict[int, tuple[Swin, ...]] = {}
    for record in newest:
        found[record.vehicle_id] = (*found.get(record.vehicle_id, ()), _swin(record))
    return found


def swin_history(manufacturer_id: int, vehicle_id: int) -> tuple[Swin, ...]:
    """Return every number that a vehicle has had, newest first.

    Raises:
        NoSuchVehicle: there is none, or it is another manufacturer's.
    """
    found = own_vehicle(manufacturer_id, vehicle_id)
    return tuple(map(_swin, SwinRecord.objects.filter(vehicle=found).order_by("-id")))


def reports_of(manufacturer_id: int, vehicle_id: int) -> QuerySet[EcuReport]:
    """Return what a vehicle has said of its ECUs, newest first.

    Raises:
        NoSuchVehicle: there is none, or it is another manufacturer's.
    """
    found = own_vehicle(manufacturer_id, vehicle_id)
    return EcuReport.objects.filter(vehicle=found).select_related("ecu").order_by("-id")


def unknown_software(manufacturer_id: int, *, search: str = "") -> QuerySet[UnknownSoftware]:
    """Return what vehicles run that no baseline and no release covers, last seen first."""
    found = UnknownSoftware.objects.filter(vehicle__manufacturer_id=manufacturer_id)
    if search:
        found = found.filter(
            Q(version__icontains=search)
            | Q(vehicle__vin__icontains=search)
            | Q(vehicle__controller_id__icontains=search)
        )
    return found.select_related("vehicle", "vehicle__type", "ecu").order_by("-last_seen_at", "pk")


def versions_running(manufacturer_id: int, ecu_name: str) -> Mapping[str, int]:
    """Return how many vehicles run each version on the ECUs of that name, most first."""
    return dict(
        InstalledSoftware.objects.filter(
            vehicle__manufacturer_id=manufacturer_id, ecu__name=ecu_name
        )
        .values_list("version")
        .annotate(number=Count("vehicle", distinct=True))
        .order_by("-number", "version")
    )


def gateway_identities(vehicle_ids: Iterable[int]) -> list[Identity]:
    """Return tenant, controller id and token digest of registered vehicles, for the gateway."""
    return [
        Identity(vehicle_id, tenant or "", controller_id, token_sha256)
        for vehicle_id, tenant, controller_id, token_sha256 in Vehicle.objects.filter(
            pk__in=list(vehicle_ids), manufacturer__ddi_tenant__isnull=False
        )
        .order_by("pk")
        .values_list("pk", "manufacturer__ddi_tenant", "controller_id", "token_sha256")
    ]


def by_vin(manufacturer_id: int, vin: str) -> Vehicle | None:
    """Return the manufacturer's vehicle with that VIN, if there is one."""
    return (
        Vehicle.objects.select_related("type")
        .filter(manufacturer_id=manufacturer_id, vin=vin)
        .first()
    )


def own_vehicle(manufacturer_id: int, vehicle_id: int) -> Vehicle:
    """Return one vehicle with its type.

    Raises:
        NoSuchVehicle: there is none, or it is another manufacturer's.
    """
    found = (
        Vehicle.objects.select_related("type")
        .filter(pk=vehicle_id, manufacturer_id=manufacturer_id)
        .first()
    )
    if found is None:
        raise errors.NoSuchVehicle
    return found


def _swin(record: SwinRecord) -> Swin:
    return Swin(record.regulation, record.swin, record.software_sha256, record.at, record.basis)
