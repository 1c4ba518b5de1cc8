"""Notice and consent; afterwards the result. The link is the proof of who answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.campaigns import public, queries, services
from roadworthy.domains.campaigns.queries import OwnerView, Result
from roadworthy.kernel.errors import Conflict
from roadworthy.law.labels import Label
from roadworthy.portals.shared import errors, words
from roadworthy.portals.shared.access import for_everybody
from roadworthy.portals.shared.forms import Choice, Form
from roadworthy.portals.shared.shapes import Tone

YES, NO, WEB = "yes", "no", "web"


class ConsentForm(Form):
    """Nothing is preselected, and "no" is as large as "yes"."""

    choice = Choice(
        label=_later("Your choice"),
        choices=((YES, _later("Install it")), (NO, _later("I do not want this update"))),
        hints={
            YES: _later("Your car gets it the next time it is ready"),
            NO: _later("No more reminders. The car works as before and your warranty is unaffected"),
        },
        error_messages={"required": _later("Nothing is chosen. Choose one of the two.")},
    )


@for_everybody
@never_cache
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """Show the owner what is planned for their car, and take their answer."""
    view = queries.owner_view(token)
    now, language = datetime.now(UTC), get_language() or "zh-hans"
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_consent(
                token=token,
                choice=form.cleaned_data["choice"],
                language=language,
                channel=WEB,
                at=now,
                notice_version=_version(request),
            )
        except Conflict as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("Your choice is kept."))
            return HttpResponseRedirect(reverse("o:notice", args=[token]))
    services.record_shown(token=token, language=language, channel=WEB, at=now)
    status = 422 if form.is_bound and form.errors else 200
    response = render(request, "owner/notice.html", _context(view, form, language), status=status)
    response["Referrer-Policy"] = "no-referrer"  # the address is the owner's key
    return response


def _version(request: HttpRequest) -> int | None:
    raw = request.POST.get("version", "")
    return int(raw) if raw.isdigit() else None


def _context(view: OwnerView, form: ConsentForm, language: str) -> dict[str, Any]:
    texts = view.notice.get(language) or next(iter(view.notice.values()))
    return {
        "view": view,
        "form": form if view.can_agree or view.can_decline else None,
        "texts": {name: _lines(text) for name, text in texts.items()},
        "is_recall": Label.DEFECT_REMEDY in view.labels,
        "result": _result(view),
        "accepted": [words.party(kind) for kind in public.accepted_by(view.release_id)],
        "manufacturer": public.manufacturer_of(view.release_id),
        "ready": view.result == Result.NONE_YET,
    }


def _lines(text: str) -> list[str]:
    return [line.strip(" -•\t") for line in text.splitlines() if line.strip(" -•\t")]


def _result(view: OwnerView) -> tuple[Tone, str, str] | None:
    """Return what came of it, in the owner's words."""
    return {
        Result.NONE_YET: None,
        Result.UNDER_WAY: (
            Tone.LIVE,
            _("The update is on its way"),
            _("Your car has been told. It installs when it is parked and ready."),
        ),
        Result.AWAITING_PROOF: (
            Tone.LIVE,
            _("The update is installed"),
            _("We wait for your car to confirm the new version."),
        ),
        Result.SUCCESS: (
            Tone.MET,
            _("The update worked"),
            _("Your car has confirmed the new version. You need not do anything."),
        ),
        Result.FAILED: (
            Tone.DUE,
            _("The update did not work"),
            _("Your car went back to its previous version by itself and can be used as before."),
        ),
        Result.UNKNOWN: (
            Tone.UNKNOWN,
            _("We have not heard from your car"),
            _("We do not know yet whether the update worked. Your car tells us as soon as it is online."),
        ),
        Result.NOT_DONE: (
            Tone.IDLE,
            _("The update is not installed"),
            _("Your car works as before."),
        ),
    }[view.result]
