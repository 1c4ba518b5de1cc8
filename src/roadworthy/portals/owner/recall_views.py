"""A recall behind the owner's own link: defect, what to do until then, remedy, an answer.

The address is the proof of who answers, as with an update's notice: no account, no cookie.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from roadworthy.domains.remedies import queries, services
from roadworthy.domains.remedies.queries import OwnersRecall
from roadworthy.domains.remedies.states import Choice as Said
from roadworthy.portals.owner.views import private
from roadworthy.portals.shared import recall_links, throttle
from roadworthy.portals.shared.access import for_everybody
from roadworthy.portals.shared.forms import Choice, Form


class AnswerForm(Form):
    """Nothing is preselected."""

    choice = Choice(
        label=_later("Your answer"),
        choices=(
            (Said.ACCEPT.value, _later("I agree to the remedy")),
            (Said.DECLINE.value, _later("I do not want it now")),
        ),
        hints={
            Said.ACCEPT.value: _later("You are told how and when; it is free of charge"),
            Said.DECLINE.value: _later(
                "The defect stays in the car. The manufacturer will ask you again"
            ),
        },
    )


@csrf_exempt  # as the notice of an update: only the address speaks for the owner
@for_everybody
@never_cache
@private
@require_http_methods(["GET", "HEAD", "POST"])
def recall(request: HttpRequest, token: str) -> HttpResponse:
    """Show the owner the recall of their vehicle, and take their answer."""
    machine = throttle.machine_of(request)
    if not throttle.UNKNOWN_LINKS.allows(machine):
        return _plain(request, 429, _("Too many attempts"), _("Wait 15 minutes, then try again."))
    behind = recall_links.behind(token)
    found = queries.owners_recall(*behind) if behind else None
    if behind is None or found is None:
        throttle.UNKNOWN_LINKS.count(machine)
        heading = _("This link does not lead anywhere")
        return _plain(request, 404, heading, _("Use the newest one that you were sent."))
    if request.method != "POST":
        return _shown(request, found, AnswerForm())
    if not throttle.ANSWERS.allows(token):
        return _plain(request, 429, _("Too many attempts"), _("Try again in an hour."))
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form, 422)
    throttle.ANSWERS.count(token)
    services.owner_answers(
        plan_id=behind[0],
        vehicle_id=behind[1],
        choice=form.cleaned_data["choice"],
        at=datetime.now(UTC),
    )
    return HttpResponseRedirect(reverse("o:recall", args=[token]))


def _shown(
    request: HttpRequest, found: OwnersRecall, form: AnswerForm, status: int = 200
) -> HttpResponse:
    said = {Said.ACCEPT: _("You agreed."), Said.DECLINE: _("You declined.")}
    context = {
        "recall": found,
        "plan": found.plan,
        "texts": found.plan.texts,
        "form": form,
        "said": said.get(Said(found.choice)) if found.choice else None,
    }
    return render(request, "owner/recall.html", context, status=status)


def _plain(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    return render(request, "owner/plain.html", {"heading": heading, "text": text}, status=status)
