"""What an owner has to complain of about this update, and what they are answered.

The link is the proof of who asks, as on the notice; nobody is asked for a name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from roadworthy.domains.aftersales import intake, queries, services
from roadworthy.domains.aftersales.records import LONGEST
from roadworthy.domains.aftersales.states import Category, State
from roadworthy.domains.campaigns.consents import NoSuchLink
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.owner.views import private
from roadworthy.portals.shared import errors, throttle, words
from roadworthy.portals.shared.access import for_everybody
from roadworthy.portals.shared.forms import Form

_LONGEST_ID = 12  # digits


class ComplaintForm(Form):
    """In the owner's own words; a telephone number only if they want to be called."""

    category = forms.ChoiceField(
        label=_later("What is it about?"),
        choices=[(str(key), text) for key, text in words.CATEGORIES.items()],
    )
    words = forms.CharField(
        label=_later("What happened?"), max_length=LONGEST, widget=forms.Textarea({"rows": 6})
    )
    contact = forms.CharField(
        required=False,
        max_length=200,
        label=_later("How we may reach you"),
        help_text=_later("Leave it empty to read the answer here."),
    )


class MoreForm(Form):
    words = forms.CharField(
        label=_later("Add something"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )


# Exempt: no cookie speaks for the owner here, only the address does (as on the notice).
@csrf_exempt
@for_everybody
@never_cache
@private
@require_http_methods(["GET", "HEAD", "POST"])
def complaint(request: HttpRequest, token: str) -> HttpResponse:
    """Take a complaint, something more about one, or take one back; show what was answered."""
    machine = throttle.machine_of(request)
    if not throttle.UNKNOWN_LINKS.allows(machine):
        return _plain(request, 429, _("Too many attempts"), _("Wait 15 minutes, then try again."))
    try:
        if request.method == "POST":
            return _taken(request, token)
        return _shown(request, token, ComplaintForm())
    except NoSuchLink:
        throttle.UNKNOWN_LINKS.count(machine)
        heading = _("This link does not lead anywhere")
        return _plain(request, 404, heading, _("Use the newest one that you were sent."))


def _taken(request: HttpRequest, token: str) -> HttpResponse:
    about = _id(request)
    form: Form = ComplaintForm(request.POST) if about is None else MoreForm(request.POST)
    if "take_back" not in request.POST and not form.is_valid():
        return _shown(request, token, form, about=about, status=422)
    if not throttle.ANSWERS.allows(token):
        form.add_error(None, _("You have written very often. Wait an hour, then try again."))
        return _shown(request, token, form, about=about, status=429)
    throttle.ANSWERS.count(token)
    try:
        _keep(request, token, form, about)
    except NoSuchLink:
        raise
    except DomainError as error:
        errors.on_form(form, error)
        return _shown(request, token, form, about=about, status=errors.status_of(error))
    return HttpResponseRedirect(reverse("o:complaint", args=[token]))


def _keep(request: HttpRequest, token: str, form: Form, about: int | None) -> None:
    now = datetime.now(UTC)
    if about is None:
        values = form.cleaned_data
        account = intake.Account(
            category=Category(values["category"]),
            words=values["words"],
            contact=values["contact"],
        )
        intake.complain(token=token, account=account, at=now)
    elif "take_back" in request.POST:
        services.owner_takes_back(token=token, complaint_id=about, at=now)
    else:
        services.owner_writes(
            token=token, complaint_id=about, words=form.cleaned_data["words"], at=now
        )


def _shown(
    request: HttpRequest, token: str, form: Form, *, about: int | None = None, status: int = 200
) -> HttpResponse:
    mine: list[dict[str, Any]] = [
        {
            "complaint": one,
            "chip": words.COMPLAINT[one.state],
            "form": None
            if one.state == State.TAKEN_BACK
            else form
            if one.id == about
            else MoreForm(),
            "may_take_back": one.state in {State.RECEIVED, State.ANSWERED, State.IN_DISPUTE},
        }
        for one in queries.of_owner(token)
    ]
    context = {
        "mine": mine,
        "form": form if about is None else ComplaintForm(),
        "back": reverse("o:notice", args=[token]),
    }
    return render(request, "owner/complaint.html", context, status=status)


def _plain(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    context = {"heading": heading, "text": text}
    return render(request, "owner/plain.html", context, status=status)


def _id(request: HttpRequest) -> int | None:
    raw = request.POST.get("about", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= _LONGEST_ID else None
