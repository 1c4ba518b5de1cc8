"""Look up a release, read its steps, take the proof away."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from roadworthy.domains.campaigns import public
from roadworthy.domains.filings import proofs
from roadworthy.domains.software.services import NoSuchRelease
from roadworthy.portals.public import trace_page
from roadworthy.portals.shared.access import for_everybody

_RECENT = 10
_LONGEST_QUESTION = 100


@for_everybody
def lookup(request: HttpRequest) -> HttpResponse:
    """Find a release by its number, a filing's number or a digest."""
    asked = _typed(request.GET.get("q", ""))
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
def by_number(request: HttpRequest, number: str) -> HttpResponse:
    """Lead from a number to its release; where two manufacturers use it, let the reader choose."""
    found = list(public.releases_with_number(_typed(number)))
    if not found:
        raise NoSuchRelease
    if len(found) == 1:
        return HttpResponseRedirect(trace_page.address(found[0]))
    context = {"asked": number, "found": [trace_page.line(one) for one in found], "recent": ()}
    return render(request, "public/lookup.html", context)


@for_everybody
def trace(request: HttpRequest, manufacturer: str, number: str) -> HttpResponse:
    """Tell the steps that a release took, and what proves them."""
    release = public.release(manufacturer, _typed(number))
    return render(request, "public/trace.html", trace_page.context(release, datetime.now(UTC)))


@for_everybody
def bundle(_request: HttpRequest, manufacturer: str, number: str) -> HttpResponse:
    """Give the proof of a release as one file that verifies offline."""
    release = public.release(manufacturer, _typed(number))
    content = proofs.public_bundle(release, at=datetime.now(UTC)).to_bytes()
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{release.number}.bundle"'
    return response


def _typed(text: str) -> str:
    """Return what a reader typed as the database can look for it: it refuses NUL."""
    return text.replace("\0", "").strip()[:_LONGEST_QUESTION]
