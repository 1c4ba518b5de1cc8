"""Reports of incidents that a manufacturer's deployment sends, at the deployment of an authority.

* A report is its content under one digest, which is computed here; each version names the one
  before, which must be here.
* Nothing else of the incident is known here: what the manufacturer keeps for itself stays there.
* Plain functions for the transaction that takes the message in; each refusal leaves nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from roadworthy.domains.incidents import errors, fields, records, reporting
from roadworthy.domains.incidents.models import Copy, Incident, Report
from roadworthy.domains.incidents.running import Basis
from roadworthy.domains.incidents.states import COPY, INCIDENT, Series, Trigger
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.canonical import canonical, digest

_SALT = 16  # bytes


@dataclass(frozen=True, slots=True)
class Reported:
    """A report as its manufacturer's deployment sends it to one authority."""

    content: Mapping[str, Any]
    sha256: str
    sent_at: datetime
    due_at: datetime | None  # what the law's clock said there


class _Manufacturer(msgspec.Struct):
    slug: str
    name: dict[str, str]


class _Type(msgspec.Struct):
    code: str
    name: dict[str, str]
    approval: str
    level: int


class _Vehicle(msgspec.Struct):
    vin: str
    swin: str | None
    last_update: dict[str, Any] | None


class _Function(msgspec.Struct):
    code: str
    name: dict[str, str]
    level: int


class _Software(msgspec.Struct):
    ecu: str
    version: str
    basis: Basis


class _Preserved(msgspec.Struct):
    recorder: str
    sha256: str


class _Content(msgspec.Struct, forbid_unknown_fields=True):
    """The shape that pages rely on; ``reporting.content_of`` makes it."""

    schema: str
    series: Series
    incident: str
    to: list[str]
    at: datetime
    manufacturer: _Manufacturer
    type: _Type | None
    vehicle: _Vehicle | None
    function: _Function | None
    trigger: Trigger
    learned_at: datetime
    stated: dict[str, Any]
    known_since: dict[str, datetime]
    software: list[_Software]
    preserved: list[_Preserved]
    defect: str | None
    event_code: str | None
    salt: str
    report: str
    version: int
    prior: str | None
    reason: str


def reported(
    told: Reported, *, manufacturer: Organisation, authority: Organisation, at: datetime
) -> Copy:
    """Take in a report, or another version of one.

    Raises:
        OtherReport: the content has another digest than its sender says.
        BadReport, NoSuchField, WrongValue: it cannot be read.
        NoSuchReport: it is not for this authority, or the version before is not here.
    """
    found = digest(dict(told.content))
    if found != told.sha256:
        raise errors.OtherReport(found=found, wanted=told.sha256)
    content = _shape(told)
    if content.manufacturer.slug != manufacturer.slug or not manufacturer.is_remote:
        raise errors.BadReport(reason=f"it is by {content.manufacturer.slug}")
    if authority.is_remote or authority.kind not in content.to:
        raise errors.NoSuchReport
    incident = _incident(content, manufacturer)
    report = _report(told, content, incident)
    copy = Copy.objects.create(
        report=report,
        authority=authority,
        state=COPY.initial,
        sent_at=told.sent_at,
        due_at=told.due_at,
    )
    records.log(
        "incident:reported",
        incident,
        remote.named(manufacturer, Role.SAFETY),
        at,
        report=report.number,
        sha256=report.sha256,
        to=content.to,
        learned_at=ledger.instant(content.learned_at),
    )
    return copy


def _shape(told: Reported) -> _Content:
    if b"\\u0000" in canonical(dict(told.content)):
        raise errors.BadReport(reason="it holds a character that no text has")
    try:
        content = msgspec.convert(dict(told.content), _Content)
    except msgspec.ValidationError as error:
        raise errors.BadReport(reason=str(error)) from None
    fields.read(content.stated)
    number = f"{content.incident}/{content.series}/{content.version}"
    if content.schema != reporting.SCHEMA or content.report != number:
        raise errors.BadReport(reason=f"{content.schema}, {content.report}")
    return content


def _incident(content: _Content, manufacturer: Organisation) -> Incident:
    incident = (
        Incident.objects.select_for_update(no_key=True)
        .filter(manufacturer=manufacturer, number=content.incident)
        .first()
    )
    if incident is None:
        incident = Incident(
            manufacturer=manufacturer,
            number=content.incident,
            state=INCIDENT.initial,
            salt=secrets.token_bytes(_SALT),
        )
    stated = fields.read(content.stated)
    incident.trigger, incident.learned_at = content.trigger, content.learned_at
    incident.known, incident.kinds = stated, stated.get("incident_kinds")
    incident.casualties = records.casualties(stated)
    incident.defect_number = content.defect or ""
    incident.save()
    return incident


def _report(told: Reported, content: _Content, incident: Incident) -> Report:
    before = Report.objects.filter(
        incident=incident, series=content.series, version=content.version - 1
    ).first()
    if content.prior != (before.sha256 if before else None) or content.version < 1:
        raise errors.NoSuchReport
    if content.version > 1 and not content.reason.strip():
        raise errors.ReasonMissing
    if Report.objects.filter(
        incident=incident, series=content.series, version=content.version
    ).exists():
        raise errors.BadReport(reason=f"{content.report} is here already")
    return Report.objects.create(
        incident=incident,
        series=content.series,
        version=content.version,
        number=content.report,
        content=dict(told.content),
        sha256=told.sha256,
        reason=content.reason,
        at=content.at,
    )
