"""A type that was approved before the platform: what is known of it becomes version 0.

Nobody here has checked that version: it says where it was taken from and how sure that is, and the
page says so too. From then on the type changes as every approved type does (N45 part 3 (7)).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from roadworthy.domains.access import schemas
from roadworthy.domains.access.errors import (
    NoApprovalNumber,
    NoAuthorityHere,
    SourceMissing,
    TakenOverAlready,
)
from roadworthy.domains.access.models import Approval, ApprovalVersion
from roadworthy.domains.access.parameters import Schema
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Kind
from roadworthy.domains.vehicles import rights
from roadworthy.domains.vehicles.errors import NoSuchType
from roadworthy.domains.vehicles.models import Ecu, KnownFirmware, VehicleType
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import digest
from roadworthy.kernel.errors import Invalid
from roadworthy.rules.instruments import Grade

VERSION: Final = 0
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # it stands in addresses


@transaction.atomic(durable=True)
def take_over(
    *,
    manufacturer_id: int,
    type_id: int,
    source: str,
    grade: Grade,
    actor: Actor,
    at: datetime,
) -> Approval:
    """Make an approval of a registered type, with its present parameters as version 0.

    ``source`` says where they were taken from, ``grade`` how well they are verified.

    Raises:
        NotAMember, NoSuchManufacturer, NotYourTask: the actor may not.
        NoSuchType: the manufacturer has none of that id.
        SourceMissing: nobody says where they come from.
        NoApprovalNumber: the type was registered without a number that can stand here.
        TakenOverAlready: the type has an approval here, or another type has that number.
        NoAuthorityHere: no authority for market access has an account.
    """
    by = rights.check(manufacturer_id, actor, rights.TYPES)
    kind = VehicleType.objects.select_for_update(no_key=True)
    one = kind.filter(pk=type_id, manufacturer_id=manufacturer_id).first()
    if one is None:
        raise NoSuchType
    if not source.strip():
        raise SourceMissing
    if not _NUMBER.fullmatch(one.approval_number):
        raise NoApprovalNumber(value=one.approval_number)
    authority = organisations.authority(Kind.MIIT)
    if authority is None:
        raise NoAuthorityHere
    approval = _approval(one, authority.pk, at)
    content = _content(one, schemas.on(legal_day(at)), source.strip(), grade)
    made = ApprovalVersion.objects.create(
        approval=approval,
        version=VERSION,
        content=content,
        sha256=digest(content),
        in_force_from=one.approved_on,
        at=at,
    )
    ledger.record(
        event="approval:taken-over",
        subject=f"approval/{approval.number}",
        actor=by,
        at=at,
        data={
            "number": approval.number,
            "manufacturer": one.manufacturer.slug,
            "type": one.code,
            "content_sha256": made.sha256,
            **content["taken_over"],
        },
    )
    return approval


def _approval(one: VehicleType, authority_id: int, at: datetime) -> Approval:
    try:
        with transaction.atomic():
            return Approval.objects.create(
                manufacturer_id=one.manufacturer_id,
                authority_id=authority_id,
                type=one,
                number=one.approval_number,
                granted_on=one.approved_on,
                since=at,
            )
    except IntegrityError:
        raise TakenOverAlready(number=one.approval_number) from None


def _content(one: VehicleType, schema: Schema, source: str, grade: Grade) -> dict[str, Any]:
    """Return what is known; what the schema asks for and nobody entered is not there."""
    return {
        "taken_over": {"source": source, "grade": str(grade)},
        "schema": {"key": schema.key, "sha256": schema.sha256, "verified": False},
        "type": {
            "code": one.code,
            "name": dict(one.name),
            "category": "",
            "automation_level": one.automation_level,
        },
        "parameters": {
            key: _parameter(key, str(value), schema, place)
            for place, (key, value) in enumerate(one.parameters.items())
        },
        "functions": [],
        "ecus": _ecus(one),
        "ota": {},
        "recorder": {},
        "management": {},
        "evidence": [],
    }


def _parameter(key: str, value: str, schema: Schema, place: int) -> Mapping[str, Any]:
    """Return a parameter as the schema reads it, or word for word if it does not."""
    known = schema.parameters.get(key)
    if known is not None:
        order = list(schema.parameters).index(key)
        try:
            read = known.read(value)
        except Invalid:
            read, known = value, None
        else:
            words = {"words": dict(known.choices[read])} if known.choices else {}
            return {
                "name": dict(known.name),
                "value": read,
                "unit": known.unit,
                "main": known.main,
                "place": order,
                **words,
            }
    name = {"zh-hans": key, "en": key}
    return {"name": name, "value": value, "unit": "", "main": False, "place": 1000 + place}


def _ecus(one: VehicleType) -> list[dict[str, Any]]:
    versions: dict[int, list[str]] = {}
    known = KnownFirmware.objects.filter(ecu__type=one).order_by("ecu_id", "id")
    for ecu_id, version in known.values_list("ecu_id", "version"):
        versions.setdefault(ecu_id, []).append(version)
    return [
        {
            "name": ecu.name,
            "address": ecu.address,
            "sub_address": ecu.sub_address,
            "hardware_id": ecu.hardware_id,
            "approval_relevant": ecu.approval_relevant,
            "versions": versions.get(ecu.pk, []),
        }
        for ecu in Ecu.objects.filter(type=one).order_by("id")
    ]
