"""The rulebook for everybody: ask it about an update, read what it covers, read one rule.

Nothing that is asked is kept: the answers stand in the address and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.public import law_answer, law_form, law_rule, law_text
from roadworthy.portals.public.law_examples import EXAMPLES
from roadworthy.portals.public.law_form import AskForm
from roadworthy.portals.public.law_text import TextForm
from roadworthy.portals.shared import rulebook_page, throttle
from roadworthy.portals.shared.access import for_everybody

View = Callable[..., HttpResponse]
_BASE = "public/base.html"


def _counted(view: View) -> View:
    """Let one machine ask only so often: an answer costs more than a page that is stored."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        machine = throttle.machine_of(request)
        if not throttle.QUESTIONS.allows(machine):
            words = {
                "heading": _("Too many questions"),
                "text": _("Wait a minute, then ask again."),
            }
            return render(request, "shared/error.html", {"status": 429, **words}, status=429)
        throttle.QUESTIONS.count(machine)
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ("Cookie", "Accept-Language", "HX-Request"))
        return response

    return checked


@for_everybody
@require_safe
@_counted
@cache_control(private=True, no_cache=True)
def ask(request: HttpRequest) -> HttpResponse:
    """Answer a questionnaire about an update; asked by HTMX, only the answer."""
    today = legal_day(datetime.now(UTC))
    form = AskForm(request.GET, today=today)
    sound = form.is_valid()
    swaps = bool(getattr(request, "htmx", False))
    if (
        sound
        and not swaps
        and request.GET
        and not law_form.is_written_so(request.GET, form.address)
    ):
        return HttpResponseRedirect(f"{request.path}?{form.address}")
    facts = form.facts if sound else {}
    examples = [(one, one.href(today), one.is_asked(facts)) for one in EXAMPLES]
    context: dict[str, Any] = {"form": form, "sound": sound, "examples": examples}
    if sound:
        context |= law_answer.context(form)
    if swaps:
        response = render(request, "public/law_answer.html", context)
        response["HX-Replace-Url"] = f"?{form.address if sound else request.GET.urlencode()}"
        return response
    return render(request, "public/law_ask.html", context, status=200 if sound else 422)


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
@_counted
@never_cache
def text(request: HttpRequest) -> HttpResponse:
    """Check what a text about driver assistance claims; it comes in a body, never in an address."""
    form = TextForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if form.stay_or():
        context |= law_text.context(form, legal_day(datetime.now(UTC)))
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "public/law_text.html", context, status=status)


@for_everybody
@require_safe
@_counted
@cache_control(private=True, no_cache=True)
def register(request: HttpRequest) -> HttpResponse:
    """Show what the rulebook covers, how well it is evidenced, and what nobody has checked yet."""
    context = rulebook_page.context(request)
    return render(request, "shared/rulebook.html", {**context, "base": _BASE})


@for_everybody
@require_safe
@_counted
@cache_control(private=True, no_cache=True)
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Show one rule with its sources, its dates and its cases."""
    return render(request, "public/law_rule.html", law_rule.context(rule_id))
