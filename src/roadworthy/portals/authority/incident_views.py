"""Reports of incidents before an authority: read, acknowledge, ask. The other's are not here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from roadworthy import stores
from roadworthy.domains.incidents import acknowledging, asking, fields, reading, reporting
from roadworthy.domains.incidents.states import CopyState, QuestionState, Series, Trigger
from roadworthy.domains.ledger import queries as ledger
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, incident_words, incidents, stories
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.forms import Form, PassphraseField
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb, Tab

_HISTORY = 50
# What else happens to an incident is the manufacturer's, or the other authority's, to know.
_SEEN = frozenset({"incident:reported", "incident:acknowledged"})


class ReportFilter(FilterForm):
    search = Search(label=_later("Number, type, manufacturer or words"))
    series = forms.ChoiceField(label=_later("Kind of report"))


class AcknowledgeForm(Form):
    """An acknowledgement is a signature: it asks for the passphrase of one's own key."""

    note = forms.CharField(
        required=False,
        label=_later("Note to the manufacturer"),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 2}),
    )
    passphrase = PassphraseField()


class AskForm(Form):
    text = forms.CharField(
        label=_later("Your question"),
        help_text=_later("The manufacturer reads it; the other authority does not."),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 3}),
    )


@for_roles(*AUTHORITY)
@never_cache
def index(request: Signed) -> HttpResponse:
    """List the reports before the authority, those that wait first."""
    mine = request.acting.organisation_id
    view = request.GET.get("view", reading.WAITING)
    view = view if view == reading.ACKNOWLEDGED else reading.WAITING
    counts = reading.counts_before(mine)
    names = {
        reading.WAITING: _("To acknowledge"),
        reading.ACKNOWLEDGED: pgettext("incident report", "Acknowledged"),
    }
    choices = {"series": [(str(key), text) for key, text in incident_words.SERIES.items()]}
    listed = listing(
        request,
        lambda sort, **filters: reading.before_authority(mine, view=view, sort=sort, **filters),
        nothing=Empty(
            _("No report is here"), _("What manufacturers report of incidents appears here.")
        ),
        form=ReportFilter(request, choices),
        sort="-sent",
    )
    context = {
        "listing": listed,
        "sort": listed.sort,
        "rows": [_row(one) for one in listed.page],
        "tabs": [
            Tab(text, f"{reverse('a:incidents')}?view={key}", key == view, counts[key])
            for key, text in names.items()
        ],
    }
    return render(request, "authority/incidents.html", context)


@for_roles(*AUTHORITY)
@never_cache
def incident(request: Signed, copy_id: int) -> HttpResponse:
    """Show a report exactly as it was sent, with its digest computed anew."""
    return _shown(request, copy_id)


@for_roles(*AUTHORITY)
@require_POST
@never_cache
@sensitive_post_parameters("passphrase")
def acknowledge(request: Signed, copy_id: int) -> HttpResponse:
    """Say that the report has arrived, over one's own signature."""
    found = reading.addressed(request.acting.organisation_id, copy_id)
    form = AcknowledgeForm(request.POST)
    if form.is_valid():
        try:
            acknowledging.acknowledge(
                copy_id=found.pk,
                passphrase=form.cleaned_data["passphrase"],
                keystore=stores.keystore(),
                note=form.cleaned_data["note"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"trust.wrong_passphrase": "passphrase"})
        else:
            said = _("{number} is acknowledged.").format(number=found.report.number)
            messages.success(request, said)
            return HttpResponseRedirect(reverse("a:incident", args=[found.pk]))
    return _shown(request, copy_id, acknowledging=form)


@for_roles(*AUTHORITY)
@never_cache
def acknowledgement(request: Signed, copy_id: int) -> HttpResponse:
    """Give out what the authority signed: a DSSE envelope over the report's digest."""
    return incidents.envelope(reading.addressed(request.acting.organisation_id, copy_id))


@for_roles(*AUTHORITY)
@require_POST
@never_cache
def ask(request: Signed, copy_id: int) -> HttpResponse:
    """Ask the manufacturer about the incident."""
    found = reading.addressed(request.acting.organisation_id, copy_id)
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            asking.ask(
                incident_id=found.report.incident_id,
                text=form.cleaned_data["text"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("The manufacturer reads your question."))
            place = reverse("a:incident", args=[found.pk]) + "#questions"
            return HttpResponseRedirect(place)
    return _shown(request, copy_id, asking_form=form)


def _shown(request: Signed, copy_id: int, **more: Any) -> HttpResponse:
    found = reading.addressed(request.acting.organisation_id, copy_id)
    report = found.report
    context = {
        "copy": found,
        "signature": acknowledging.signature(found),
        "report": report,
        "series": incident_words.SERIES[Series(report.series)],
        "chip": incident_words.COPIES[CopyState(found.state)],
        "late": found.due_at is not None and found.sent_at > found.due_at,
        "content": incidents.content(report),
        "is_whole": reporting.is_whole(report),
        "others": [_row(one) for one in reading.same_incident(found) if one.pk != found.pk],
        "questions": [
            (one, incident_words.QUESTIONS[QuestionState(one.state)])
            for one in reading.asked(found)
        ],
        "acknowledging": AcknowledgeForm() if found.state == CopyState.SENT else None,
        "asking_form": AskForm(),
        "crumbs": [Crumb(_("Incidents"), reverse("a:incidents")), Crumb(report.number)],
        "events": stories.events(
            one
            for one in ledger.latest_about(f"incident/{report.incident_id}", _HISTORY)
            if one.event in _SEEN
        ),
        **more,
    }
    bad = any(getattr(form, "errors", None) for form in more.values())
    return render(request, "authority/incident.html", context, status=422 if bad else 200)


def _row(one: Any) -> dict[str, Any]:
    report = one.report
    return {
        "copy": one,
        "report": report,
        "learned_at": datetime.fromisoformat(report.content["learned_at"]),
        "series": incident_words.SERIES[Series(report.series)],
        "trigger": incident_words.TRIGGERS[Trigger(report.content["trigger"])],
        "kinds": incident_words.kinds(report.content["stated"].get("incident_kinds")),
        "chip": incident_words.COPIES[CopyState(one.state)],
        "late": one.due_at is not None and one.sent_at > one.due_at,
    }
