"""The public page of a release put into shape: no vehicle, no person, no draft."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.campaigns import overview, public
from roadworthy.domains.campaigns.states import State as Campaign
from roadworthy.domains.filings import attested, proofs
from roadworthy.domains.filings import queries as filings
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger.queries import Told
from roadworthy.domains.software import queries as software
from roadworthy.portals.public import inclusions
from roadworthy.portals.shared import loop, presenting, stories, words

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
    # Who had to sign is a question of the day on which it was published.
    signers = presenting.signers(filings.signatories(release, at=release.released_at))
    here = loop.current(steps)
    run = place.campaign
    return {
        "release": release,
        "types": list(release.types.all()),
        "labels": presenting.labels(release.labels),
        "classification": _classification(release),
        "changes": software.changes_of(release.pk),
        "steps": steps,
        "here": here,
        "tone": loop.tone(place, steps),
        "run": run if run is not None and run.state != Campaign.DRAFT else None,
        "authorities": _listed([str(words.party(kind)) for kind in public.accepted_by(release.pk)]),
        "signers": signers,
        "on_paper": attested.of_release(release) if any(s.attested for s in signers) else (),
        "events": stories.events(story),
        "entries": entries,
        "bundle": reverse("p:bundle", args=[release.manufacturer.slug, release.number]),
        "targets": proofs.targets(release),
        **_proof(story),
    }


def _classification(release: Any) -> list[dict[str, Any]]:
    """Return each label that holds, with the article that it comes from."""
    evaluation = filings.latest_evaluation(release)
    rows = evaluation.result.get("classification", ()) if evaluation else ()
    return [
        {
            "label": words.label(row["label"]),
            "article": presenting.article(row["citation"]) if row["citation"] else None,
        }
        for row in rows
        if row["holds"]
    ]


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    rest, last = _(", ").join(names[:-1]), names[-1]
    return _("{rest} and {last}").format(rest=rest, last=last)


def _proof(story: Sequence[Told]) -> dict[str, Any]:
    """Return the entry that records the publication, and what proves that it is in the log."""
    entry = next((one for one in story if one.event == PUBLISHED), None)
    inclusion = inclusions.of(entry) if entry else None
    return {
        "entry": entry,
        "inclusion": inclusion,
        "published": entry.data if entry else {},
    }
