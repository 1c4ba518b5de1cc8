"""Test reports that institutions handed over to the manufacturer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Router, Schema
from pydantic import Field

from roadworthy.api.exchange import Paged, Rows, answers, rows
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.software import reports

router = Router(tags=["reports"])


class SubjectOut(Schema):
    name: str
    sha256: str


class ReportLine(Schema):
    id: int
    number: str = Field(examples=["TR-2026-0042"])
    institution: str
    title: str
    standard: str
    type_code: str
    result: str
    tested_on: date
    state: str = Field(description="handed-over or revoked")
    sha256: str = Field(description="Of the document.")
    handed_over_at: datetime


class ReportOut(ReportLine):
    subjects: list[SubjectOut]
    summary: str
    filename: str
    envelope: str = Field(description="DSSE over the document and every tested thing.")
    revoked_at: datetime | None
    reason: str


@router.get("/reports", response=answers(Rows[ReportLine]), **allow(Scope.REPORTS_READ))
def list_reports(request: MachineRequest, query: Paged, state: str = "", search: str = "") -> Any:
    """List the reports that institutions handed over, newest first; revoked ones too."""
    found = reports.of_manufacturer(request.auth.organisation_id, state=state, search=search)
    return rows(found, query, _line)


@router.get("/reports/{report_id}", response=answers(ReportOut), **allow(Scope.REPORTS_READ))
def read_report(request: MachineRequest, report_id: int) -> ReportOut:
    """Read one report with its signature."""
    found = reports.received(request.auth.organisation_id, report_id)
    return ReportOut(
        **_line(found).model_dump(),
        subjects=[SubjectOut(**one) for one in found.subjects],
        summary=found.summary,
        filename=found.filename,
        envelope=found.envelope,
        revoked_at=found.revoked_at,
        reason=found.reason,
    )


def _line(found: Any) -> ReportLine:
    return ReportLine(
        id=found.pk,
        number=found.number,
        institution=found.institution.slug,
        title=found.title,
        standard=found.standard,
        type_code=found.type_code,
        result=found.result,
        tested_on=found.tested_on,
        state=found.state,
        sha256=found.sha256,
        handed_over_at=found.handed_over_at,
    )
