"""What the producer files besides recall plans: changed particulars, recalls outside China."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.recalls import producer
from roadworthy.domains.recalls.producer import ABROAD, CHANGE, WRITERS
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.defect_forms import words
from roadworthy.portals.shared import errors, presenting
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, DayField, Form
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Button, Crumb

KINDS = {
    ABROAD: _later("Recall outside China"),
    CHANGE: _later("Changed particulars of the producer"),
}


class EnterForm(Form):
    kind = Choice(label=_later("What it is"), choices=list(KINDS.items()))
    happened_on = DayField(
        label=_later("Since when"),
        help_text=_later("The day of the change, or the first day of the recall abroad."),
    )
    title_zh = forms.CharField(label=_later("Title in Chinese"), max_length=120)
    title_en = forms.CharField(label=_later("Title in English"), max_length=120)
    source = forms.CharField(
        label=_later("Where it stands"),
        help_text=_later("The foreign authority's number or address; the document of the change."),
        max_length=300,
    )


class FileForm(Form):
    on = DayField(label=_later("Filed with SAMR on"))
    proof = forms.CharField(label=_later("What proves it"), max_length=120)


class AssessForm(Form):
    on = DayField(label=_later("Assessed on"))
    words = words(_later("What was found of the same products in China"))
    defect_number = forms.CharField(
        required=False,
        max_length=24,
        label=_later("Number of the analysis"),
        help_text=_later("If a defect is possible here too: open its analysis first."),
    )


@for_roles(*WRITERS)
@never_cache
def matters(request: Signed) -> HttpResponse:
    """List what was written down, with what is owed of it."""
    today = legal_day(datetime.now(UTC))
    found = listing(
        request,
        lambda: producer.matters(request.acting.organisation_id),
        nothing=Empty(
            _("Nothing was written down"),
            _("A recall outside China and a change of your particulars are filed with SAMR."),
        ),
        per_page=20,
    )
    new = Button(_("Write one down"), reverse("m:producer-new"), "primary")
    context = {
        "listing": found,
        "new": new,
        "crumbs": _crumbs(),
        "rows": [(one, KINDS[one.kind], _findings(one, today)) for one in found.page],
    }
    return render(request, "manufacturer/producer.html", context)


@for_roles(*WRITERS)
@never_cache
def new(request: Signed) -> HttpResponse:
    """Write down a change or a recall abroad."""
    form = EnterForm(request.POST or None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            producer.enter(
                kind=given["kind"],
                happened_on=given["happened_on"],
                title={"zh-hans": given["title_zh"], "en": given["title_en"]},
                source=given["source"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"recall-wrong-day": "happened_on"})
        else:
            messages.success(request, _("Written down."))
            return HttpResponseRedirect(reverse("m:producer"))
    return _written(request, form, _("Write one down"))


@for_roles(*WRITERS)
@never_cache
def act(request: Signed, matter_id: int, step: str) -> HttpResponse:
    """Write down that one was filed, or what was found of the products in China."""
    found = producer.matter(request.acting.organisation_id, matter_id)
    if step not in {"file", "assess"} or (step == "assess" and found.kind != ABROAD):
        raise Http404
    form = FileForm(request.POST or None) if step == "file" else AssessForm(request.POST or None)
    if form.is_bound and form.is_valid():
        take = producer.file if step == "file" else producer.assess
        try:
            take(
                matter_id=found.pk,
                actor=request.acting.actor,
                at=datetime.now(UTC),
                **form.cleaned_data,
            )
        except DomainError as error:
            fields = {"recall-wrong-day": "on", "no-such-defect": "defect_number"}
            errors.on_form(form, error, fields)
        else:
            messages.success(request, _("Written down."))
            return HttpResponseRedirect(reverse("m:producer"))
    heading = _("It is filed") if step == "file" else _("The products in China were assessed")
    return _written(request, form, heading, lead=localised(found.title))


def _written(request: Signed, form: Any, heading: str, lead: str = "") -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "crumbs": [*_crumbs(reverse("m:producer")), Crumb(heading)],
        "back": reverse("m:producer"),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def _findings(one: Any, today: Any) -> list[Any]:
    result = producer.evaluate(one, today=today)
    return [presenting.finding(row) for row in result.to_json()["findings"]]


def _crumbs(here: str = "") -> list[Crumb]:
    return [
        Crumb(_("Defects"), reverse("m:defects")),
        Crumb(_("Filed with SAMR besides plans"), here),
    ]
