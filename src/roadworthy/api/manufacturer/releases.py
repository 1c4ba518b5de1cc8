"""Releases as a manufacturer's system reads them, and what the rulebook says of each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from roadworthy.api.exchange import Paged, Rows, answers, rows, tagged
from roadworthy.api.machines import MachineRequest, allow
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.organisations.scopes import Scope
from roadworthy.domains.software import content, queries

router = Router(tags=["releases"])


class ImageOut(Schema):
    filename: str
    length: int
    sha256: str


class ChangeOut(Schema):
    ecu: str
    hardware_id: str
    from_version: str
    to_version: str
    image: ImageOut


class EvidenceOut(Schema):
    kind: str
    title: str
    filename: str
    sha256: str
    institution: str | None
    attested: bool


class ReleaseLine(Schema):
    number: str = Field(examples=["2026.4"])
    title: dict[str, str]
    state: str = Field(examples=["draft"])
    labels: list[str] = Field(examples=[["routine"]])
    planned_on: date | None
    registered_at: datetime
    released_at: datetime | None


class ReleaseOut(ReleaseLine):
    description: dict[str, dict[str, str]]
    types: list[str]
    changes: list[ChangeOut]
    evidence: list[EvidenceOut]
    answers: dict[str, Any]
    content_sha256: str = Field(description="Of the content as it stands; the ETag too.")


class EvaluationOut(Schema):
    """The rulebook's newest answer; ``result`` has the form of ``GET /law/schema``."""

    as_of: date
    at: datetime
    decision: str
    sha256: str
    result: dict[str, Any]


class Signature(Schema):
    party: str
    purpose: str
    signed_at: datetime | None


class GateOut(Schema):
    """What the release may not go without."""

    labels: list[str]
    signatures: list[Signature]
    evaluation: EvaluationOut | None


@router.get("/releases", response=answers(Rows[ReleaseLine]), **allow(Scope.RELEASES_READ))
def list_releases(request: MachineRequest, query: Paged, state: str = "", search: str = "") -> Any:
    """List the releases, newest first."""
    found = queries.of_manufacturer(request.auth.organisation_id, state=state, search=search)
    return rows(found, query, _line)


@router.get("/releases/{number}", response=answers(ReleaseOut), **allow(Scope.RELEASES_READ))
def read_release(request: MachineRequest, number: str) -> HttpResponse:
    """Read one release; its ETag is the digest of its content."""
    return told(queries.release(request.auth.organisation_id, number))


@router.get(
    "/releases/{number}/evaluation", response=answers(GateOut), **allow(Scope.RELEASES_READ)
)
def evaluation(request: MachineRequest, number: str) -> GateOut:
    """Say what the rulebook answered last about a release, and whose signatures it needs."""
    found = queries.release(request.auth.organisation_id, number)
    latest = filings.latest_evaluation(found)
    needed = filings.signatories(found, at=datetime.now(UTC))
    return GateOut(
        labels=found.labels,
        signatures=[
            Signature(party=one.party, purpose=one.purpose, signed_at=one.signed_at)
            for one in needed
        ],
        evaluation=EvaluationOut(
            as_of=latest.as_of,
            at=latest.at,
            decision=latest.decision,
            sha256=latest.sha256,
            result=latest.result,
        )
        if latest
        else None,
    )


def told(found: Any, status: int = 200) -> HttpResponse:
    """Answer with a release and its version."""
    whole = whole_of(found)
    return tagged(whole, whole.content_sha256, status)


def whole_of(found: Any) -> ReleaseOut:
    """Return everything about a release."""
    return ReleaseOut(
        **_line(found).model_dump(),
        description=found.description,
        types=[one.code for one in found.types.all()],
        changes=[
            ChangeOut(
                ecu=one.ecu_name,
                hardware_id=one.hardware_id,
                from_version=one.from_version,
                to_version=one.to_version,
                image=ImageOut(
                    filename=one.image.filename, length=one.image.length, sha256=one.image.sha256
                ),
            )
            for one in queries.changes_of(found.pk)
        ],
        evidence=[
            EvidenceOut(
                kind=one.kind,
                title=one.title,
                filename=one.filename,
                sha256=one.sha256,
                institution=one.institution.slug if one.institution else None,
                attested=bool(one.envelope),
            )
            for one in queries.evidence_of(found.pk)
        ],
        answers=found.answers,
        content_sha256=content.sha256(found),
    )


def _line(found: Any) -> ReleaseLine:
    return ReleaseLine(
        number=found.number,
        title=found.title,
        state=found.state,
        labels=found.labels,
        planned_on=found.planned_on,
        registered_at=found.registered_at,
        released_at=found.released_at,
    )
