"""Exports: the counters of the year with their history, and asking before one happens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import counters, counting, exporting, queries, tallies
from roadworthy.domains.processing.states import AssessmentState, Purpose
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer import data_forms, flow_forms
from roadworthy.portals.manufacturer.data_views import READERS, answer
from roadworthy.portals.shared import data_words as words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import BarPart, Button

_WHOLE = 100.0


@for_roles(*READERS)
def exports(request: Signed) -> HttpResponse:
    """Show how many persons' information was exported since 1 January, and every request."""
    who = request.acting
    today = legal_day(datetime.now(UTC))
    nothing = Empty(
        _("Nothing was exported this year"),
        _("Each export asks here first, by hand or through the API; the answer is kept."),
    )
    found = listing(
        request,
        lambda sort: tallies.requests(who.organisation_id, sort=sort),
        nothing=nothing,
        sort="-at",
    )
    may = who.role == Role.DATA
    profile = queries.profile(who.organisation_id)
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": [(one, words.OUTCOMES[one.outcome]) for one in found.page],
        "meters": [_meter(one) for one in tallies.meters(who.organisation_id, on=today)],
        "year": today.year,
        "companies": len(counters.members(who.organisation_id)),
        "group": profile.group if profile else None,
        "ask": Button(_("Ask for an export"), reverse("m:export-ask"), "primary") if may else None,
        "may": may,
        "assessments": [
            (one, words.ASSESSMENTS[one.state]) for one in queries.assessments(who.organisation_id)
        ],
        "may_group": who.role == Role.COMPLIANCE_OFFICER and not (profile and profile.group),
    }
    return render(request, "manufacturer/exports.html", context)


@for_roles(Role.DATA)
def ask(request: Signed) -> HttpResponse:
    """Ask whether these persons' information may be exported, and count them if it may."""
    mine = request.acting.organisation_id
    form = flow_forms.ExportForm(request.POST or None, flows=tallies.exports(mine))

    def write() -> HttpResponse:
        values = form.cleaned_data
        given = counting.export(
            number=values["number"],
            persons=values["persons"].splitlines(),
            reference=values["reference"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        made = given.request
        if made.allowed:
            messages.success(
                request,
                _("Allowed. Of {asked} persons, {new} were not counted yet this year.").format(
                    asked=made.asked, new=made.new
                ),
            )
        else:
            messages.error(request, _("Denied by {rules}.").format(rules=", ".join(made.rules)))
        return HttpResponseRedirect(reverse("m:exports"))

    return answer(request, form, write, _("Ask for an export"), reverse("m:exports"))


@for_roles(Role.COMPLIANCE_OFFICER)
def group(request: Signed) -> HttpResponse:
    """Form a group of companies, or join one."""
    form = data_forms.GroupForm(request.POST or None)

    def write() -> HttpResponse:
        values: dict[str, Any] = form.cleaned_data
        actor, at = request.acting.actor, datetime.now(UTC)
        if values["code"]:
            made = exporting.join_group(code=values["code"], actor=actor, at=at)
        else:
            made = exporting.form_group(name=values["name"], actor=actor, at=at)
        messages.success(request, _("Exports are counted with {name}.").format(name=made.name))
        return HttpResponseRedirect(reverse("m:exports"))

    lead = _("Companies of one group are counted together: to split an export changes nothing.")
    return answer(request, form, write, _("Group of companies"), reverse("m:exports"), lead)


@for_roles(Role.DATA)
def assessment(request: Signed) -> HttpResponse:
    """Enter a security assessment with all that it covers."""
    mine = request.acting.organisation_id
    form = data_forms.AssessmentForm(
        request.POST or None, items=queries.items(mine), recipients=queries.recipients(mine)
    )

    def write() -> HttpResponse:
        values = form.cleaned_data | {
            "state": AssessmentState(form.cleaned_data["state"]),
            "purposes": tuple(map(Purpose, form.cleaned_data["purposes"])),
        }
        made = exporting.enter_assessment(
            assessed=exporting.Assessed(**values), actor=request.acting.actor, at=datetime.now(UTC)
        )
        messages.success(request, _("{number} entered").format(number=made.number))
        return HttpResponseRedirect(reverse("m:exports"))

    lead = _("A flow that goes beyond what it covers is denied.")
    heading = _("Enter a security assessment")
    return answer(request, form, write, heading, reverse("m:exports"), lead)


def _meter(one: tallies.Meter) -> dict[str, Any]:
    share = min(_WHOLE, _WHOLE * one.done / one.limit) if one.limit else 0.0
    return {
        "meter": one,
        "title": _("Sensitive personal information")
        if one.sensitive
        else _("Other personal information"),
        "parts": (BarPart("live", share),),
        "left": max(0, one.limit - one.done),
    }
