"""The SWIN register of a type, comparisons of the fleet with its approvals, a release's impact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.campaigns.states import State as Campaign
from roadworthy.domains.conformity import exporting, fleet, impact, queries, register
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.filings.states import State as Filed
from roadworthy.domains.software.states import State as Release
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.portals.shared import presenting, words
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Crumb


@for_roles(*MANUFACTURER)
def swin(request: Signed, type_id: int) -> HttpResponse:
    """Show which software counts for which regulation, each number, and what releases change."""
    found = register.of_type(request.acting.organisation_id, type_id)
    context = {"register": found, "crumbs": _type_crumbs(found.type, _("SWIN register"))}
    return render(request, "manufacturer/swin.html", context)


@for_roles(*MANUFACTURER)
def swin_export(request: Signed, type_id: int, form: str) -> HttpResponse:
    """Give the register as a file; the log keeps its digest, so this is no plain link."""
    one = vehicles.vehicle_type(request.acting.organisation_id, type_id)
    if form not in set(exporting.Format):
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(reverse("m:type-swin", args=[one.pk]))
    made = exporting.export(
        manufacturer_id=request.acting.organisation_id,
        type_id=one.pk,
        form=exporting.Format(form),
        actor=request.acting.actor,
        at=datetime.now(UTC),
    )
    response = HttpResponse(made.content, content_type=made.media_type)
    response["Content-Disposition"] = f'attachment; filename="{made.filename}"'
    response["ETag"] = f'"{made.sha256}"'
    return response


@for_roles(*MANUFACTURER)
def standing(request: Signed, type_id: int) -> HttpResponse:
    """Show what the vehicles of a type report now, against what is approved."""
    one = vehicles.vehicle_type(request.acting.organisation_id, type_id)
    (found,) = fleet.standing([one])
    context = {"standing": found.as_json(), "crumbs": _type_crumbs(one, _("Conformity now"))}
    return render(request, "manufacturer/standing.html", context | {"type": one})


@for_roles(*MANUFACTURER)
def comparisons(request: Signed) -> HttpResponse:
    """List the comparisons that were taken when campaigns were over."""
    mine = request.acting.organisation_id
    nothing = Empty(
        _("No campaign is over yet"),
        _("When one is, its types are compared with their approvals and the result is kept."),
    )
    found = listing(request, lambda: queries.snapshots(mine), nothing=nothing)
    return render(request, "manufacturer/comparisons.html", {"listing": found})


@for_roles(*MANUFACTURER)
def comparison(request: Signed, snapshot_id: int) -> HttpResponse:
    """Show one comparison as it was kept."""
    found = queries.snapshot(request.acting.organisation_id, snapshot_id)
    crumbs = [Crumb(_("Conformity"), reverse("m:comparisons")), Crumb(found.release.number)]
    context = {"snapshot": found, "crumbs": crumbs, "base": "manufacturer/base.html"}
    return render(request, "shared/comparison.html", context)


@for_roles(*MANUFACTURER)
def release_impact(request: Signed, number: str) -> HttpResponse:
    """Show what a release touches, before anybody files."""
    found = impact.of_release(request.acting.organisation_id, number, at=datetime.now(UTC))
    china, un = found.china.to_json(), found.un.to_json()
    context = {
        "impact": found,
        "release": found.release,
        "crumbs": [
            Crumb(_("Releases"), reverse("m:releases")),
            Crumb(found.release.number, reverse("m:release", args=[number])),
            Crumb(_("Impact")),
        ],
        "undetermined": _labels(found.undetermined, china, un),
        "markets": [_market(_("China"), china), _market(_("Parties that apply UN R156"), un)],
        "filings": [
            (one, words.FILING_KINDS[Kind(one.dossier.kind)], words.FILING[Filed(one.state)])
            for one in (*found.filings, *found.recalls)
        ],
        "campaigns": [
            (one, shared, words.CAMPAIGN[Campaign(one.state)]) for one, shared in found.campaigns
        ],
        "others": [(one, words.RELEASE[Release(one.state)]) for one in found.others],
    }
    return render(request, "manufacturer/impact.html", context)


def _labels(names: Iterable[str], *results: Mapping[str, Any]) -> dict[str, str]:
    """Name facts as the rulebook does."""
    labels = {
        fact["name"]: localised(fact["label"])
        for result in results
        for row in (*result["findings"], *result["classification"])
        for fact in row.get("missing") or ()
    }
    return {name: labels.get(name, name) for name in names}


def _market(name: str, result: dict[str, Any]) -> dict[str, Any]:
    found = presenting.findings(result, unfold=False)
    return {
        "name": name,
        "tally": presenting.tally(result),
        "findings": [one for one in found if one.outcome in {"broken", "unknown"}],
        "classification": presenting.classification(result),
        "decision": result["decision"],
    }


def _type_crumbs(one: Any, here: str) -> list[Crumb]:
    return [
        Crumb(_("Vehicle types"), reverse("m:types")),
        Crumb(localised(one.name), reverse("m:type", args=[one.pk])),
        Crumb(here),
    ]
