"""Functions of the vehicle types: the list, and registering one."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.disclosure import queries, writing
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.text_forms import LEVELS, FunctionForm
from roadworthy.portals.shared import errors
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb


class FunctionFilter(FilterForm):
    search = Search(label=_later("Name or short name"))
    type_id = forms.TypedChoiceField(label=_later("Vehicle type"), coerce=int, empty_value=None)


@for_roles(*MANUFACTURER)
def functions(request: Signed) -> HttpResponse:
    """List the functions, the approval of each, and how many texts speak of it."""
    mine = request.acting.organisation_id
    choices = {"type_id": [(one.pk, localised(one.name)) for one in vehicles.types(mine)]}
    may = request.acting.role == Role.MARKETING
    new = Button(_("Register a function"), reverse("m:function-register"), "primary")
    nothing = Empty(
        _("No function is registered"),
        _("Texts about a function need it here first, with its level and its approval."),
        (new,) if may else (),
    )
    found = listing(
        request,
        lambda **filters: queries.functions(mine, **filters),
        nothing=nothing,
        form=FunctionFilter(request, choices),
        per_page=50,
    )
    context = {"listing": found, "levels": dict(LEVELS), "new": new if may else None}
    return render(request, "manufacturer/functions.html", context)


@for_roles(Role.MARKETING)
def register(request: Signed) -> HttpResponse:
    """Register a function under the approval that it rests on."""
    form = FunctionForm(
        request.POST or None, types=list(vehicles.types(request.acting.organisation_id))
    )
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            made = writing.register_function(
                type_id=values["type_id"],
                code=values["code"],
                name=form.name,
                level=values["level"],
                approval_number=values["approval_number"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            fields = {"function-code-taken": "code", "no-such-approval": "approval_number"}
            errors.on_form(form, error, fields)
        else:
            messages.success(request, _("{code} is registered.").format(code=made.code))
            return HttpResponseRedirect(reverse("m:functions"))
    heading = _("Register a function")
    context = {
        "form": form,
        "heading": heading,
        "crumbs": [Crumb(_("Functions"), reverse("m:functions")), Crumb(heading)],
        "back": reverse("m:functions"),
        "lead": _("The name here is for engineers. What the public reads is a text of its own."),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)
