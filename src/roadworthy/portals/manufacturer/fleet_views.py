"""Vehicle types and vehicles."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.access import queries as access
from roadworthy.domains.conformity import register
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries
from roadworthy.portals.shared import findings
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.approved import STANDING
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb

_REPORTS, _KNOWN = 40, 60
ORDERS = {"id": "controller_id", "vin": "vin", "type": "type__code", "seen": "last_seen_at"}


class TypeFilter(FilterForm):
    search = Search(label=_later("Name or code"))


class VehicleFilter(FilterForm):
    search = Search(label=_later("VIN or identifier"))
    type_id = forms.TypedChoiceField(label=_later("Vehicle type"), coerce=int, empty_value=None)
    ecu_name = forms.CharField(label=_later("ECU"))
    version = forms.CharField(label=_later("Running version"))


@for_roles(*MANUFACTURER)
def types(request: Signed) -> HttpResponse:
    """List the approved types."""
    mine = request.acting.organisation_id
    nothing = Empty(
        _("No vehicle type is registered"), _("Types come with the import of an inventory.")
    )
    found = listing(
        request,
        lambda search="": queries.types_with_counts(mine, search=search),
        nothing=nothing,
        form=TypeFilter(request),
        per_page=50,
    )
    return render(request, "manufacturer/types.html", {"listing": found})


@for_roles(*MANUFACTURER)
def type_page(request: Signed, type_id: int) -> HttpResponse:
    """Show one type: its approval, its ECUs, the versions that are known on them."""
    mine = request.acting.organisation_id
    one = queries.vehicle_type(mine, type_id)
    ecus = queries.ecus_of(mine, type_id)
    chosen = next((ecu for ecu in ecus if ecu.label == request.GET.get("ecu")), None)
    context = {
        "type": one,
        "crumbs": [Crumb(_("Vehicle types"), reverse("m:types")), Crumb(one.code)],
        "ecus": ecus,
        "chosen": chosen,
        "known": queries.known_firmware(mine, chosen.ecu_id)[:_KNOWN] if chosen else (),
        "parameters": sorted(one.parameters.items()),
        "standing": STANDING[access.standing([one.pk])[one.pk]],
        "approved_here": (here := access.numbers([one.pk]).get(one.pk, "")),
        "may_take_over": not here and request.acting.role == Role.HOMOLOGATION,
    }
    return render(request, "manufacturer/type.html", context)


@for_roles(*MANUFACTURER)
def vehicles(request: Signed) -> HttpResponse:
    """List vehicles."""
    mine = request.acting.organisation_id
    choices = {"type_id": [(one.pk, localised(one.name)) for one in queries.types(mine)]}
    nothing = Empty(
        _("No vehicle is registered"),
        _("Register vehicles with the command: roadworthy vehicles import FILE.csv"),
    )
    found = listing(
        request,
        lambda sort, **filters: queries.vehicles(mine, order=_order(sort), **filters),
        nothing=nothing,
        form=VehicleFilter(request, choices),
        sort="id",
        per_page=50,
    )
    return render(request, "manufacturer/vehicles.html", {"listing": found, "sort": found.sort})


@for_roles(*MANUFACTURER)
def vehicle(request: Signed, vehicle_id: int) -> HttpResponse:
    """Show one vehicle: what runs on it, how we know, and what it was called before."""
    mine = request.acting.organisation_id
    detail = queries.vehicle(mine, vehicle_id)
    context = {
        "detail": detail,
        "vehicle": detail.vehicle,
        "crumbs": [
            Crumb(_("Vehicles"), reverse("m:vehicles")),
            Crumb(detail.vehicle.controller_id),
        ],
        "swins": [
            (one, findings.BASES[one.basis]) for one in register.of_vehicle(mine, vehicle_id)
        ],
        "reports": queries.reports_of(mine, vehicle_id)[:_REPORTS],
    }
    return render(request, "manufacturer/vehicle.html", context)


def _order(sort: str) -> str:
    minus = "-" if sort.startswith("-") else ""
    return minus + ORDERS.get(sort.removeprefix("-"), "controller_id")
