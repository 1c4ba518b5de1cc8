"""What the owner decides about data of their vehicle: consents, a copy of everything, deletion."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from roadworthy.domains.campaigns.consents import NoSuchLink
from roadworthy.domains.rights import consenting, queries, services
from roadworthy.domains.rights.states import Kind, State
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.owner.views import private
from roadworthy.portals.shared import data_words, errors, formats, rights_words, throttle
from roadworthy.portals.shared.access import for_everybody

_LONGEST_ID = 12  # digits


# Exempt: no cookie speaks for the owner here, only the address does (as on the notice).
@csrf_exempt
@for_everybody
@never_cache
@private
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest, token: str) -> HttpResponse:
    """Show what may be decided, and take a decision."""
    machine = throttle.machine_of(request)
    if not throttle.UNKNOWN_LINKS.allows(machine):
        return _plain(request, 429, _("Too many attempts"), _("Wait 15 minutes, then try again."))
    try:
        if request.method == "POST":
            return _taken(request, token)
        return _shown(request, token)
    except NoSuchLink:
        throttle.UNKNOWN_LINKS.count(machine)
        heading = _("This link does not lead anywhere")
        return _plain(request, 404, heading, _("Use the newest one that you were sent."))


@for_everybody
@never_cache
@private
@require_safe
def copy(request: HttpRequest, token: str) -> HttpResponse:
    """Give the copy of everything as JSON."""
    try:
        content = queries.copy_for(token, at=datetime.now(UTC))
    except DomainError:
        heading = _("This link does not lead anywhere")
        return _plain(request, 404, heading, _("Use the newest one that you were sent."))
    body = json.dumps(content, ensure_ascii=False, indent=2)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _taken(request: HttpRequest, token: str) -> HttpResponse:
    if not throttle.ANSWERS.allows(token):
        words = _("You have written very often. Wait an hour, then try again.")
        return _shown(request, token, problem=words, status=429)
    throttle.ANSWERS.count(token)
    try:
        _keep(request, token)
    except NoSuchLink:
        raise
    except DomainError as error:
        sentence = errors.sentence(error)
        return _shown(request, token, problem=sentence, status=errors.status_of(error))
    return HttpResponseRedirect(reverse("o:data", args=[token]))


def _keep(request: HttpRequest, token: str) -> None:
    sent, now = request.POST, datetime.now(UTC)
    if "withdraw" in sent:
        consenting.withdraw(token=token, consent_id=_number(sent["withdraw"]), at=now)
    elif "consent" in sent:
        days = sent.get("days", "")
        consenting.give(
            token=token,
            form_id=_number(sent["consent"]),
            days=None if days == "always" else _number(days),
            language="zh-hans" if formats.is_chinese() else "en",
            at=now,
        )
    elif "take_back" in sent:
        services.take_back(token=token, request_id=_number(sent["take_back"]), at=now)
    elif sent.get("ask") in set(Kind):
        services.ask(token=token, kind=Kind(sent["ask"]), words=sent.get("words", ""), at=now)


def _shown(
    request: HttpRequest, token: str, *, problem: str = "", status: int = 200
) -> HttpResponse:
    offered = consenting.offered(token, on=legal_day(datetime.now(UTC)))
    asked: list[dict[str, Any]] = [
        {
            "asked": one,
            "kind": rights_words.KINDS[one.kind],
            "chip": rights_words.CHIPS[one.state],
            "is_open": one.state == State.RECEIVED,
            "is_copy": one.kind == Kind.ACCESS and one.state == State.CARRIED_OUT,
            "result": _told(one.result),
        }
        for one in queries.of_owner(token)
    ]
    context = {
        "offered": [_line(one) for one in offered],
        "asked": asked,
        "problem": problem,
        "back": reverse("o:notice", args=[token]),
        "copy": reverse("o:data-copy", args=[token]),
    }
    return render(request, "owner/data.html", context, status=status)


def _line(one: consenting.Offered) -> dict[str, Any]:
    language = "zh-hans" if formats.is_chinese() else "en"
    said = one.notice.content.get(language, {}) if one.notice else {}
    return {
        "offered": one,
        "name": formats.localised(one.name),
        "purpose": data_words.PURPOSES[one.form.purpose],
        "words": formats.localised(one.form.words),
        "told": [(data_words.NOTICE[key], text) for key, text in said.items()],
    }


def _told(result: Any) -> list[dict[str, Any]]:
    return [
        {
            "store": rights_words.STORES[row["store"]],
            "erased": row["erased"],
            "kept": row["kept"],
            "why": rights_words.WHY.get(row["why"], ""),
            "article": f"{row['instrument']} {row['provision']}".strip(),
        }
        for row in result
    ]


def _plain(request: HttpRequest, status: int, heading: str, text: str) -> HttpResponse:
    context = {"heading": heading, "text": text}
    return render(request, "owner/plain.html", context, status=status)


def _number(raw: str) -> int:
    """Return a number that was sent; one that is none stands for nothing."""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= _LONGEST_ID else 0
