"""The public story of a release, with what it takes to check each step."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from roadworthy.domains.filings import queries as filings
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.software import queries as software
from roadworthy.domains.software.services import NoSuchRelease

router = Router(tags=["releases"])


class StepOut(Schema):
    """One entry of the log."""

    index: int | None  # None: not sequenced yet
    body: dict[str, Any]
    inclusion_proof: list[str]  # hex, for the tree of ``TraceOut.size``


class TraceOut(Schema):
    """A release's steps under the newest checkpoint."""

    manufacturer: str
    number: str
    checkpoint: str
    size: int
    steps: list[StepOut]


@router.get("/{number}/trace", response=list[TraceOut])
def trace(request: HttpRequest, number: str) -> list[TraceOut]:  # noqa: ARG001
    """Return the story of every published release of that number, by manufacturer."""
    found = [r for r in software.with_number(number) if filings.is_published(r)]
    checkpoint = ledger.latest_checkpoint()
    if not found or checkpoint is None:
        raise NoSuchRelease
    return [
        TraceOut(
            manufacturer=release.manufacturer.slug,
            number=release.number,
            checkpoint=checkpoint.note,
            size=checkpoint.size,
            steps=[_step(told, checkpoint.size) for told in ledger.story_of_release(release.pk)],
        )
        for release in found
    ]


def _step(told: ledger.Told, size: int) -> StepOut:
    proof: tuple[bytes, ...] = ()
    if told.index is not None and told.index < size:
        proof = ledger.inclusion_proof(told.index, size)
    return StepOut(
        index=told.index,
        body=told.as_json(),
        inclusion_proof=[each.hex() for each in proof],
    )
