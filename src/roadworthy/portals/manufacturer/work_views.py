"""The manufacturer's work list and calendar, and the duties of its types."""

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

from roadworthy.domains.documents import errors as document_errors
from roadworthy.domains.filings import reading
from roadworthy.domains.worklists import duties, queries
from roadworthy.domains.worklists.duties import Proof
from roadworthy.domains.worklists.states import DUTY, Action, State
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import (
    agenda_views,
    downloads,
    errors,
    keeping,
    presenting,
    work_views,
)
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField, Form, Upload
from roadworthy.portals.shared.shapes import Crumb
from roadworthy.portals.shared.work_views import Place

PLACE = Place("m", "manufacturer/base.html", MANUFACTURER)
_SUPPLEMENT = "N45-02"
_OF_DOCUMENTS = document_errors.__name__
_ON_FIELD = {
    "day-to-come": "sent_on",
    "day-before-approval": "sent_on",
    "evidence-missing": "reference",
    "no-such-filing": "filing",
}


class ProofForm(Form):
    sent_on = DayField(label=_later("Day on which it was sent"))
    reference = forms.CharField(
        label=_later("Number of the receipt or of the letter"), max_length=120, required=False
    )
    filing = forms.CharField(
        label=_later("Number of the filing here that it was sent with"),
        max_length=24,
        required=False,
    )
    evidence = forms.FileField(
        label=_later("Receipt or letter as a document"), required=False, widget=Upload
    )
    with_material = forms.BooleanField(
        label=_later("Verification material was enclosed"), required=False
    )

    def __init__(self, data: Any, files: Any = None, *, is_supplement: bool) -> None:
        super().__init__(data, files)
        if not is_supplement:
            del self.fields["with_material"]


@for_roles(*MANUFACTURER)
def work(request: Signed) -> HttpResponse:
    """List what has to be done."""
    return work_views.work_list(request, PLACE)


@for_roles(*MANUFACTURER)
def work_item(request: Signed, kind: str, item_id: int) -> HttpResponse:
    """Show one piece of work, and hand it over."""
    return work_views.item_page(request, PLACE, kind, item_id)


@for_roles(*MANUFACTURER)
def calendar(request: Signed) -> HttpResponse:
    """Show a month."""
    return work_views.calendar(request, PLACE)


@for_roles(*MANUFACTURER)
def work_settings(request: Signed) -> HttpResponse:
    """Choose how to be told."""
    return agenda_views.settings_page(request, PLACE)


@for_roles(*MANUFACTURER)
def duty(request: Signed, duty_id: int) -> HttpResponse:
    """Show what a type owes by itself, and take the statement that it was done."""
    found = queries.type_duty(request.acting.organisation_id, duty_id)
    form = ProofForm(None, is_supplement=found.rule_id == _SUPPLEMENT)
    if request.method == "POST":
        form = ProofForm(request.POST, request.FILES, is_supplement=found.rule_id == _SUPPLEMENT)
        done = _taken(request, found, form)
        if done:
            messages.success(request, done)
            return HttpResponseRedirect(reverse("m:duty", args=[duty_id]))
    may = set(DUTY.available(State(found.state), request.acting.role))
    today = work_views.today()
    context = {
        "duty": found,
        "view": presenting.duty(found, today, subject=found.type.code),
        "article": presenting.article(queries.article(found.rule_id, None).to_json()),  # type: ignore[union-attr]
        "siblings": [
            (one, presenting.duty(one, today, href=reverse("m:duty", args=[one.pk])))
            for one in queries.same_rule(found)
        ],
        "why": localised(found.why),
        "document": queries.evidence(found) if found.evidence_sha256 else None,
        "form": form if Action.FULFIL in may else None,
        "may_reopen": Action.REOPEN in may,
        "crumbs": [Crumb(_("Obligations"), reverse("m:obligations")), Crumb(found.type.code)],
    }
    status = 422 if form.errors else 200
    return render(request, "manufacturer/duty.html", context, status=status)


def _taken(request: Signed, found: Any, form: ProofForm) -> str:
    """Take the step that was asked for; return what to say, or nothing with the form's errors."""
    common: dict[str, Any] = {
        "duty_id": found.pk,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if request.POST.get("act") == Action.REOPEN:
        duties.reopen(**common)
        return _("It is open again.")
    if not form.is_valid():
        return ""
    try:
        proof = Proof(
            sent_on=form.cleaned_data["sent_on"],
            reference=form.cleaned_data["reference"].strip(),
            filing_id=_filed(request, form.cleaned_data["filing"]),
            evidence_sha256=keeping.digest_of(request, form.cleaned_data["evidence"]),
            with_material=form.cleaned_data.get("with_material"),
        )
        duties.fulfil(**common, proof=proof)
    except DomainError as error:
        field = "evidence" if type(error).__module__ == _OF_DOCUMENTS else None
        form.add_error(_ON_FIELD.get(error.code, field), errors.sentence(error))
        return ""
    return _("Written down: it was done.")


def _filed(request: Signed, number: str) -> int | None:
    """Return the filing of that number; nothing where none is named.

    Raises:
        NoSuchFiling: the organisation handed in none of that number.
    """
    if not number.strip():
        return None
    return reading.handed_in(request.acting.organisation_id, number.strip()).pk


@for_roles(*MANUFACTURER)
def duty_evidence(request: Signed, duty_id: int) -> FileResponse:
    """Give back the document that shows that a duty was done."""
    document = queries.evidence(queries.type_duty(request.acting.organisation_id, duty_id))
    if document is None:
        raise Http404
    return downloads.of_kept(document)
