"""Version 1. Schemas belong to their audience and are never shared with another."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal

from django.db import connection
from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from ninja.throttling import AnonRateThrottle
from pydantic import Field

from roadworthy.api import errors, law, register
from roadworthy.domains.campaigns import overview, public, queries, services
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.ledger import queries as ledger

# No interactive page: it would need scripts and styles that the content security policy forbids.
# The limit is each web process's own, for each address: enough for a fleet behind one proxy.
api = NinjaAPI(
    title="Roadworthy",
    version="1",
    docs_url=None,
    urls_namespace="api-v1",
    throttle=[AnonRateThrottle("6000/m")],
)
errors.install(api)
api.add_router("/law", law.router)
api.add_router("", register.reading)


class Answer(Schema):
    """What an owner chose on the vehicle's own screen."""

    choice: Literal["yes", "no"]
    language: Literal["zh-hans", "en"]
    notice_version: int | None = Field(default=None, ge=1)


class Standing(Schema):
    """Where the update of the owner's vehicle stands."""

    choice: str
    result: str
    notice_version: int
    can_agree: bool
    can_decline: bool


class SignedBy(Schema):
    party: str
    purpose: str
    keyid: str | None
    at: datetime | None


class Entry(Schema):
    """One step, with what it takes to check it under ``Trace.checkpoint``."""

    index: int | None  # None: not sequenced yet
    body: dict[str, Any]  # its RFC 8785 bytes are the leaf
    inclusion_proof: list[str]  # hex digests, sibling first


class Trace(Schema):
    """What the public may know of a release."""

    manufacturer: str
    number: str
    sha256: str
    labels: list[str]
    state: str
    approved_on: date | None
    released_at: datetime | None
    vehicles: int
    proven: int
    signed_by: list[SignedBy]
    checkpoint: str  # signed note
    entry_count: int
    entries: list[Entry]  # without those of single vehicles


@api.get("/health")
def health(request: HttpRequest) -> dict[str, str]:
    """Say whether the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok"}


@api.post("/consents/{token}", response=Standing)
def consent(request: HttpRequest, token: str, answer: Answer) -> Standing:
    """Keep the owner's choice; the token in the address is the proof of who chose."""
    services.answer_consent(
        token=token,
        choice=answer.choice,
        language=answer.language,
        channel="vehicle",
        at=datetime.now(UTC),
        notice_version=answer.notice_version,
    )
    view = queries.owner_view(token)
    return Standing(
        choice=view.choice,
        result=view.result,
        notice_version=view.notice_version,
        can_agree=view.can_agree,
        can_decline=view.can_decline,
    )


@api.get("/releases/{manufacturer}/{number}/trace", response=Trace)
def trace(request: HttpRequest, manufacturer: str, number: str) -> Trace:
    """Tell the story of a published release."""
    release, at = public.release(manufacturer, number), datetime.now(UTC)
    place = overview.place(release, at=at)
    run, checkpoint = place.campaign, ledger.latest_checkpoint()
    return Trace(
        manufacturer=manufacturer,
        number=release.number,
        sha256=release.sha256,
        labels=release.labels,
        state=release.state,
        approved_on=place.approved_on,
        released_at=release.released_at,
        vehicles=run.total if run else 0,
        proven=run.proven if run else 0,
        signed_by=[
            SignedBy(
                party=one.party,
                purpose=one.purpose,
                keyid=one.key.keyid if one.key and one.signed_at else None,
                at=one.signed_at,
            )
            for one in filings.signatories(release, at=at)
        ],
        entry_count=ledger.count_of_release(release.pk),
        checkpoint=checkpoint.note if checkpoint else "",
        entries=[
            _entry(one, checkpoint.size if checkpoint else 0)
            for one in ledger.milestones_of_release(release.pk)
        ],
    )


def _entry(told: ledger.Told, size: int) -> Entry:
    proof: tuple[bytes, ...] = ()
    if told.index is not None and told.index < size:
        proof = ledger.inclusion_proof(told.index, size)
    return Entry(
        index=told.index, body=told.as_json(), inclusion_proof=[each.hex() for each in proof]
    )
