"""A vehicle type for everybody: what is approved, what it can do, what each update changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_safe

from roadworthy.domains.disclosure import queries, wordings
from roadworthy.domains.disclosure.states import Channel
from roadworthy.portals.public.law_form import LEVELS
from roadworthy.portals.shared import text_view, words
from roadworthy.portals.shared.access import for_everybody
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb

_UPDATES = 50
_LONGEST = 100
# In the order in which an owner asks: why, what, what else.
_PARTS = {
    "purpose": _later("Why it changes"),
    "content": _later("What changes"),
    "impact": _later("What it means for you"),
    "risks": _later("Risks"),
}


class TypeFilter(FilterForm):
    search = Search(label=_later("Type, manufacturer or approval"), max_length=_LONGEST)


@for_everybody
@require_safe
def types(request: HttpRequest) -> HttpResponse:
    """List the types of which something is public."""
    found = listing(
        request,
        lambda search="": queries.public_types(search=search.replace("\0", "")),
        nothing=Empty(_("Nothing is public yet")),
        form=TypeFilter(request),
        per_page=50,
    )
    return render(request, "public/types.html", {"listing": found})


@for_everybody
@require_safe
def vehicle_type(request: HttpRequest, manufacturer: str, code: str) -> HttpResponse:
    """Show one type in plain language. Only what was published is told."""
    found = queries.public_type(manufacturer, code.replace("\0", ""))
    texts = queries.public_of_type(found.pk)
    told = {one.release_id: one for one in texts if one.channel == Channel.UPDATE}
    updates = queries.updates_of_type(found.pk, _UPDATES)
    context = {
        "type": found,
        "crumbs": [Crumb(_("Vehicle types"), reverse("p:types")), Crumb(found.code)],
        "level": LEVELS[str(found.automation_level)],
        "functions": [
            (_name(one, texts), one, LEVELS[str(one.level)], _description(one, texts))
            for one in queries.functions_of_type(found.pk)
            if _is_told(one, texts)
        ],
        "names": [
            (words.CHANNELS[Channel(one.channel)], _lines(one))
            for one in texts
            if one.channel == Channel.PRODUCT_NAME
        ],
        "updates": [(one, _update(one, told.get(one.pk))) for one in updates],
    }
    return render(request, "public/type.html", context)


def _is_told(function: Any, texts: Any) -> bool:
    """A function that nothing public speaks of may not be sold yet: it is not told of."""
    return any(one.function_id == function.pk for one in texts)


def _name(function: Any, texts: Any) -> str:
    """Return the name that was checked for the public; without one the short name."""
    for one in texts:
        if one.function_id == function.pk and one.channel == Channel.FUNCTION_NAME:
            return str(one.public[0].content[_language()]["words"])
    return str(function.code)


def _description(function: Any, texts: Any) -> list[tuple[Any, str]]:
    for one in texts:
        if one.function_id == function.pk and one.channel == Channel.DESCRIPTION:
            return _lines(one)
    return []


def _lines(text: Any) -> list[tuple[Any, str]]:
    content = text.public[0].content[_language()]
    labels = text_view.labels(Channel(text.channel))
    fields = wordings.FIELDS[Channel(text.channel)]
    return [(labels[field], content[field]) for field in fields]


def _update(release: Any, text: Any) -> list[tuple[Any, str]]:
    """Return what an update changed: the account for owners, or else the release's own words."""
    if text is not None:
        return _lines(text)
    texts = release.description.get(_language()) or {}
    return [(label, texts[part]) for part, label in _PARTS.items() if texts.get(part)]


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh-hans"
