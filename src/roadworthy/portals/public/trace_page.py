"""The public page of a release put into shape: no vehicle, no person, no draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from roadworthy.domains.campaigns import overview
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger.queries import Told
from roadworthy.portals.shared import loop, presenting, stories

PUBLISHED = "release:published"


def address(release: Any) -> str:
    return reverse("p:trace", args=[release.manufacturer.slug, release.number])


def line(release: Any) -> dict[str, Any]:
    """Return the line of a release in a list of results."""
    return {
        "release": release,
        "href": address(release),
        "labels": presenting.labels(release.labels),
    }


def context(release: Any, at: datetime) -> dict[str, Any]:
    """Return everything that the public sees of one release."""
    place = overview.place(release, at=at)
    story = ledger.milestones_of_release(release.pk)
    entries = ledger.count_of_release(release.pk)
    steps = loop.steps(place, entries=entries)
    here = loop.current(steps)
    return {
        "release": release,
        "types": list(release.types.all()),
        "labels": presenting.labels(release.labels),
        "steps": steps,
        "here": here,
        "tone": loop.tone(place, steps),
        "run": place.campaign,
        "signers": presenting.signers(filings.signatories(release, at=at)),
        "events": stories.events(reversed(story)),
        "entries": entries,
        "bundle": reverse("p:bundle", args=[release.manufacturer.slug, release.number]),
        **_proof(story),
    }


def _proof(story: Sequence[Told]) -> dict[str, Any]:
    """Return the numbers of the entry that records the publication."""
    checkpoint = ledger.latest_witnessed() or ledger.latest_checkpoint()
    entry = next((one for one in story if one.event == PUBLISHED), None)
    if checkpoint is None or entry is None or entry.index is None or entry.index >= checkpoint.size:
        return {"checkpoint": checkpoint, "entry": entry, "hashes": None, "origin": ""}
    return {
        "checkpoint": checkpoint,
        "entry": entry,
        "hashes": len(ledger.inclusion_proof(entry.index, checkpoint.size)),
        "origin": checkpoint.note.partition("\n")[0],
    }
