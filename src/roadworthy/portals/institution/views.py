"""The institution's reports: the list, entering one, reading one, and the steps with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.debug import sensitive_post_parameters

from roadworthy import stores
from roadworthy.domains.documents import errors as document_errors
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software import reporting
from roadworthy.domains.software import reports as queries
from roadworthy.domains.software.states import REPORT, ReportAction, ReportState
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.institution import page
from roadworthy.portals.institution.forms import ReportForm
from roadworthy.portals.shared import downloads, errors, stories, words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

_HISTORY = 20
_FIELDS = {
    "report-number-taken": "number",
    "report-subject-missing": "subjects",
    "report-bad-subject": "subjects",
    "bad-digest": "subjects",
    "report-tested-later": "tested_on",
    "report-manufacturer": "manufacturer",
}
_OF_DOCUMENTS = document_errors.__name__


class ReportFilter(FilterForm):
    search = Search(label=_later("Number, title, standard or manufacturer"))
    state = forms.ChoiceField(label=_later("State"))


@for_roles(Role.TEST_ENGINEER)
def reports(request: Signed) -> HttpResponse:
    """List the institution's reports."""
    mine = request.acting.organisation_id
    choices = {
        "state": [
            (str(key), chip.text)
            for key, chip in words.REPORT.items()
            if key != ReportState.DISCARDED
        ]
    }
    found = listing(
        request,
        lambda sort, **filters: queries.of_institution(mine, sort=sort, **filters),
        nothing=Empty(
            _("No report has been entered"),
            _("Enter a report, sign it, and hand it over to the manufacturer."),
            (Button(_("Enter a report"), reverse("t:report-enter")),),
        ),
        form=ReportFilter(request, choices),
        sort="-entered",
    )
    rows = [
        (one, words.REPORT[ReportState(one.state)], words.RESULTS[one.result]) for one in found.page
    ]
    context = {"listing": found, "sort": found.sort, "rows": rows}
    return render(request, "institution/reports.html", context)


@for_roles(Role.TEST_ENGINEER)
def enter(request: Signed) -> HttpResponse:
    """Enter a report as a draft."""
    makers = organisations.of_kind(Kind.MANUFACTURER)
    form = ReportForm(request.POST or None, request.FILES or None, manufacturers=makers)
    if form.is_bound and form.is_valid():
        try:
            made = reporting.enter(
                institution_id=request.acting.organisation_id,
                manufacturer_id=form.cleaned_data["manufacturer"],
                findings=form.findings,
                filename=form.cleaned_data["file"].name,
                content=form.cleaned_data["file"].file,
                store=stores.documents(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            about_file = {error.code: "file"} if type(error).__module__ == _OF_DOCUMENTS else {}
            errors.on_form(form, error, _FIELDS | about_file)
        else:
            messages.success(
                request,
                _("{number} is entered. Read it again, then sign it.").format(number=made.number),
            )
            return HttpResponseRedirect(reverse("t:report", args=[made.pk]))
    context = {
        "form": form,
        "crumbs": [Crumb(_("Test reports"), reverse("t:reports")), Crumb(_("Enter a report"))],
        "heading": _("Enter a report"),
        "back": reverse("t:reports"),
        "base": "institution/base.html",
    }
    return render(request, "shared/form.html", context, status=422 if form.errors else 200)


@for_roles(Role.TEST_ENGINEER)
def report(request: Signed, report_id: int) -> HttpResponse:
    """Show a report with what it speaks of, its signature and what can be done with it."""
    found = queries.own(request.acting.organisation_id, report_id)
    actions = REPORT.available(ReportState(found.state), request.acting.role)
    context = {
        "report": found,
        "chip": words.REPORT[ReportState(found.state)],
        "result": words.RESULTS[found.result],
        "crumbs": [Crumb(_("Test reports"), reverse("t:reports")), Crumb(found.number)],
        "actions": page.buttons(found, actions),
        "events": stories.events(ledger.latest_about(f"test-report/{found.pk}", _HISTORY)),
    }
    return render(request, "institution/report.html", context)


@for_roles(Role.TEST_ENGINEER)
@sensitive_post_parameters("passphrase")
def act(request: Signed, report_id: int, action: str) -> HttpResponse:
    """Ask before a step, then take it."""
    found = queries.own(request.acting.organisation_id, report_id)
    if action not in set(ReportAction):
        raise Http404
    wanted = ReportAction(action)
    form = page.form_of(wanted, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            _take(wanted, found, request, form)
        except DomainError as error:
            if form is None:
                raise
            errors.on_form(form, error, {"trust.wrong_passphrase": "passphrase"})
        else:
            messages.success(request, page.said(wanted, found.number))
            gone = wanted == ReportAction.DISCARD
            return HttpResponseRedirect(
                reverse("t:reports") if gone else reverse("t:report", args=[found.pk])
            )
    context = {"ask": page.ask(found, wanted, form), "base": "institution/base.html"}
    status = 422 if form is not None and form.errors else 200
    return render(request, "shared/confirm.html", context, status=status)


@for_roles(Role.TEST_ENGINEER)
def document(request: Signed, report_id: int) -> FileResponse:
    """Give back the report's document."""
    return downloads.of_report(queries.own(request.acting.organisation_id, report_id))


@for_roles(Role.TEST_ENGINEER)
def envelope(request: Signed, report_id: int) -> HttpResponse:
    """Give the institution's signed statement."""
    return downloads.envelope_of(queries.own(request.acting.organisation_id, report_id))


def _take(action: ReportAction, found: Any, request: Signed, form: Any) -> None:
    common: dict[str, Any] = {
        "report_id": found.pk,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if action == ReportAction.SIGN:
        reporting.sign(
            **common,
            passphrase=form.cleaned_data["passphrase"],
            keystore=stores.keystore(),
        )
    elif action == ReportAction.HAND_OVER:
        reporting.hand_over(**common)
    elif action == ReportAction.REVOKE:
        reporting.revoke(**common, reason=form.cleaned_data["reason"])
    else:
        reporting.discard(**common)
