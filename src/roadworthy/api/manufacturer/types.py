"""Vehicle types, and what vehicles run that nothing covers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from roadworthy.api.exchange import IdempotencyKey, Paged, Rows, answers, once, rows
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.vehicles import errors, queries, services

router = Router(tags=["types"])


class Name(Schema):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    zh_hans: str = Field(alias="zh-hans", min_length=1, max_length=200, examples=["阿尔法"])
    en: str = Field(min_length=1, max_length=200, examples=["Alpha"])

    def as_json(self) -> dict[str, str]:
        """Return it as the platform keeps it."""
        return {"zh-hans": self.zh_hans, "en": self.en}


class EcuIn(Schema):
    """An ECU as the approval describes it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=40, examples=["combinationMeter"])
    address: int = Field(ge=0, lt=2**32, examples=[0x18DA60F1], description="UDS request address")
    sub_address: int | None = Field(default=None, ge=0, lt=2**16)
    hardware_id: str = Field(max_length=64, examples=["cluster-a:rev2"])
    approval_relevant: bool = True
    versions: list[str] = Field(
        default_factory=list, max_length=1000, description="Software known on it, as text."
    )


class TypeIn(Schema):
    """A vehicle type with its approval."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=64, examples=["ALPHA-2026"])
    name: Name
    approval_number: str = Field(min_length=1, max_length=64, examples=["DEMO-ALPHA"])
    approved_on: date
    automation_level: int = Field(ge=0, le=5, description="GB/T 40429")
    parameters: dict[str, Any] = Field(default_factory=dict)
    ecus: list[EcuIn] = Field(min_length=1, max_length=500)


class TypeLine(Schema):
    code: str
    name: dict[str, str]
    approval_number: str
    approved_on: date
    automation_level: int


class EcuOut(Schema):
    label: str
    place: str
    hardware_id: str
    approval_relevant: bool
    known_versions: int


class TypeOut(TypeLine):
    parameters: dict[str, Any]
    ecus: list[EcuOut]


class UnknownLine(Schema):
    """Software that a vehicle reported and that no baseline and no release covers."""

    vehicle: str = Field(description="The VIN, or the controller's id where none is known.")
    type: str | None
    ecu: str | None
    version: str
    first_seen_at: datetime
    last_seen_at: datetime


@router.get("/types", response=answers(Rows[TypeLine]), **allow(Scope.TYPES_READ))
def list_types(request: MachineRequest, query: Paged, search: str = "") -> Any:
    """List the vehicle types, in order of their codes."""
    found = queries.types_with_counts(request.auth.organisation_id, search=search)
    return rows(found, query, _line)


@router.post("/types", response=answers(TypeOut, 201), **allow(Scope.TYPES_WRITE))
def register_type(
    request: MachineRequest, body: TypeIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Register an approved type with its ECUs."""
    spec = services.TypeSpec(
        code=body.code,
        name=body.name.as_json(),
        approval_number=body.approval_number,
        approved_on=body.approved_on,
        automation_level=body.automation_level,
        parameters=body.parameters,
        source=f"API {request.auth.client_id}",
        ecus=[
            services.EcuSpec(
                name=one.name,
                address=one.address,
                sub_address=one.sub_address,
                hardware_id=one.hardware_id,
                approval_relevant=one.approval_relevant,
                firmware=[(text.encode(), text) for text in one.versions],
            )
            for one in body.ecus
        ],
    )

    def take() -> tuple[TypeOut, dict[str, str]]:
        made = services.register_type(
            manufacturer_id=request.auth.organisation_id,
            spec=spec,
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )
        return _whole(request, made), {"Location": f"/api/v1/types/{made.code}"}

    return once(request, idempotency_key, body.model_dump(mode="json"), take)


@router.get("/types/{code}", response=answers(TypeOut), **allow(Scope.TYPES_READ))
def read_type(request: MachineRequest, code: str) -> TypeOut:
    """Read one type with its ECUs."""
    found = queries.types(request.auth.organisation_id).filter(code=code).first()
    if found is None:
        raise errors.NoSuchType
    return _whole(request, found)


@router.get("/unknown-software", response=answers(Rows[UnknownLine]), **allow(Scope.VEHICLES_READ))
def unknown_software(request: MachineRequest, query: Paged, search: str = "") -> Any:
    """List what vehicles run that no baseline and no release covers, last seen first."""
    found = queries.unknown_software(request.auth.organisation_id, search=search)
    return rows(found, query, _unknown)


def _line(found: Any) -> TypeLine:
    return TypeLine(
        code=found.code,
        name=found.name,
        approval_number=found.approval_number,
        approved_on=found.approved_on,
        automation_level=found.automation_level,
    )


def _whole(request: MachineRequest, found: Any) -> TypeOut:
    ecus = queries.ecus_of(request.auth.organisation_id, found.pk)
    return TypeOut(
        **_line(found).model_dump(),
        parameters=found.parameters,
        ecus=[
            EcuOut(
                label=one.label,
                place=one.place,
                hardware_id=one.hardware_id,
                approval_relevant=one.approval_relevant,
                known_versions=one.known_versions,
            )
            for one in ecus
        ],
    )


def _unknown(found: Any) -> UnknownLine:
    return UnknownLine(
        vehicle=found.vehicle.vin or found.vehicle.controller_id,
        type=found.vehicle.type.code if found.vehicle.type else None,
        ecu=found.ecu.name if found.ecu else None,
        version=found.version,
        first_seen_at=found.first_seen_at,
        last_seen_at=found.last_seen_at,
    )
