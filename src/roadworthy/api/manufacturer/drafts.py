"""Drafts of filings, and amendments of what was accepted, as a homologation tool writes them.

The same drafts stand in the portal: a person may finish what a system began, and the other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, BinaryIO, cast

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema, UploadedFile
from pydantic import ConfigDict, Field

from roadworthy import stores
from roadworthy.api.errors import Refused
from roadworthy.api.exchange import (
    IdempotencyKey,
    IfMatch,
    Paged,
    Rows,
    answers,
    expected,
    once,
    rows,
    tagged,
)
from roadworthy.api.machines import MOST_UPLOAD, MachineRequest, allow
from roadworthy.api.manufacturer import filings
from roadworthy.api.manufacturer.filings import FilingsOut, KindName
from roadworthy.domains.documents import services as documents
from roadworthy.domains.filings import draft_reading, drafting, enclosing
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.software import queries as software

router = Router(tags=["filing drafts"])


class DraftIn(Schema):
    """What is written so far; it may be half."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName
    release: str | None = Field(default=None, description="Its number, where it is about one.")
    amends: str | None = Field(
        default=None,
        description=(
            "The number of an accepted filing; the reason goes into details as "
            f"“{enclosing.REASON}”."
        ),
    )
    details: dict[str, Any] = Field(default_factory=dict)


class DetailsIn(Schema):
    """What is not named stays as it is."""

    model_config = ConfigDict(extra="forbid")

    details: dict[str, Any]


class AttachmentIn(Schema):
    title: str = Field(default="", max_length=200)
    sha256: str = Field(default="", description="As you know it; refused if what arrives differs.")


class AttachmentOut(Schema):
    title: str
    filename: str
    sha256: str
    length: int


class DraftLine(Schema):
    id: int
    kind: str
    release: str | None
    amends: str | None
    revision: int
    updated_at: datetime


class DraftOut(DraftLine):
    details: dict[str, Any]
    attachments: list[AttachmentOut]


Upload = Annotated[UploadedFile, File()]


@router.get("/filing-drafts", response=answers(Rows[DraftLine]), **allow(Scope.FILINGS_READ))
def list_drafts(request: MachineRequest, query: Paged) -> Any:
    """List what is being written, last touched first."""
    return rows(draft_reading.open_drafts(request.auth.organisation_id), query, _line)


@router.post("/filing-drafts", response=answers(DraftOut, 201), **allow(Scope.FILINGS_WRITE))
def begin(
    request: MachineRequest, body: DraftIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Begin a filing, or the amendment of one that was accepted."""
    mine = request.auth.organisation_id
    release = software.release(mine, body.release) if body.release else None
    amends = filings.of(request, body.amends) if body.amends else None
    if amends is not None and amends.dossier.kind != body.kind:
        title = _("{number} is of another kind: {kind}.")
        raise Refused(
            422,
            "amends-another-kind",
            title.format(number=amends.number, kind=amends.dossier.kind),
        )
    if amends is not None and release is None:
        release = amends.dossier.release

    def take() -> tuple[DraftOut, Mapping[str, str]]:
        made = drafting.begin(
            kind=Kind(body.kind),
            details=body.details,
            release_id=release.pk if release else None,
            amends_id=amends.pk if amends else None,
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )
        whole = _whole(draft_reading.own(mine, made.pk))
        return whole, {
            "ETag": f'"{whole.revision}"',
            "Location": f"/api/v1/filing-drafts/{made.pk}",
        }

    return once(request, idempotency_key, body.model_dump(mode="json"), take)


@router.get("/filing-drafts/{draft_id}", response=answers(DraftOut), **allow(Scope.FILINGS_READ))
def read(request: MachineRequest, draft_id: int) -> HttpResponse:
    """Read a draft; its ETag is what a change of it names."""
    return _told(request, draft_id)


@router.patch("/filing-drafts/{draft_id}", response=answers(DraftOut), **allow(Scope.FILINGS_WRITE))
def write(
    request: MachineRequest, draft_id: int, body: DetailsIn, if_match: IfMatch = None
) -> HttpResponse:
    """Write details into a draft as you have read it; nobody's text is overwritten unseen."""
    found = draft_reading.own(request.auth.organisation_id, draft_id)
    if expected(if_match) != str(found.revision):
        title = _("This draft has changed since you read it. Read it again.")
        raise Refused(412, "draft-has-changed", title)
    drafting.save(
        draft_id=found.pk,
        base=found.revision,
        details={**found.details, **body.details},
        actor=request.auth.actor,
        at=datetime.now(UTC),
    )
    return _told(request, draft_id)


@router.post(
    "/filing-drafts/{draft_id}/attachments",
    response=answers(DraftOut),
    **allow(Scope.FILINGS_WRITE, most_bytes=MOST_UPLOAD),
)
def attach(
    request: MachineRequest, draft_id: int, body: Form[AttachmentIn], document: Upload
) -> HttpResponse:
    """Attach a document: it is examined and scanned; the same bytes again change nothing."""
    found, at = draft_reading.own(request.auth.organisation_id, draft_id), datetime.now(UTC)
    kept = documents.keep(
        organisation_id=request.auth.organisation_id,
        filename=document.name or "",
        content=cast(BinaryIO, document.file),
        store=stores.documents(),
        actor=request.auth.actor,
        at=at,
    )
    drafting.attach(
        draft_id=found.pk,
        sha256=kept.sha256,
        title=body.title,
        expected=body.sha256,
        actor=request.auth.actor,
        at=at,
    )
    return _told(request, draft_id)


@router.post(
    "/filing-drafts/{draft_id}/prepare",
    response=answers(FilingsOut, 201),
    **allow(Scope.FILINGS_WRITE),
)
def prepare(
    request: MachineRequest, draft_id: int, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Compose the dossier of a draft, and a filing of it for each authority that it goes to."""

    def take() -> tuple[FilingsOut, dict[str, str]]:
        found = draft_reading.own(request.auth.organisation_id, draft_id)
        made = drafting.finish(
            draft_id=found.pk,
            details=found.details,
            store=stores.documents(),
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )
        return FilingsOut(filings=[filings.whole_of(one) for one in made]), {}

    return once(request, idempotency_key, {"draft": draft_id}, take)


@router.delete(
    "/filing-drafts/{draft_id}", response=answers(None, 204), **allow(Scope.FILINGS_WRITE)
)
def discard(request: MachineRequest, draft_id: int) -> HttpResponse:
    """Throw a draft away."""
    found = draft_reading.own(request.auth.organisation_id, draft_id)
    drafting.discard(draft_id=found.pk, actor=request.auth.actor, at=datetime.now(UTC))
    return HttpResponse(status=204)


def _told(request: MachineRequest, draft_id: int) -> HttpResponse:
    whole = _whole(draft_reading.own(request.auth.organisation_id, draft_id))
    return tagged(whole, str(whole.revision))


def _line(found: Any) -> DraftLine:
    return DraftLine(
        id=found.pk,
        kind=found.kind,
        release=found.release.number if found.release else None,
        amends=found.amends.number if found.amends else None,
        revision=found.revision,
        updated_at=found.updated_at,
    )


def _whole(found: Any) -> DraftOut:
    return DraftOut(
        **_line(found).model_dump(),
        details=found.details,
        attachments=[
            AttachmentOut(
                title=one.title,
                filename=one.document.filename,
                sha256=one.document.sha256,
                length=one.document.length,
            )
            for one in enclosing.attachments(found)
        ],
    )
