"""Look up a release, read its steps, take the proof away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from roadworthy.domains.campaigns import public
from roadworthy.domains.filings import proofs
from roadworthy.domains.ledger import queries as ledger
from roadworthy.portals.public import trace_page
from roadworthy.portals.shared import stores
from roadworthy.portals.shared.access import for_everybody

_RECENT = 10


@for_everybody
def lookup(request: HttpRequest) -> HttpResponse:
    """Find a release by its number, a filing's number or a digest."""
    asked = request.GET.get("q", "").strip()
    found = list(public.find(asked)) if asked else []
    if len(found) == 1:
        return HttpResponseRedirect(trace_page.address(found[0]))
    context = {
        "asked": asked,
        "found": [trace_page.line(one) for one in found],
        "recent": [trace_page.line(one) for one in public.recent(_RECENT)] if not asked else (),
    }
    return render(request, "public/lookup.html", context)


@for_everybody
def trace(request: HttpRequest, manufacturer: str, number: str) -> HttpResponse:
    """Tell the steps that a release took, and what proves them."""
    release = public.release(manufacturer, number)
    return render(request, "public/trace.html", trace_page.context(release, datetime.now(UTC)))


@for_everybody
def bundle(request: HttpRequest, manufacturer: str, number: str) -> HttpResponse:
    """Give the proof of a release as one file that verifies offline."""
    release = public.release(manufacturer, number)
    built = proofs.bundle(release, platform=stores.platform(), at=datetime.now(UTC))
    response = HttpResponse(built.to_bytes(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{release.number}.bundle"'
    return response


@for_everybody
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Show the signed state of the log."""
    context: dict[str, Any] = {
        "latest": ledger.latest_checkpoint(),
        "witnessed": ledger.latest_witnessed(),
        "raw": reverse("log-checkpoint"),
    }
    return render(request, "public/checkpoint.html", context)


@for_everybody
def how(request: HttpRequest) -> HttpResponse:
    """Say how anybody verifies a release without trusting this site."""
    return render(request, "public/how.html", {})


