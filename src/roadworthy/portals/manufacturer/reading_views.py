"""The choice between two readings of SAMR's five working days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.filings import rule_readings
from roadworthy.domains.organisations.roles import Role
from roadworthy.portals.shared import words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Choice, Form
from roadworthy.portals.shared.shapes import Crumb


class ReadingForm(Form):
    reading = Choice(
        label=_later("How your organisation reads it"),
        choices=tuple(words.SAMR_READINGS.items()),
        hints={
            "lead_time": _later("The stricter reading; the rules apply it unless you choose."),
            "window": _later("The literal reading: neither later nor earlier."),
        },
    )


@for_roles(Role.COMPLIANCE_OFFICER)
def reading(request: Signed) -> HttpResponse:
    """Choose by which reading deadlines are counted."""
    mine = request.acting.organisation_id
    known: dict[str, Any] = {"reading": rule_readings.chosen(mine)}
    form = ReadingForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        rule_readings.choose(
            reading=form.cleaned_data["reading"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        messages.success(request, _("Your reading is kept; open releases are assessed anew."))
        return HttpResponseRedirect(reverse("m:obligations"))
    context = {
        "form": form,
        "heading": _("Form and package to SAMR: five working days"),
        "lead": _(
            "SOTA21 wants both “within five working days before release”. That can be read in "
            "two ways; no official word decides between them. Each finding names the one applied."
        ),
        "crumbs": [Crumb(_("Obligations"), reverse("m:obligations")), Crumb(_("Reading"))],
        "back": reverse("m:obligations"),
        "submit": _("Go by this reading"),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)
