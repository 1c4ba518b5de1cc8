"""What complaints add up to, and the manufacturer's own numbers for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy.domains.aftersales import policy, queries, signals
from roadworthy.domains.aftersales.signals import By, Signal
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.complaint_forms import LevelsForm
from roadworthy.portals.shared import errors, formats
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Crumb, Tab

_FIELDS = ("answer_days", "settle_days", "fewest_vehicles", "per_thousand", "window_days")


@for_roles(*MANUFACTURER)
def signals_page(request: Signed) -> HttpResponse:
    """Count complaints beside the vehicles they are counted of. Nothing here names a vehicle."""
    mine, now = request.acting.organisation_id, datetime.now(UTC)
    levels = queries.policy(mine)
    asked = request.GET.get("by", "")
    by = By(asked) if asked in set(By) else By.TYPE
    found = listing(
        request,
        lambda: signals.signals(mine, levels, by=by, at=now),
        nothing=Empty(
            _("Nothing to count"), _("No complaint falls into the span of days that is counted.")
        ),
        per_page=50,
    )
    names = {By.TYPE: _("Types"), By.FUNCTION: _("Functions"), By.VERSION: _("Software versions")}
    here = reverse("m:signals")
    context = {
        "listing": found,
        "by": by,
        "rows": [(one, _rate(one), _why(one, levels)) for one in found.page],
        "tabs": [Tab(text, f"{here}?by={key}", key == by) for key, text in names.items()],
        "levels": levels,
        "may_count": request.acting.role in {Role.SAFETY, Role.COMPLIANCE_OFFICER},
        "may_set": request.acting.role in {Role.AFTER_SALES, Role.COMPLIANCE_OFFICER},
    }
    return render(request, "manufacturer/signals.html", context)


@for_roles(Role.AFTER_SALES, Role.COMPLIANCE_OFFICER)
def levels(request: Signed) -> HttpResponse:
    """Set the service levels and the threshold."""
    now_set = queries.policy(request.acting.organisation_id)
    initial = {name: getattr(now_set, name) for name in _FIELDS} if now_set else {}
    form = LevelsForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            policy.set_levels(levels=form.levels, actor=request.acting.actor, at=datetime.now(UTC))
        except DomainError as error:
            errors.on_form(form, error, {"wrong-policy": "window_days"})
        else:
            messages.success(request, _("The service levels are set."))
            return HttpResponseRedirect(reverse("m:signals"))
    heading = _("Service levels and thresholds")
    context = {
        "form": form,
        "heading": heading,
        "crumbs": [Crumb(_("Signals"), reverse("m:signals")), Crumb(heading)],
        "back": reverse("m:signals"),
        "submit": _("Set them"),
        "lead": _("Your own numbers: no law gives them. Open complaints keep the day they have."),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def _rate(one: Signal) -> str:
    return formats.NONE if one.per_thousand is None else f"{one.per_thousand:,.2f}"


def _why(one: Signal, levels: Any) -> str:
    """Say which threshold is reached, in numbers that anybody can check."""
    if not one.reached:
        return ""
    said = [
        ngettext(
            "{n} vehicle complained in {days} days, of {exposed}.",
            "{n} vehicles complained in {days} days, of {exposed}.",
            one.vehicles,
        ).format(n=one.vehicles, days=levels.window_days, exposed=formats.number(one.exposed))
    ]
    if levels.fewest_vehicles is not None:
        said.append(_("Marked from {n} vehicles.").format(n=levels.fewest_vehicles))
    if levels.per_thousand is not None:
        said.append(
            _("Marked from {n} per 1,000.").format(n=f"{levels.per_thousand.normalize():f}")
        )
    return formats.sentences(*said)
