"""The log for readers: its checkpoint, one entry of it, and how anybody checks both.

Everything that these pages say can be computed from the raw log of ``log_views``.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from roadworthy.domains.campaigns import public
from roadworthy.domains.filings import proofs
from roadworthy.domains.filings.proofs import NotPublished
from roadworthy.domains.ledger import queries as ledger
from roadworthy.portals.public import inclusions, trace_page
from roadworthy.portals.shared import stories
from roadworthy.portals.shared.access import for_everybody
from roadworthy.trust.tiles import TILE_WIDTH, entries_path


@for_everybody
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Show the signed state of the log, and the keys to check it with."""
    latest = ledger.latest_checkpoint()
    context: dict[str, Any] = {
        "latest": latest,
        "witnessed": ledger.latest_witnessed(),
        "log": proofs.log_key() if latest else None,
        "witnesses": proofs.witnesses(),
        "raw": reverse("log-checkpoint"),
    }
    return render(request, "public/checkpoint.html", context)


@for_everybody
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """Show one entry as the log holds it, with the proof that it is there."""
    told = public.entry(index)
    release = public.of_release(told.release_id)
    context = {
        "told": told,
        "event": stories.event(told),
        "body": told.body.decode(),
        "release": release,
        "href": trace_page.address(release) if release else "",
        "inclusion": inclusions.of(told),
        "bundle": _bundle_address(index),
        "place": index % TILE_WIDTH,
    }
    return render(request, "public/entry.html", context)


@for_everybody
def entry_json(_request: HttpRequest, index: int) -> HttpResponse:
    """Give one entry and its proof to a program."""
    told = public.entry(index)
    proof = inclusions.of(told)
    return JsonResponse(
        {
            "index": told.index,
            "body": told.body.decode(),  # as text: its bytes are what the leaf is the hash of
            "leaf_hash": proof.leaf if proof else None,
            "inclusion_proof": list(proof.path) if proof else None,
            "checkpoint": proof.checkpoint.note if proof else None,
        }
    )


@for_everybody
def anchors(_request: HttpRequest) -> HttpResponse:
    """Give the keys that this log and its repository are checked with."""
    return JsonResponse(proofs.public_anchors().to_dict(), json_dumps_params={"indent": 1})


@for_everybody
def how(request: HttpRequest) -> HttpResponse:
    """Say how anybody verifies a release without trusting this site."""
    return render(request, "public/how.html", {"anchors": _anchors()})


def _bundle_address(index: int) -> str:
    """Return where the raw log serves the entry, with as many beside it as there are now."""
    latest = ledger.latest_checkpoint()
    number = index // TILE_WIDTH
    width = min(latest.size - number * TILE_WIDTH, TILE_WIDTH) if latest else TILE_WIDTH
    return reverse("log-checkpoint").removesuffix("checkpoint") + entries_path(number, width)


def _anchors() -> dict[str, Any] | None:
    try:
        return proofs.public_anchors().to_dict()
    except NotPublished:
        return None
