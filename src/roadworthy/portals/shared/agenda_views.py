"""How somebody is told outside these pages: the calendar's private address and the daily mail.

The addresses here ask for no account: a secret in them says whose they are. A wrong one looks like
nothing there, and who guesses is stopped.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from roadworthy.domains.worklists import digests, feeds
from roadworthy.domains.worklists.digests import Choice
from roadworthy.domains.worklists.errors import NoSuchLink
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.portals.shared import ical, throttle
from roadworthy.portals.shared.access import Signed, for_everybody
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.work_views import Place

STOP_SALT = "roadworthy.digest.stop"


class DigestForm(Form):
    frequency = forms.ChoiceField(
        label=_later("Mail with my work list"),
        choices=(
            ("off", _later("No mail")),
            ("daily", _later("Every day")),
            ("weekly", _later("Once a week")),
        ),
    )
    weekday = forms.TypedChoiceField(
        label=_later("Day of the week"),
        help_text=_later("Only for a weekly mail"),
        coerce=int,
        choices=tuple(
            enumerate(
                (
                    _later("Monday"),
                    _later("Tuesday"),
                    _later("Wednesday"),
                    _later("Thursday"),
                    _later("Friday"),
                    _later("Saturday"),
                    _later("Sunday"),
                )
            )
        ),
    )
    hour = forms.TypedChoiceField(
        label=_later("Hour"),
        help_text=_later("Asia/Shanghai"),
        coerce=int,
        choices=tuple((hour, f"{hour:02}:00") for hour in range(24)),
    )


def settings_page(request: Signed, place: Place) -> HttpResponse:
    """Let somebody choose how they are told, and renew or end the address of their calendar."""
    actor, now = request.acting.actor, datetime.now(UTC)
    chosen = digests.chosen(actor)
    start = {"frequency": chosen.frequency, "hour": chosen.hour, "weekday": chosen.weekday}
    form, token = DigestForm(initial=start), ""
    act = request.POST.get("act", "")
    if act == "revoke":
        feeds.revoke(actor=actor)
        messages.success(request, _("The address is closed."))
        return HttpResponseRedirect(request.path)
    if act == "renew":
        token = feeds.renew(actor=actor, at=now)
    elif request.method == "POST":
        form = DigestForm(request.POST)
        if form.is_valid():
            digests.choose(choice=Choice(**form.cleaned_data), actor=actor, at=now)
            messages.success(request, _("Kept."))
            return HttpResponseRedirect(request.path)
    context: dict[str, Any] = {
        "base": place.base,
        "form": form,
        "address": _absolute(reverse("feed", args=[token])) if token else "",
        "made_at": feeds.made_at(actor),
        "mail_is_set": settings.ROADWORTHY.smtp_url is not None,
        "list_url": reverse(f"{place.space}:work"),
    }
    response = render(
        request, "shared/agenda/settings.html", context, status=422 if form.errors else 200
    )
    if token:  # shown this once
        response["Cache-Control"] = "no-store"
    return response


@for_everybody
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give a calendar program what the holder of the address has to do."""
    machine = throttle.machine_of(request)
    if not (throttle.UNKNOWN_FEEDS.allows(machine) and throttle.FEEDS.allows(token)):
        return HttpResponse(status=429, headers={"Retry-After": "900"})
    today = legal_day(datetime.now(UTC))
    try:
        agenda = feeds.opened(token, today=today)
    except NoSuchLink:
        throttle.UNKNOWN_FEEDS.count(machine)
        raise Http404 from None
    throttle.FEEDS.count(token)
    with translation.override(agenda.language):
        content = ical.written(agenda, today=today, site=settings.ROADWORTHY.public_url)
    etag = quote_etag(sha256_hex(content))
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
        "Content-Language": agenda.language,
    }
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="roadworthy.ics"'
    return HttpResponse(content, content_type=ical.MEDIA_TYPE, headers=headers)


# Exempt: a mail program stops the mail with one POST and no cookie (RFC 8058); only the address
# says whose it is, and all it can do is to end a mail.
@csrf_exempt
@for_everybody
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mail that this link came with: asked first, without script and without account."""
    try:
        setting_id = int(signing.loads(token, salt=STOP_SALT))
    except (signing.BadSignature, TypeError, ValueError):
        raise Http404 from None
    done = request.method == "POST"
    if done:
        digests.stop(setting_id=setting_id, at=datetime.now(UTC))
    response = render(request, "shared/agenda/stop.html", {"done": done})
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def stop_link(setting_id: int) -> str:
    """Return the address that ends one person's mail, and nothing else."""
    return _absolute(reverse("stop-mail", args=[signing.dumps(setting_id, salt=STOP_SALT)]))


def _absolute(path: str) -> str:
    return f"{settings.ROADWORTHY.public_url}{path}"
