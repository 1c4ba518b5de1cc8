"""What happened to an owner's vehicle, told behind the link of a notice.

The link is the proof of who tells, as on the notice; nobody is asked for a name.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from roadworthy.domains.aftersales import intake as aftersales
from roadworthy.domains.campaigns.consents import NoSuchLink
from roadworthy.domains.incidents import fields, intake
from roadworthy.domains.incidents.states import Trigger
from roadworthy.kernel.calendar import SHANGHAI
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.owner.views import private
from roadworthy.portals.shared import errors, incident_words, throttle
from roadworthy.portals.shared.access import for_everybody
from roadworthy.portals.shared.forms import Form

_TOLD = (
    Trigger.COLLISION,
    Trigger.THERMAL,
    Trigger.LOSS_OF_CONTROL,
    Trigger.DISENGAGEMENT,
    Trigger.INTRUSION,
    Trigger.OTHER,
)
_KINDS = {Trigger.THERMAL: "smoke"}


class IncidentForm(Form):
    """In the owner's own words."""

    trigger = forms.ChoiceField(
        label=_later("What happened?"),
        choices=[(str(one), incident_words.TRIGGERS[one]) for one in _TOLD],
    )
    words = forms.CharField(
        label=_later("Tell it in your own words"),
        max_length=fields.LONGEST,
        widget=forms.Textarea({"rows": 6}),
    )
    hurt = forms.ChoiceField(
        label=_later("Was anybody hurt?"),
        choices=[("no", _later("no")), ("yes", _later("yes")), ("", _later("not known"))],
        required=False,
    )
    occurred_at = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%d"],
        label=_later("When was it?"),
        help_text=_later("Day and time, Asia/Shanghai"),
        widget=forms.TextInput({"placeholder": "2026-08-31 09:14", "autocomplete": "off"}),
        error_messages={
            "invalid": _later(
                "This is no moment. Write day and time, for example 2026-08-31 09:14."
            )
        },
    )
    contact = forms.CharField(required=False, max_length=200, label=_later("How we may reach you"))


# Exempt: no cookie speaks for the owner here, only the address does (as on the notice).
@csrf_exempt
@for_everybody
@never_cache
@private
@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: HttpRequest, token: str) -> HttpResponse:
    """Take in what an owner tells of an incident."""
    machine = throttle.machine_of(request)
    if not throttle.UNKNOWN_LINKS.allows(machine):
        return _plain(request, 429, _("Too many attempts"), _("Wait 15 minutes, then try again."))
    try:
        aftersales.behind(token)
        if request.method == "POST":
            return _taken(request, token)
        return _shown(request, token, IncidentForm())
    except NoSuchLink:
        throttle.UNKNOWN_LINKS.count(machine)
        heading = _("This link does not lead anywhere")
        return _plain(request, 404, heading, _("Use the newest one that you were sent."))


def _taken(request: HttpRequest, token: str) -> HttpResponse:
    form = IncidentForm(request.POST)
    if not form.is_valid():
        return _shown(request, token, form, status=422)
    if not throttle.ANSWERS.allows(token):
        form.add_error(None, _("You have written very often. Wait an hour, then try again."))
        return _shown(request, token, form, status=429)
    throttle.ANSWERS.count(token)
    try:
        intake.owner_tells(token=token, told=_told(form), at=datetime.now(UTC))
    except NoSuchLink:
        raise
    except DomainError as error:
        errors.on_form(form, error, {"incident-happened-after-learning": "occurred_at"})
        return _shown(request, token, form, status=errors.status_of(error))
    heading = _("Thank you. The manufacturer has it now")
    text = _("What your vehicle recorded is kept. Call for help first if anybody is in danger.")
    return _plain(request, 200, heading, text)


def _told(form: IncidentForm) -> intake.Told:
    values = form.cleaned_data
    trigger = Trigger(values["trigger"])
    stated = {
        "occurred_at": values["occurred_at"].replace(tzinfo=SHANGHAI)
        if values["occurred_at"]
        else None,
        "casualties_or_major_impact": {"yes": True, "no": False}.get(values["hurt"]),
        "incident_kinds": [_KINDS[trigger]] if trigger in _KINDS else None,
    }
    return intake.Told(
        trigger=trigger,
        learned_at=datetime.now(UTC),
        words=values["words"],
        stated={name: value for name, value in stated.items() if value is not None},
        contact=values["contact"],
    )


def _shown(
    request: HttpRequest, token: str, form: IncidentForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "back": reverse("o:notice", args=[token])}
    return render(request, "owner/incident.html", context, status=status)


def _plain(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    context = {"heading": heading, "text": text}
    return render(request, "owner/plain.html", context, status=status)
