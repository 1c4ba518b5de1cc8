"""A draft release as a build system fills it. It is signed by a person, in the portal.

The operations stand on the router of ``releases``: an address has one router, for all methods.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import File, Form, Schema, UploadedFile
from pydantic import ConfigDict, Field

from roadworthy import stores
from roadworthy.api.exchange import IdempotencyKey, IfMatch, answers, expected, once
from roadworthy.api.machines import MOST_UPLOAD, MachineRequest, allow
from roadworthy.api.manufacturer.releases import ReleaseOut, router, told, whole_of
from roadworthy.api.manufacturer.types import Name
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.software import queries, reporting, services
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import Invalid


class ReleaseIn(Schema):
    """A release before its changes are known."""

    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=40, examples=["2026.4"])
    title: Name
    description: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        examples=[{"zh-hans": {"purpose": "更清晰"}, "en": {"purpose": "Clearer"}}],
        description="By language: purpose, content, duration, ...",
    )
    types: list[str] = Field(min_length=1, max_length=500, examples=[["ALPHA-2026"]])
    planned_on: date | None = None


class ChangeIn(Schema):
    ecu: str = Field(min_length=1, max_length=40)
    from_version: str = Field(min_length=1, max_length=200)
    to_version: str = Field(min_length=1, max_length=200)
    sha256: str = Field(
        default="", description="Of the image, as you know it; refused if what arrives differs."
    )


class EvidenceIn(Schema):
    kind: str = Field(min_length=1, max_length=32, examples=["safety-assessment"])
    title: str = Field(min_length=1, max_length=200)
    institution: str = Field(default="", description="Its short name, with its envelope.")
    envelope: str = Field(default="", description="DSSE over an in-toto statement.")
    sha256: str = Field(default="", description="As in a change.")


class AnswersIn(Schema):
    """Questions a-i of UN R156 7.1.2.5 and the facts that the rulebook turns on."""

    model_config = ConfigDict(extra="forbid")

    answers: dict[str, Any] = Field(examples=[{"a": "Clearer icons.", "removes_defect": False}])


class ReportIn(Schema):
    model_config = ConfigDict(extra="forbid")

    report: int = Field(description="The id that GET /reports tells.")


class OtherDigest(Invalid):
    code = "digest-differs"
    message = "The file that arrived has the SHA-256 {found}, not {wanted}. Send it again."


Upload = Annotated[UploadedFile, File()]


@router.post("/releases", response=answers(ReleaseOut, 201), **allow(Scope.RELEASES_WRITE))
def register(
    request: MachineRequest, body: ReleaseIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Register a release as a draft."""
    mine = request.auth.organisation_id
    known = dict(vehicles.types(mine).filter(code__in=body.types).values_list("code", "pk"))
    if set(known) != set(body.types):
        raise services.NoSuchType

    def take() -> Any:
        return services.register_release(
            manufacturer_id=mine,
            number=body.number,
            title=body.title.as_json(),
            description=body.description,
            type_ids=list(known.values()),
            planned_on=body.planned_on,
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )

    return _once(request, body.number, idempotency_key, body.model_dump(mode="json"), take)


