"""Notice and consent; afterwards the result. The link is the proof of who answers.

* What is shown is written down first, in its version and language, and then exactly that is shown.
* Nothing is preselected; "no" stands beside "yes" and costs nothing.
* The address is the owner's key: it goes to no other site, no cache and no log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from roadworthy.domains.campaigns import public, queries, services
from roadworthy.domains.campaigns.consents import (
    NoSuchLink,
    NotAskedYet,
    NoticeChanged,
    TooLate,
)
from roadworthy.domains.campaigns.queries import OwnerView
from roadworthy.domains.organisations.roles import Kind
from roadworthy.law.labels import Label
from roadworthy.portals.owner import standing
from roadworthy.portals.shared import formats, throttle
from roadworthy.portals.shared.access import for_everybody
from roadworthy.portals.shared.forms import Choice, Form

YES, NO, WEB = "yes", "no", "web"
# An owner need not know an abbreviation.
AUTHORITIES = {
    Kind.MIIT: _later("the Ministry of Industry and Information Technology (MIIT)"),
    Kind.SAMR: _later("the State Administration for Market Regulation (SAMR)"),
}
_LONGEST_VERSION = 9  # digits


class ConsentForm(Form):
    """Nothing is preselected, and "no" is as large as "yes"."""

    choice = Choice(
        label=_later("Your choice"),
        choices=((YES, _later("Install it")), (NO, _later("I do not want this update"))),
        hints={
            YES: _later("Your car gets it the next time it is ready"),
            NO: _later(
                "No more reminders. The car works as before and your warranty is unaffected"
            ),
        },
    )


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep the address between the owner and this host."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return kept


# Exempt: CSRF abuses a cookie that speaks for somebody, and here none does; only the address does.
# A page without a referrer sends "Origin: null", which the check would refuse.
@csrf_exempt
@for_everybody
@never_cache
@private
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """Show the owner what is planned for their car, and take their answer."""
    machine = throttle.machine_of(request)
    if not throttle.UNKNOWN_LINKS.allows(machine):
        return _plain(request, 429, _("Too many attempts"), _("Wait 15 minutes, then try again."))
    try:
        return _answered(request, token) if request.method == "POST" else _shown(request, token)
    except NoSuchLink:
        throttle.UNKNOWN_LINKS.count(machine)
        heading = _("This link does not lead anywhere")
        return _plain(request, 404, heading, _("Use the newest one that you were sent."))
    except NotAskedYet:
        heading = _("There is nothing to decide yet")
        return _plain(request, 200, heading, _("Open this link again when you are asked."))


def _answered(request: HttpRequest, token: str) -> HttpResponse:
    form = ConsentForm(request.POST)
    if not form.is_valid():
        problem = _("Nothing is chosen. Choose one of the two.")
        return _shown(request, token, problem=problem, status=422)
    if not throttle.ANSWERS.allows(token):
        return _shown(
            request,
            token,
            problem=_("You have changed your mind very often. Wait an hour, then try again."),
            status=429,
        )
    throttle.ANSWERS.count(token)
    try:
        services.answer_consent(
            token=token,
            choice=form.cleaned_data["choice"],
            language=_language(),
            channel=WEB,
            at=datetime.now(UTC),
            notice_version=_version(request),
        )
    except NoticeChanged:
        problem = _(
            "The notice was changed while you read it. Read the new one below, then choose."
        )
    except TooLate:
        problem = _("Your car has begun, or the update is over: your choice can no longer change.")
    else:
        return HttpResponseRedirect(reverse("o:notice", args=[token]))
    return _shown(request, token, problem=problem, status=409)


def _shown(
    request: HttpRequest, token: str, *, problem: str = "", status: int = 200
) -> HttpResponse:
    view = _recorded(token)
    context = {**_context(view, problem), "token": token}
    return render(request, "owner/notice.html", context, status=status)


def _recorded(token: str) -> OwnerView:
    """Write down what the owner is about to see, and return just that."""
    while True:
        version = services.record_shown(
            token=token, language=_language(), channel=WEB, at=datetime.now(UTC)
        )
        view = queries.owner_view(token)
        if view.notice_version == version:
            return view


def _context(view: OwnerView, problem: str) -> dict[str, Any]:
    texts = view.notice[_language()]
    return {
        "view": view,
        "standing": standing.of(view),
        "is_over": standing.is_over(view),
        "problem": problem,
        "form": ConsentForm() if view.can_agree and view.can_decline else None,
        "texts": {name: _lines(text) for name, text in texts.items()},
        "duration": texts["duration"].rstrip(".。"),
        "is_recall": Label.DEFECT_REMEDY in view.labels,
        "lead": formats.sentences(
            *_lines(texts["purpose"]), _("Whether to install it is your choice.")
        ),
        "accepted": [AUTHORITIES[Kind(kind)] for kind in public.accepted_by(view.release_id)],
        "manufacturer": public.manufacturer_of(view.release_id),
    }


def _plain(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    context = {"heading": heading, "text": text}
    return render(request, "owner/plain.html", context, status=status)


def _language() -> str:
    return get_language() or "zh-hans"


def _version(request: HttpRequest) -> int | None:
    raw = request.POST.get("version", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= _LONGEST_VERSION else None


def _lines(text: str) -> list[str]:
    return [line.strip(" -•\t") for line in text.splitlines() if line.strip(" -•\t")]
