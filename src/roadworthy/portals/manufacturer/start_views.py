"""The first page, the calendar of obligations, and the manufacturer's part of the log."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from roadworthy.domains.campaigns import overview
from roadworthy.domains.conformity import queries as conformity
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import queries as worklists
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.manufacturer import bars, release_views
from roadworthy.portals.manufacturer.work_views import PLACE
from roadworthy.portals.shared import stories, work, work_views
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button

_SOON, _RECENT = 7, 6


class DutyFilter(FilterForm):
    search = Search(label=_later("Release, type or rule"))
    which = forms.ChoiceField(label=_later("Which"))


@for_roles(*MANUFACTURER)
def start(request: Signed) -> HttpResponse:
    """Say what waits: duties, releases in work, campaigns that run."""
    mine = request.acting.organisation_id
    today = legal_day(datetime.now(UTC))
    waiting = overview.waiting(mine)
    in_work = release_views.rows(overview.in_work(mine)[:_RECENT])
    runs = [bars.of_place(row) for row in in_work if row["place"].campaign]
    agenda = work_views.first(request, PLACE)
    owed = worklists.duties(mine, today=today)[:_SOON]
    duties = {"open": [work.duty(item, "m", today, request.acting.role) for item in owed]}
    context = {
        "waiting": waiting,
        "owed": agenda["owed"],
        "findings": conformity.unsettled(mine),
        "duties": duties,
        "rows": in_work,
        "runs": runs,
        "first": not in_work,
        "may_register": request.acting.role == Role.RELEASE_ENGINEER,
        "organisation": localised(request.acting.name),
        "work": agenda,
    }
    return render(request, "manufacturer/start.html", context)


@for_roles(*MANUFACTURER)
def obligations(request: Signed) -> HttpResponse:
    """List what is owed by when, because of which rule."""
    mine = request.acting.organisation_id
    today = legal_day(datetime.now(UTC))
    choices = [("", _("Open")), ("overdue", _("Overdue")), ("done", _("Done"))]
    nothing = Empty(
        _("Nothing is owed"),
        _("Duties appear when a type is approved, and when a release is classified or rolled out."),
        (Button(_("Releases"), reverse("m:releases")),),
    )
    found = listing(
        request,
        lambda **filters: worklists.duties(mine, today=today, **filters),
        nothing=nothing,
        form=DutyFilter(request, {"which": choices}),
    )
    context = {
        "listing": found,
        "duties": {
            "open": [work.duty(item, "m", today, request.acting.role) for item in found.page]
        },
        "may_choose": request.acting.role == Role.COMPLIANCE_OFFICER,
    }
    return render(request, "manufacturer/obligations.html", context)


@for_roles(*MANUFACTURER)
def log(request: Signed) -> HttpResponse:
    """Show the ledger entries about the manufacturer's releases, newest first."""
    nothing = Empty(_("The log is empty"), _("Every step with legal weight becomes an entry here."))
    found = listing(
        request,
        lambda: overview.ledger_of(request.acting.organisation_id),
        nothing=nothing,
        per_page=50,
    )
    entries = [(stories.event(told), number) for told, number in overview.told(found.page)]
    return render(request, "manufacturer/log.html", {"listing": found, "entries": entries})
