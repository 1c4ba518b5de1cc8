"""Notices to owners that came back: what came back, and sending it again."""

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
from django.views.decorators.cache import never_cache

from roadworthy.domains.recalls import queries as recalls
from roadworthy.domains.remedies import queries, services
from roadworthy.domains.remedies.states import Channel
from roadworthy.kernel import vin
from roadworthy.kernel.errors import DomainError, Invalid
from roadworthy.portals.manufacturer import remedy_page
from roadworthy.portals.manufacturer.remedy_views import READERS, crumbs
from roadworthy.portals.shared import errors
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Chip, Crumb, Tone

STAGES = {"open": _later("Reached nobody yet"), "again": _later("Sent again")}


class ReturnedFilter(FilterForm):
    search = Search(label=_later("VIN, or its beginning"), max_length=17)
    channel = forms.ChoiceField(label=_later("Channel"))
    stage = forms.ChoiceField(label=_later("State"))


class ReturnedForm(Form):
    vin = forms.CharField(label=_later("VIN"), max_length=40)
    channel = forms.ChoiceField(label=_later("Channel"), choices=list(remedy_page.CHANNELS.items()))
    reason = forms.CharField(
        label=_later("What the carrier says"),
        help_text=_later("For example: moved, unknown, mailbox full, number not in use."),
        max_length=200,
    )

    def clean_vin(self) -> str:
        """Read the VIN; its check digit too."""
        try:
            return vin.parse(self.cleaned_data["vin"]).text
        except Invalid as wrong:
            raise forms.ValidationError(_(wrong.message).format(**wrong.data)) from None


class AgainForm(Form):
    """The new address; of a letter, also what proves that it was posted again."""

    address = forms.CharField(label=_later("Where it goes now"), max_length=300)
    proof = forms.CharField(
        label=_later("What proves the posting"),
        help_text=_later("Number of the registered items, or of the post office's receipt."),
        max_length=120,
    )

    def __init__(self, data: Any, *, channel: Channel) -> None:
        super().__init__(data)
        if channel != Channel.LETTER:
            del self.fields["proof"]


@for_roles(*READERS)
@never_cache
def returned(request: Signed, plan_id: int) -> HttpResponse:
    """List the notices that came back; write another one down."""
    plan = recalls.plan(request.acting.organisation_id, plan_id)
    form = ReturnedForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.record_returned(
                plan_id=plan.pk,
                actor=request.acting.actor,
                at=datetime.now(UTC),
                **form.cleaned_data,
            )
        except DomainError as error:
            errors.on_form(form, error, {error.code: "vin"})
        else:
            messages.success(request, _("Written down. The vehicle is on the list to follow up."))
            return HttpResponseRedirect(reverse("m:remedy-returned", args=[plan.pk]))
    choices: dict[str, list[tuple[Any, Any]]] = {
        "channel": [(str(key), text) for key, text in remedy_page.CHANNELS.items()],
        "stage": list(STAGES.items()),
    }
    found = listing(
        request,
        lambda **used: queries.returned(plan.pk, **used),
        nothing=Empty(_("No notice has come back")),
        form=ReturnedFilter(request, choices),
        per_page=50,
    )
    context = {
        "plan": plan,
        "crumbs": crumbs(plan, _("Notices that came back")),
        "told": queries.progress(plan.pk),
        "listing": found,
        "rows": [_row(one) for one in found.page],
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "manufacturer/remedy_returned.html", context, status=status)


@for_roles(*READERS)
@never_cache
def again(request: Signed, returned_id: int) -> HttpResponse:
    """Send a notice again to another address."""
    row = queries.returned_one(request.acting.organisation_id, returned_id)
    plan, channel = row.mailing.plan, Channel(row.mailing.channel)
    back = reverse("m:remedy-returned", args=[plan.pk])
    form = AgainForm(request.POST or None, channel=channel)
    if form.is_bound and form.is_valid():
        try:
            services.send_again(
                returned_id=row.pk,
                actor=request.acting.actor,
                at=datetime.now(UTC),
                **form.cleaned_data,
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("Written down. The notice goes to the new address."))
            return HttpResponseRedirect(back)
    heading = _("Send it again")
    context = {
        "form": form,
        "heading": heading,
        "lead": f"{remedy_page.CHANNELS[channel]} · {row.vehicle.vin} · {row.reason}",
        "crumbs": [*crumbs(plan, _("Notices that came back"), back), Crumb(heading)],
        "back": back,
        "submit": heading,
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def _row(one: Any) -> dict[str, Any]:
    if one.remedied:
        state = Chip(Tone.MET, _("Remedied all the same"))
    elif one.again_at is not None:
        state = Chip(Tone.LIVE, _("Sent again"))
    elif one.answer:
        state = Chip(Tone.LIVE, remedy_page.CHOICES[one.answer])
    else:
        state = Chip(Tone.DUE, _("Reached nobody yet"))
    return {
        "one": one,
        "channel": remedy_page.CHANNELS[Channel(one.mailing.channel)],
        "state": state,
        "may_send": one.again_at is None and not one.remedied,
    }
