"""What an authority's own systems may do: read the filings before it, enter published recalls.

They never decide: a decision is a person's signature.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Router, Schema
from pydantic import Field

from roadworthy.api import errors, oauth, register
from roadworthy.api.exchange import Paged, Rows, answers, rows
from roadworthy.api.machines import AUTHORITY, MachineRequest, SystemsAPI, allow
from roadworthy.domains.filings import queries
from roadworthy.domains.filings.errors import NoSuchFiling
from roadworthy.domains.incidents import reading as incidents
from roadworthy.domains.organisations.scopes import Scope

router = Router(tags=["filings"])


class AddressedLine(Schema):
    number: str = Field(examples=["F3-2026-0007"])
    manufacturer: str
    kind: str
    labels: list[str]
    state: str
    dossier_sha256: str
    submitted_at: datetime
    decided_at: datetime | None


class AddressedOut(AddressedLine):
    dossier: dict[str, Any]
    reason: str
    receipt: str = Field(description="DSSE envelope, once it is accepted.")


@router.get(
    "/filings", response=answers(Rows[AddressedLine]), **allow(Scope.FILINGS_READ, AUTHORITY)
)
def list_filings(request: MachineRequest, query: Paged, state: str = "") -> Any:
    """List what was ever submitted to the authority, newest first."""
    found = queries.before_authority(request.auth.organisation_id)
    return rows(found.filter(state=state) if state else found, query, _line)


@router.get(
    "/filings/{number}", response=answers(AddressedOut), **allow(Scope.FILINGS_READ, AUTHORITY)
)
def read_filing(request: MachineRequest, number: str) -> AddressedOut:
    """Read a filing that was submitted to the authority."""
    found = queries.before_authority(request.auth.organisation_id).filter(number=number).first()
    if found is None:
        raise NoSuchFiling
    return AddressedOut(
        **_line(found).model_dump(),
        dossier=found.dossier.content,
        reason=found.reason,
        receipt=found.receipt,
    )


class IncidentReportLine(Schema):
    id: int
    number: str = Field(examples=["IN-2026-00001/incident/1"])
    manufacturer: str
    series: str = Field(description="incident, nev-basic or nev-full")
    version: int
    state: str = Field(description="sent or acknowledged")
    sha256: str
    learned_at: datetime
    sent_at: datetime
    due_at: datetime | None
    acknowledged_at: datetime | None


class IncidentReportOut(IncidentReportLine):
    content: dict[str, Any]
    acknowledgement: str = Field(description="DSSE envelope, once it is acknowledged.")


@router.get(
    "/incident-reports",
    response=answers(Rows[IncidentReportLine]),
    **allow(Scope.INCIDENTS_READ, AUTHORITY),
)
def list_incident_reports(request: MachineRequest, query: Paged, state: str = "") -> Any:
    """List the reports of incidents that were sent to the authority, newest first."""
    found = incidents.before_authority(request.auth.organisation_id)
    return rows(found.filter(state=state) if state else found, query, _report_line)


@router.get(
    "/incident-reports/{report_id}",
    response=answers(IncidentReportOut),
    **allow(Scope.INCIDENTS_READ, AUTHORITY),
)
def read_incident_report(request: MachineRequest, report_id: int) -> IncidentReportOut:
    """Read a report of an incident; it is acknowledged by a person, in the portal."""
    found = incidents.addressed(request.auth.organisation_id, report_id)
    return IncidentReportOut(
        **_report_line(found).model_dump(),
        content=found.report.content,
        acknowledgement=found.envelope,
    )


def _report_line(found: Any) -> IncidentReportLine:
    return IncidentReportLine(
        id=found.pk,
        number=found.report.number,
        manufacturer=found.report.incident.manufacturer.slug,
        series=found.report.series,
        version=found.report.version,
        state=found.state,
        sha256=found.report.sha256,
        learned_at=datetime.fromisoformat(found.report.content["learned_at"]),
        sent_at=found.sent_at,
        due_at=found.due_at,
        acknowledged_at=found.acknowledged_at,
    )


def _line(found: Any) -> AddressedLine:
    return AddressedLine(
        number=found.number,
        manufacturer=found.manufacturer.slug,
        kind=found.dossier.kind,
        labels=found.dossier.content.get("labels", []),
        state=found.state,
        dossier_sha256=found.dossier.sha256,
        submitted_at=found.submitted_at,
        decided_at=found.decided_at,
    )


api = SystemsAPI(
    title="Roadworthy for authorities' systems",
    version="1",
    docs_url=None,
    openapi_url="/authority/openapi.json",
    urls_namespace="api-authority",
)
errors.install(api)
api.add_router("/oauth", oauth.router)
api.add_router("/authority", router)
api.add_router("/authority", register.entering)
