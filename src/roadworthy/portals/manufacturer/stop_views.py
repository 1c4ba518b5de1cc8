"""What the compliance officer states of a defective product: production and sale have stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy import stores
from roadworthy.domains.filings import stopping
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from roadworthy.kernel.errors import DomainError
from roadworthy.law.rulebook import rulebook
from roadworthy.portals.shared import errors, formats
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, FileForm
from roadworthy.portals.shared.shapes import Crumb

_ANSWERS = (("yes", _later("Yes")), ("no", _later("No")))


class StopForm(FileForm):
    """Both facts by the rulebook's names, and what shows them."""

    field_order = (stopping.PRODUCTION, stopping.SALE, "file")

    def __init__(self, data: Any, files: Any, *, known: Any) -> None:
        super().__init__(data, files)
        for name in (stopping.PRODUCTION, stopping.SALE):
            self.fields[name] = Choice(
                label=localised(rulebook().facts[name].label.to_json()),
                choices=_ANSWERS,
                initial={True: "yes", False: "no"}.get(known.get(name)),
            )
        self.fields["file"].label = _("Document that shows it")
        self.fields["file"].help_text = _(
            "The order to plants and dealers, or their answers. The log names its digest."
        )
        self.order_fields(self.field_order)


@for_roles(Role.COMPLIANCE_OFFICER)
def stops(request: Signed, number: str) -> HttpResponse:
    """State that production and sale have stopped, or go on again."""
    release = software.release(request.acting.organisation_id, number)
    if not stopping.concerns(release):
        raise Http404
    known = stopping.stated(release)
    form = StopForm(request.POST or None, request.FILES or None, known=known)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            stopping.state(
                release_id=release.pk,
                production=values[stopping.PRODUCTION] == "yes",
                sale=values[stopping.SALE] == "yes",
                shown=stopping.Shown(values["file"].name, values["file"]),
                store=stores.documents(),
                platform=stores.platform(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, dict.fromkeys(errors.ABOUT_A_FILE, "file"))
        else:
            messages.success(request, _("Your statement is kept; the release is assessed anew."))
            return HttpResponseRedirect(reverse("m:release", args=[number]))
    heading = _("Production and sale of the defective product")
    context = {
        "form": form,
        "heading": heading,
        "lead": _lead(release),
        "crumbs": [
            Crumb(_("Releases"), reverse("m:releases")),
            Crumb(number, reverse("m:release", args=[number])),
            Crumb(heading),
        ],
        "back": reverse("m:release", args=[number]),
        "submit": _("State it"),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def _lead(release: Any) -> str:
    lead = _(
        "{number} removes a defect: until both have stopped and SAMR has the recall plan, "
        "the gate stays shut."
    ).format(number=release.number)
    orders = stopping.last_shown(release)
    if orders is None:
        return lead
    of = _("The orders to stop of {defects} state it by themselves as they are carried out.")
    return formats.sentences(lead, of.format(defects=_(", ").join(orders.defects)))
