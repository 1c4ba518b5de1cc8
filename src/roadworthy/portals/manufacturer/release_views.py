"""Reading releases: the list, one release, its files."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.campaigns import overview
from roadworthy.domains.software import queries as software
from roadworthy.domains.software.states import State
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer import release_page
from roadworthy.portals.shared import downloads, formats, loop, presenting, words
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.forms import DayField
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button


class ReleaseFilter(FilterForm):
    search = Search(label=_later("Release, title or digest"))
    type_id = forms.TypedChoiceField(label=_later("Vehicle type"), coerce=int, empty_value=None)
    label = forms.ChoiceField(label=_later("Legal label"))
    since = DayField(label=_later("Registered from"), help_text="")


@for_roles(*MANUFACTURER)
def releases(request: Signed) -> HttpResponse:
    """List every registered release and how far round the loop it is."""
    mine = request.acting.organisation_id
    nothing = Empty(
        _("No release has been registered"),
        _("Once you register one, the rulebook classifies it at once and lists the obligations."),
        (Button(_("Register a release"), reverse("m:release-register")),),
    )
    found = listing(
        request,
        lambda **filters: overview.releases(mine, **filters),
        nothing=nothing,
        form=ReleaseFilter(request, _choices(mine)),
        sort="-registered",
    )
    context = {"listing": found, "sort": found.sort, "rows": rows(found.page)}
    return render(request, "manufacturer/releases.html", context)


@for_roles(*MANUFACTURER)
def export(request: Signed) -> HttpResponse:
    """Give the list as CSV, all of it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="releases.csv"'
    response.write("\ufeff")  # spreadsheets take it for Latin text otherwise
    writer = csv.writer(response)
    writer.writerow(
        ["number", "title", "state", "labels", "step", "registered", "proven", "vehicles"]
    )
    for row in rows(overview.releases(request.acting.organisation_id)):
        run = row["place"].campaign
        writer.writerow(
            [
                row["release"].number,
                formats.localised(row["release"].title),
                row["release"].state,
                " ".join(row["release"].labels),
                row["step"].number,
                row["release"].registered_at.isoformat(),
                run.proven if run else "",
                run.total if run else "",
            ]
        )
    return response


@for_roles(*MANUFACTURER)
def release(request: Signed, number: str) -> HttpResponse:
    """Show one release: where it stands, what the rulebook says, what to do next."""
    at = datetime.now(UTC)
    found = software.release(request.acting.organisation_id, number)
    context = release_page.context(found, request.acting, at)
    return render(request, "manufacturer/release.html", context)


@for_roles(*MANUFACTURER)
def file(request: Signed, number: str, sha256: str) -> FileResponse:
    """Give back a document or an image of a release, exactly as it came."""
    found = software.release(request.acting.organisation_id, number)
    return downloads.of(software.document(found.pk, sha256))


def _choices(manufacturer_id: int) -> dict[str, list[tuple[Any, Any]]]:
    types = vehicles.types(manufacturer_id)
    return {
        "type_id": [(one.pk, formats.localised(one.name)) for one in types],
        "label": [(str(key), one.text) for key, one in words.LABELS.items()],
    }


def rows(found: Any) -> list[dict[str, Any]]:
    today = legal_day(datetime.now(UTC))
    releases_ = list(found)
    places = overview.places(releases_, on=today)
    made = []
    for one in releases_:
        place = places[one.pk]
        steps = loop.steps(place)
        run = place.campaign
        made.append(
            {
                "release": one,
                "place": place,
                "step": loop.current(steps),
                "tone": loop.tone(place, steps),
                "chip": loop.chip(place),
                "labels": presenting.labels(one.labels, place.undetermined),
                "due": presenting.duty(place.next_due, today) if place.next_due else None,
                "types": [formats.localised(t.name) for t in one.types.all()],
                "proven": formats.percent(run.proven, run.total) if run else formats.NONE,
                "withdrawn": one.state == State.WITHDRAWN,
            }
        )
    return made
