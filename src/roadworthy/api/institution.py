"""What a test institution's own systems may do: enter reports as drafts. A person signs them."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Annotated, Any, BinaryIO, Literal, cast

from django.http import HttpResponse
from ninja import File, Form, Router, Schema, UploadedFile
from pydantic import Field

from roadworthy import stores
from roadworthy.api import errors, oauth
from roadworthy.api.exchange import IdempotencyKey, Paged, Rows, answers, once, rows
from roadworthy.api.machines import INSTITUTION, MOST_UPLOAD, MachineRequest, SystemsAPI, allow
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.software import reporting, reports

router = Router(tags=["reports"])


class OwnReportIn(Schema):
    """A report as the laboratory's system knows it."""

    manufacturer: str = Field(description="Its short name.", examples=["starway"])
    number: str = Field(min_length=1, max_length=40)
    title: str = Field(min_length=1, max_length=200)
    standard: str = Field(min_length=1, max_length=120, examples=["GB 44496-2024"])
    subjects: str = Field(
        description="The tested things, a line each, as sha256sum writes it: digest and name."
    )
    result: Literal["passed", "failed"]
    tested_on: date
    type_code: str = Field(default="", max_length=40)
    summary: str = Field(default="", max_length=10_000)


class OwnReportOut(Schema):
    id: int
    number: str
    manufacturer: str
    title: str
    standard: str
    result: str
    state: str
    sha256: str
    signed_at: datetime | None
    handed_over_at: datetime | None
    revoked_at: datetime | None


@router.get(
    "/reports", response=answers(Rows[OwnReportOut]), **allow(Scope.REPORTS_READ, INSTITUTION)
)
def list_reports(request: MachineRequest, query: Paged, state: str = "", search: str = "") -> Any:
    """List the institution's reports, newest first."""
    found = reports.of_institution(request.auth.organisation_id, state=state, search=search)
    return rows(found, query, _out)


@router.post(
    "/reports",
    response=answers(OwnReportOut, 201),
    **allow(Scope.REPORTS_WRITE, INSTITUTION, most_bytes=MOST_UPLOAD),
)
def enter(
    request: MachineRequest,
    body: Form[OwnReportIn],
    document: Annotated[UploadedFile, File()],
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Enter a report as a draft; a test engineer signs it in the portal."""
    manufacturer = organisations.by_slug(body.manufacturer)
    arrived = hashlib.sha256()
    for chunk in document.chunks():
        arrived.update(chunk)
    document.seek(0)

    def take() -> tuple[OwnReportOut, dict[str, str]]:
        made = reporting.enter(
            institution_id=request.auth.organisation_id,
            manufacturer_id=manufacturer.pk if manufacturer else 0,
            findings=reporting.Findings(
                number=body.number,
                title=body.title,
                standard=body.standard,
                subjects=reporting.subjects_in(body.subjects),
                result=reporting.Result(body.result),
                tested_on=body.tested_on,
                type_code=body.type_code,
                summary=body.summary,
            ),
            filename=document.name or "",
            content=cast(BinaryIO, document.file),
            store=stores.documents(),
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )
        return _out(made), {"Location": f"/api/v1/institution/reports/{made.pk}"}

    asked = {**body.model_dump(mode="json"), "arrived": arrived.hexdigest()}
    return once(request, idempotency_key, asked, take)


@router.get(
    "/reports/{report_id}",
    response=answers(OwnReportOut),
    **allow(Scope.REPORTS_READ, INSTITUTION),
)
def read_report(request: MachineRequest, report_id: int) -> OwnReportOut:
    """Read one of the institution's reports."""
    return _out(reports.own(request.auth.organisation_id, report_id))


def _out(found: Any) -> OwnReportOut:
    return OwnReportOut(
        id=found.pk,
        number=found.number,
        manufacturer=found.manufacturer.slug,
        title=found.title,
        standard=found.standard,
        result=found.result,
        state=found.state,
        sha256=found.sha256,
        signed_at=found.signed_at,
        handed_over_at=found.handed_over_at,
        revoked_at=found.revoked_at,
    )


api = SystemsAPI(
    title="Roadworthy for test institutions' systems",
    version="1",
    docs_url=None,
    openapi_url="/institution/openapi.json",
    urls_namespace="api-institution",
)
errors.install(api)
api.add_router("/oauth", oauth.router)
api.add_router("/institution", router)
