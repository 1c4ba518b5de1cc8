"""The public page of an approval: anybody may read what a type is approved for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from roadworthy.domains.access import queries
from roadworthy.portals.shared import approval_page
from roadworthy.portals.shared.access import for_everybody


@for_everybody
def approval(request: HttpRequest, manufacturer: str, number: str) -> HttpResponse:
    """Tell what is approved, what each version changed, and which public conditions it is on."""
    found = queries.public_approval(manufacturer, number)
    context = approval_page.context(found, request.GET, public=True)
    return render(request, "public/approval.html", context)
