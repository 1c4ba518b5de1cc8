"""The register of recalls for everybody: search, one recall, is my vehicle in it, statistics.

A VIN is asked by POST: it stands in no address, so in no log and no history. The answer is about a
vehicle; nothing in the register is about its owner.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from roadworthy.domains.recall_register import classifying, queries, statistics, vins
from roadworthy.domains.recall_register.states import Authority, Remedy
from roadworthy.kernel import vin as numbers
from roadworthy.kernel.errors import Invalid
from roadworthy.portals.public import recall_words
from roadworthy.portals.shared import formats, throttle
from roadworthy.portals.shared.access import for_everybody
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

_LONGEST = 100
_DOCUMENTS = 20
_MODELS = 200
_RANGES = 50
ASKED_VINS = throttle.Throttle("recall-vin", attempts=60, seconds=60)  # by machine


class RecallFilter(FilterForm):
    search = Search(label=_later("Model, maker, number or defect"), max_length=_LONGEST)
    authority = forms.ChoiceField(label=_later("Authority"))
    year = forms.TypedChoiceField(label=_later("Year"), coerce=int, empty_value=None)
    remedy = forms.ChoiceField(label=pgettext_lazy("recall", "Remedy"))


class VinForm(Form):
    vin = forms.CharField(
        label=_later("VIN"),
        help_text=_later("17 characters; it stands in the registration and behind the windscreen."),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_vin(self) -> numbers.Vin:
        try:
            return numbers.parse(self.cleaned_data["vin"])
        except Invalid as wrong:
            raise forms.ValidationError(_(wrong.message).format(**wrong.data)) from None


@for_everybody
@require_safe
def recalls(request: HttpRequest) -> HttpResponse:
    """List the recalls of the register."""
    form = RecallFilter(
        request,
        {
            "authority": [(str(k), v) for k, v in recall_words.AUTHORITIES.items()],
            "year": [(str(year), str(year)) for year in queries.years()],
            "remedy": [(str(k), v) for k, v in recall_words.REMEDIES.items()],
        },
    )
    found = listing(
        request,
        lambda search="", **more: queries.recalls(search=search.replace("\0", ""), **more),
        nothing=Empty(_("No recall is entered yet")),
        form=form,
        sort="-announced",
        per_page=50,
    )
    context = {
        "listing": found,
        "rows": [(one, recall_words.remedy(one.remedy)) for one in found.page],
        "authorities": recall_words.AUTHORITIES,
        "form": VinForm(),
    }
    return render(request, "public/recalls.html", context)


@for_everybody
@require_safe
def recall(request: HttpRequest, recall_id: int) -> HttpResponse:
    """Show one recall as its authority published it, and what the law makes of it."""
    found = queries.recall(recall_id)
    classified = classifying.classify(found)
    documents = Paginator(queries.documents_of(recall_id), _DOCUMENTS)
    context: dict[str, Any] = {
        "recall": found,
        "crumbs": [
            Crumb(_("Recalls"), reverse("p:recalls")),
            Crumb(found.number or found.products or found.maker),
        ],
        "authority": recall_words.AUTHORITIES[Authority(found.authority)],
        "remedy": recall_words.remedy(found.remedy),
        "models": queries.models_of(recall_id)[:_MODELS],
        "ranges": queries.ranges_of(recall_id)[:_RANGES],
        "documents": documents.get_page(request.GET.get("page")),
        "classified": classified,
        "owed": [(one, one.obligation) for one in classified.owed],
        "sources": [
            (one, one.startswith(("http://", "https://")) and " " not in one)
            for one in found.sources
        ],
    }
    return render(request, "public/recall.html", context)


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def by_vin(request: HttpRequest) -> HttpResponse:
    """Say which recalls a VIN is in."""
    if request.method != "POST":
        return render(request, "public/recall_vin.html", {"form": VinForm()})
    machine = throttle.machine_of(request)
    if not ASKED_VINS.allows(machine):
        words = {"heading": _("Too many questions"), "text": _("Wait a minute, then ask again.")}
        return render(request, "shared/error.html", {"status": 429, **words}, status=429)
    ASKED_VINS.count(machine)
    form = VinForm(request.POST)
    if not form.is_valid():
        return render(request, "public/recall_vin.html", {"form": form}, status=422)
    asked: numbers.Vin = form.cleaned_data["vin"]
    context = {
        "form": VinForm(),
        "asked": asked,
        "matches": [
            (one, recall_words.remedy(one.recall.remedy)) for one in vins.in_register(asked)
        ],
        "here": vins.on_platform(asked),
    }
    return render(request, "public/recall_vin.html", context)


@for_everybody
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show the statistics of an authority, from entered records, official ones beside."""
    chosen = request.GET.get("authority", "")
    authority = Authority(chosen) if chosen in set(Authority) else Authority.SAMR
    context = {
        "authority": recall_words.AUTHORITIES[authority],
        "chosen": authority,
        "tabs": [(str(key), name, key == authority) for key, name in _authorities()],
        "years": [
            (one, [_told(k, n) for k, n in one.by_remedy.items() if n.activities])
            for one in statistics.by_year(authority)
        ],
        "remedies": [recall_words.REMEDIES[kind] for kind in Remedy],
        "official": [
            (one, [(recall_words.FIGURES[name], _shown(v)) for name, v in one.figures.items()])
            for one in statistics.official()
            if one.authority == authority
        ],
        "empty": Empty(
            _("No recall of this authority is entered yet"),
            ways=(Button(_("All recalls"), reverse("p:recalls")),),
        ),
    }
    return render(request, "public/recall_figures.html", context)


def _told(kind: Remedy, counted: statistics.Counted) -> str:
    value = f"{formats.number(counted.activities)} / {formats.number(counted.vehicles)}"
    return _("{label}: {value}").format(label=recall_words.REMEDIES[kind], value=value)


def _shown(value: float) -> str:
    return formats.number(value, 0 if isinstance(value, int) else 1)


def _authorities() -> list[tuple[Authority, Any]]:
    return list(recall_words.AUTHORITIES.items())