@router.post(
    "/releases/{number}/changes",
    response=answers(ReleaseOut, 201),
    **allow(Scope.RELEASES_WRITE, most_bytes=MOST_UPLOAD),
)
def add_change(
    request: MachineRequest,
    number: str,
    body: Form[ChangeIn],
    image: Upload,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Add what one ECU goes from and to, with the image that takes it there."""
    found = queries.release(request.auth.organisation_id, number)
    sha256 = _arrived(image, body.sha256)

    def take() -> Any:
        return services.add_change(
            release_id=found.pk,
            ecu_name=body.ecu,
            from_version=body.from_version,
            to_version=body.to_version,
            filename=image.name or "",
            chunks=image.chunks(),
            images=stores.images(),
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )

    asked = {**body.model_dump(mode="json"), "arrived": sha256}
    return _once(request, number, idempotency_key, asked, take)


@router.post(
    "/releases/{number}/evidence",
    response=answers(ReleaseOut, 201),
    **allow(Scope.RELEASES_WRITE, most_bytes=MOST_UPLOAD),
)
def add_evidence(
    request: MachineRequest,
    number: str,
    body: Form[EvidenceIn],
    document: Upload,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Attach a document; a test report comes with its institution's signed statement."""
    found = queries.release(request.auth.organisation_id, number)
    sha256 = _arrived(document, body.sha256)
    institution = organisations.by_slug(body.institution) if body.institution else None

    def take() -> Any:
        return services.add_evidence(
            release_id=found.pk,
            kind=body.kind,
            title=body.title,
            filename=document.name or "",
            chunks=document.chunks(),
            images=stores.images(),
            actor=request.auth.actor,
            at=datetime.now(UTC),
            envelope=body.envelope,
            # An institution that nobody knows has no key, so its signature is refused.
            institution_id=institution.pk if institution else (0 if body.institution else None),
        )

    asked = {**body.model_dump(mode="json"), "arrived": sha256}
    return _once(request, number, idempotency_key, asked, take)


@router.post(
    "/releases/{number}/reports",
    response=answers(ReleaseOut, 201),
    **allow(Scope.RELEASES_WRITE),
)
def attach_report(
    request: MachineRequest, number: str, body: ReportIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Attach a report that an institution handed over."""
    found = queries.release(request.auth.organisation_id, number)

    def take() -> Any:
        return reporting.attach(
            report_id=body.report,
            release_id=found.pk,
            store=stores.documents(),
            images=stores.images(),
            actor=request.auth.actor,
            at=datetime.now(UTC),
        )

    return _once(request, number, idempotency_key, body.model_dump(mode="json"), take)


@router.patch(
    "/releases/{number}/answers", response=answers(ReleaseOut), **allow(Scope.RELEASES_WRITE)
)
def answer(
    request: MachineRequest, number: str, body: AnswersIn, if_match: IfMatch = None
) -> HttpResponse:
    """Answer questions; what is not named stays, a blank takes an answer back."""
    found = queries.release(request.auth.organisation_id, number)
    services.answer(
        release_id=found.pk,
        answers=body.answers,
        expected=expected(if_match),
        actor=request.auth.actor,
        at=datetime.now(UTC),
    )
    return told(queries.release(request.auth.organisation_id, number))


@router.post(
    "/releases/{number}/freeze", response=answers(ReleaseOut), **allow(Scope.RELEASES_WRITE)
)
def freeze(request: MachineRequest, number: str, if_match: IfMatch = None) -> HttpResponse:
    """Fix the content that you have read and take its digest; then it can be filed."""
    found = queries.release(request.auth.organisation_id, number)
    services.freeze(
        release_id=found.pk,
        expected=expected(if_match),
        actor=request.auth.actor,
        at=datetime.now(UTC),
    )
    return told(queries.release(request.auth.organisation_id, number))


@router.post(
    "/releases/{number}/reopen", response=answers(ReleaseOut), **allow(Scope.RELEASES_WRITE)
)
def reopen(request: MachineRequest, number: str) -> HttpResponse:
    """Go back to the draft; what was filed keeps its own digest."""
    found = queries.release(request.auth.organisation_id, number)
    services.reopen(release_id=found.pk, actor=request.auth.actor, at=datetime.now(UTC))
    return told(queries.release(request.auth.organisation_id, number))


def _once(
    request: MachineRequest,
    number: str,
    key: str | None,
    asked: Mapping[str, Any],
    step: Callable[[], Any],
) -> HttpResponse:
    """Take the step once for its key, and answer with the release as it is afterwards."""

    def take() -> tuple[ReleaseOut, Mapping[str, str]]:
        step()
        whole = whole_of(queries.release(request.auth.organisation_id, number.strip()))
        headers = {"ETag": f'"{whole.content_sha256}"', "Location": f"/api/v1/releases/{number}"}
        return whole, headers

    return once(request, key, asked, take)


def _arrived(file: UploadedFile, wanted: str) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    if wanted and wanted.lower() != found.hexdigest():
        raise OtherDigest(found=found.hexdigest(), wanted=wanted)
    return found.hexdigest()
