"""Test reports that institutions handed over; resting a release or an application on one."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy import stores
from roadworthy.domains.access import queries as access
from roadworthy.domains.access import resting
from roadworthy.domains.access.states import Matter
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from roadworthy.domains.software import reporting
from roadworthy.domains.software import reports as queries
from roadworthy.domains.software.states import ReportState
from roadworthy.portals.shared import downloads, words
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.approved import MATTERS
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb


class ReportFilter(FilterForm):
    search = Search(label=_later("Number, title or standard"))
    state = forms.ChoiceField(label=_later("State"))


@for_roles(*MANUFACTURER)
def reports(request: Signed) -> HttpResponse:
    """List what institutions handed over."""
    mine = request.acting.organisation_id
    told = (ReportState.HANDED_OVER, ReportState.REVOKED)
    found = listing(
        request,
        lambda sort, **filters: queries.of_manufacturer(mine, sort=sort, **filters),
        nothing=Empty(
            _("No report has been handed over"),
            _("A test institution signs a report here and hands it over to you."),
        ),
        form=ReportFilter(request, {"state": [(str(one), words.REPORT[one].text) for one in told]}),
        sort="-entered",
    )
    rows = [
        (one, words.REPORT[ReportState(one.state)], words.RESULTS[one.result]) for one in found.page
    ]
    context = {"listing": found, "sort": found.sort, "rows": rows}
    return render(request, "manufacturer/reports.html", context)


@for_roles(*MANUFACTURER)
def report(request: Signed, report_id: int) -> HttpResponse:
    """Show a report, what rests on it, and the drafts that could."""
    found = queries.received(request.acting.organisation_id, report_id)
    stands = found.state == ReportState.HANDED_OVER
    may = request.acting.role == Role.RELEASE_ENGINEER and stands
    applies = request.acting.role == Role.HOMOLOGATION and stands
    context = {
        "report": found,
        "chip": words.REPORT[ReportState(found.state)],
        "result": words.RESULTS[found.result],
        "crumbs": [Crumb(_("Test reports"), reverse("m:reports")), Crumb(found.number)],
        "resting": queries.resting_on(found),
        "drafts": queries.drafts_for(found) if may else (),
        "may": may,
        "applies": applies,
        "applications": [
            (one, MATTERS[Matter(one.matter)]) for one in access.applications_for(found)
        ]
        if applies
        else (),
    }
    return render(request, "manufacturer/report.html", context)


@for_roles(Role.RELEASE_ENGINEER)
def attach(request: Signed, report_id: int, number: str) -> HttpResponse:
    """Attach a report to a draft release."""
    if request.method != "POST":
        found = queries.received(request.acting.organisation_id, report_id)
        return HttpResponseRedirect(reverse("m:report", args=[found.pk]))
    release = software.release(request.acting.organisation_id, number)
    reporting.attach(
        report_id=report_id,
        release_id=release.pk,
        store=stores.documents(),
        images=stores.images(),
        actor=request.acting.actor,
        at=datetime.now(UTC),
    )
    messages.success(request, _("The report is attached to {number}.").format(number=number))
    return HttpResponseRedirect(reverse("m:release", args=[number]))


@for_roles(Role.HOMOLOGATION)
def attach_to_application(
    request: Signed, report_id: int, application_id: int
) -> HttpResponseRedirect:
    """Attach a report to an application that is being written."""
    if request.method != "POST":
        found = queries.received(request.acting.organisation_id, report_id)
        return HttpResponseRedirect(reverse("m:report", args=[found.pk]))
    resting.rest_on(
        application_id=application_id,
        report_id=report_id,
        images=stores.images(),
        store=stores.documents(),
        actor=request.acting.actor,
        at=datetime.now(UTC),
    )
    messages.success(request, _("The report is attached."))
    return HttpResponseRedirect(reverse("m:application", args=[application_id]))


@for_roles(*MANUFACTURER)
def document(request: Signed, report_id: int) -> FileResponse:
    """Give back the report's document."""
    return downloads.of_report(queries.received(request.acting.organisation_id, report_id))


@for_roles(*MANUFACTURER)
def envelope(request: Signed, report_id: int) -> HttpResponse:
    """Give the institution's signed statement."""
    return downloads.envelope_of(queries.received(request.acting.organisation_id, report_id))
