"""Filings and duties as a manufacturer's system sees them. Authorities decide in their portal.

Market access is applied for in the portal: its application is checked section by section there.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from typing import Any, Literal

from django.http import FileResponse, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from roadworthy import stores
from roadworthy.api.exchange import IdempotencyKey, Paged, Problem, Rows, answers, once, rows
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.filings import archiving, queries, reading, services
from roadworthy.domains.filings.errors import NoSuchFiling
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.software import queries as software

router = Router(tags=["filings"])

KindName = Literal[
    "capability",
    "type",
    "activity",
    "product-change",
    "access-permit",
    "recall-plan",
]


class FilingIn(Schema):
    """One matter; it goes to each authority that the law names for its kind."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName
    release: str | None = Field(default=None, description="Its number, where it is about one.")
    details: dict[str, Any] = Field(
        description="By name; a missing one is named in the answer.",
        examples=[
            {
                "vehicle_count": 100,
                "schedule": "three groups",
                "impact": "none",
                "assessment": "form 7",
                "contingency": "previous version is restored",
            }
        ],
    )


class FilingLine(Schema):
    number: str = Field(examples=["F3-2026-0007"])
    kind: str
    authority: str
    release: str | None
    state: str
    dossier_sha256: str
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None


class Receipt(Schema):
    """The authority's signed answer: a DSSE envelope over the dossier's digest."""

    envelope: str


class FilingOut(FilingLine):
    dossier: dict[str, Any]
    reason: str = Field(description="Of a return or a refusal.")
    receipt: Receipt | None


class FilingsOut(Schema):
    """What was prepared: a draft for each authority."""

    filings: list[FilingOut]


class DutyLine(Schema):
    """What is owed by when, because of which rule."""

    key: str
    title: dict[str, Any]
    due: dict[str, Any]
    due_on: date | None
    rule: str
    release: str | None


@router.get("/filings", response=answers(Rows[FilingLine]), **allow(Scope.FILINGS_READ))
def list_filings(
    request: MachineRequest, query: Paged, state: str = "", kind: str = "", search: str = ""
) -> Any:
    """List the filings, newest first."""
    found = reading.of_manufacturer(
        request.auth.organisation_id, search=search, kind=kind, state=state
    )
    return rows(found, query, _line)


@router.post("/filings", response=answers(FilingsOut, 201), **allow(Scope.FILINGS_WRITE))
def prepare(
    request: MachineRequest, body: FilingIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Compose the dossier, and a draft of it for each authority that it goes to."""
    mine = request.auth.organisation_id
    release = software.release(mine, body.release) if body.release else None

    def take() -> tuple[FilingsOut, dict[str, str]]:
        made = services.prepare(
            kind=Kind(body.kind),
            manufacturer_id=mine,
            release_id=release.pk if release else None,
            details=body.details,
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )
        return FilingsOut(filings=[whole_of(one) for one in made]), {}

    return once(request, idempotency_key, body.model_dump(mode="json"), take)


@router.get("/filings/{number}", response=answers(FilingOut), **allow(Scope.FILINGS_READ))
def read_filing(request: MachineRequest, number: str) -> FilingOut:
    """Read a filing with what was filed, the decision and the receipt."""
    return whole_of(of(request, number))


@router.post("/filings/{number}/submit", response=answers(FilingOut), **allow(Scope.FILINGS_WRITE))
def submit(request: MachineRequest, number: str) -> FilingOut:
    """Hand a filing to its authority; what the law wants first is named if it is not there."""
    services.submit(
        filing_id=of(request, number).pk, actor=request.auth.actor, at=datetime.now(UTC)
    )
    return whole_of(of(request, number))


@router.post(
    "/filings/{number}/withdraw", response=answers(FilingOut), **allow(Scope.FILINGS_WRITE)
)
def withdraw(request: MachineRequest, number: str) -> FilingOut:
    """Take a filing back before it is decided."""
    services.withdraw(
        filing_id=of(request, number).pk, actor=request.auth.actor, at=datetime.now(UTC)
    )
    return whole_of(of(request, number))


@router.get(
    "/filings/{number}/archive",
    response={200: bytes, **answers(Problem, 404)},
    **allow(Scope.FILINGS_READ),
)
def read_archive(request: MachineRequest, number: str, images: bool = True) -> FileResponse:  # noqa: FBT001, FBT002 - a query parameter
    """Give a filing as a signed archive that another deployment takes in."""
    found = of(request, number)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    archiving.export(found, file, platform=stores.platform(), with_images=images)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=archiving.name_of(found), content_type="application/zip"
    )


@router.get("/obligations", response=answers(Rows[DutyLine]), **allow(Scope.FILINGS_READ))
def list_obligations(request: MachineRequest, query: Paged) -> Any:
    """List the open duties, dated ones first."""
    return rows(queries.obligations(request.auth.organisation_id), query, _duty)


def of(request: MachineRequest, number: str) -> Any:
    """Return the organisation's filing of that number.

    Raises:
        NoSuchFiling: there is none, or it is another's.
    """
    found = queries.of_manufacturer(request.auth.organisation_id).filter(number=number).first()
    if found is None:
        raise NoSuchFiling
    return found


def _line(found: Any) -> FilingLine:
    return FilingLine(
        number=found.number,
        kind=found.dossier.kind,
        authority=found.authority.slug,
        release=found.dossier.release.number if found.dossier.release else None,
        state=found.state,
        dossier_sha256=found.dossier.sha256,
        created_at=found.created_at,
        submitted_at=found.submitted_at,
        decided_at=found.decided_at,
    )


def whole_of(found: Any) -> FilingOut:
    """Return a filing as its manufacturer's systems read it."""
    return FilingOut(
        **_line(found).model_dump(),
        dossier=found.dossier.content,
        reason=found.reason,
        receipt=Receipt(envelope=found.receipt) if found.receipt else None,
    )


def _duty(found: Any) -> DutyLine:
    return DutyLine(
        key=found.key,
        title=found.title,
        due=found.due,
        due_on=found.due_on,
        rule=found.rule_id,
        release=found.release.number if found.release else None,
    )
