"""One product before both authorities; the other's matter for a purpose; who looked at ours."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.sharing import cases, elsewhere, queries, services
from roadworthy.domains.sharing.elements import Source
from roadworthy.domains.sharing.policy import Matter, policy
from roadworthy.kernel.calendar import legal_day
from roadworthy.portals.authority import case_page
from roadworthy.portals.authority import case_words as words
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, DayField, Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb, Tab

_MOST_NAMED = 200  # products of manufacturers elsewhere on one page; the search narrows them
_OWN_PAGES: Mapping[str, str] = {
    Source.OTHER_DECISION: "a:filing",
    Source.FINDING: "a:finding",
    Matter.OTA_FILING: "a:filing",
    Matter.ACCESS_FILING: "a:filing",
    Matter.RECALL_FILING: "a:filing",
    Matter.RECALL: "a:recall",
    Matter.RECALL_NOTICE: "a:recall-notice",
    Matter.INCIDENT_REPORT: "a:incident",
    Matter.NEV_REPORT: "a:incident",
}


class ProductFilter(FilterForm):
    search = Search(label=_later("Name, code, approval or manufacturer"))


class CaseFilter(FilterForm):
    search = Search(label=_later("Number"))
    kind = forms.ChoiceField(label=_later("Kind"))
    whose = forms.ChoiceField(label=_later("Whose"))
    since = DayField(label=_later("From"), help_text="")
    until = DayField(label=_later("Until"), help_text="")


class LookFilter(FilterForm):
    search = Search(label=_later("Number of the matter, or who looked"))
    matter = forms.ChoiceField(label=_later("Matter"))
    purpose = forms.ChoiceField(label=_later("Purpose"))
    outcome = forms.ChoiceField(label=_later("Outcome"))
    since = DayField(label=_later("From"), help_text="")
    until = DayField(label=_later("Until"), help_text="")


class PurposeForm(Form):
    purpose = Choice(
        label=_later("What do you want to know it for?"),
        help_text=_later("It is recorded with your name, and the other authority reads it."),
    )

    def __init__(self, *args: Any, purposes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["purpose"]
        field.choices = [(one.key, localised(one.title)) for one in purposes]
        field.hints = {one.key: localised(one.hint) for one in purposes}


@for_roles(*AUTHORITY)
@never_cache
def index(request: Signed) -> HttpResponse:
    """List the products whose case can be seen."""
    mine = request.acting.organisation_id
    form = ProductFilter(request)
    found = listing(
        request,
        lambda search="": cases.products(mine, search=search),
        nothing=Empty(
            _("No type is here"), _("Types appear with their manufacturer's first filing.")
        ),
        form=form,
        per_page=50,
    )
    named = elsewhere.products(mine, search=form.used.get("search", ""))
    if named and found.empty:
        found = replace(found, empty=None)
    context = {"listing": found, "named": named[:_MOST_NAMED], "how_many": len(named)}
    return render(request, "authority/cases.html", context)


@for_roles(*AUTHORITY)
@never_cache
def case(request: Signed, type_id: int) -> HttpResponse:
    """Show everything about one product that the authority may see, in one line."""
    mine = request.acting.organisation_id
    return _case(request, lambda **asked: cases.case(mine, type_id, **asked))


@for_roles(*AUTHORITY)
@never_cache
def named_case(request: Signed, manufacturer: str, code: str) -> HttpResponse:
    """Show everything about a product whose manufacturer has a deployment of its own."""
    mine = request.acting.organisation_id
    found = elsewhere.product(mine, manufacturer, code)
    return _case(request, lambda **asked: cases.of_type(mine, found, **asked))


def _case(request: Signed, ask: Callable[..., cases.Case]) -> HttpResponse:
    mine, today = request.acting.organisation_id, legal_day(datetime.now(UTC))
    asked: list[cases.Case] = []

    def find(sort: str, **filters: Any) -> Any:
        asked.append(ask(on=today, narrowed=cases.Narrowed(**filters), sort=sort))
        return asked[-1].elements

    found = listing(
        request,
        find,
        nothing=Empty(_("Nothing happened yet"), _("What is filed or approved appears here.")),
        form=CaseFilter(
            request,
            {
                "kind": [(str(key), text) for key, text in words.KINDS.items()],
                "whose": list(words.WHOSE.items()),
            },
        ),
        sort="-at",
        per_page=50,
    )
    one = asked[0]
    context = {
        "case": one,
        "type": one.type,
        "listing": found,
        "sort": found.sort,
        "rows": [_line(each, one, request) for each in one.shown(list(found.page), mine)],
        "crumbs": [Crumb(_("Shared cases"), reverse("a:cases")), Crumb(one.type.code)],
    }
    return render(request, "authority/case.html", context)


@for_roles(*AUTHORITY)
@never_cache
def matter(request: Signed, kind: str, matter_id: int) -> HttpResponse:
    """Ask for what a matter of the other authority is wanted; then show it, and keep that."""
    if kind not in set(Matter):
        raise Http404
    common: dict[str, Any] = {
        "matter": Matter(kind),
        "matter_id": matter_id,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if request.method == "POST" and "purpose" in request.POST:
        form = PurposeForm(request.POST, purposes=policy().purposes.values())
        if form.is_valid():
            opened = services.look(**common, purpose=form.cleaned_data["purpose"])
            return render(request, "authority/case_matter.html", case_page.opened(opened))
    offered = services.offer(**common)
    sent = request.POST if request.method == "POST" else None
    form = PurposeForm(sent, purposes=offered.purposes)
    context = case_page.offered(offered) | {"form": form}
    status = 422 if form.errors else 200
    return render(request, "authority/case_open.html", context, status=status)


@for_roles(*AUTHORITY)
@never_cache
def looks(request: Signed) -> HttpResponse:
    """List who looked at our matters, or what our people looked at."""
    mine, view = request.acting.organisation_id, _view(request)
    counts = queries.counts(mine)
    names = {queries.AT_OURS: _("At our matters"), queries.BY_US: _("By our people")}
    found = listing(
        request,
        lambda sort, **filters: queries.looks(
            mine, view=view, narrowed=queries.Narrowed(**filters), sort=sort
        ),
        nothing=Empty(
            _("Nobody has looked yet"), _("Each look at a matter is kept here, with its purpose.")
        ),
        form=_look_filter(request),
        sort="-at",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "view": view,
        "rows": [case_page.look(one, view) for one in found.page],
        "export": f"{reverse('a:case-looks-export')}?{request.GET.urlencode()}",
        "tabs": [
            Tab(text, f"{reverse('a:case-looks')}?view={key}", key == view, counts[key])
            for key, text in names.items()
        ],
        "crumbs": [Crumb(_("Shared cases"), reverse("a:cases")), Crumb(_("Looks"))],
    }
    return render(request, "authority/case_looks.html", context)


@for_roles(*AUTHORITY)
@never_cache
def export(request: Signed) -> HttpResponse:
    """Give the list of looks as CSV, all of it that the filters leave."""
    view = _view(request)
    used = _look_filter(request).used
    found = queries.looks(
        request.acting.organisation_id, view=view, narrowed=queries.Narrowed(**used)
    )
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="looks.csv"'
    response.write("\ufeff")  # spreadsheets take it for Latin text otherwise
    writer = csv.writer(response)
    writer.writerow(case_page.COLUMNS)
    writer.writerows(case_page.exported(one, view) for one in found.iterator(chunk_size=2000))
    return response


@for_roles(*AUTHORITY)
def rules(request: Signed) -> HttpResponse:
    """Show what is shared, by purpose and legal basis, and what is not."""
    today = legal_day(datetime.now(UTC))
    return render(request, "authority/case_rules.html", case_page.rules(policy(), today))


def _view(request: Signed) -> str:
    asked = request.GET.get("view")
    return queries.BY_US if asked == queries.BY_US else queries.AT_OURS


def _look_filter(request: Signed) -> LookFilter:
    return LookFilter(
        request,
        {
            "matter": [(str(key), text) for key, text in words.MATTERS.items()],
            "purpose": [(one.key, localised(one.title)) for one in policy().purposes.values()],
            "outcome": [
                ("granted", words.OUTCOMES[True].text),
                ("refused", words.OUTCOMES[False].text),
            ],
        },
    )


def _line(one: cases.Element, found: cases.Case, request: Signed) -> dict[str, Any]:
    href = ""
    if one.is_to_be_opened:
        href = reverse("a:case-matter", args=[one.source, one.id])
    elif one.source in _OWN_PAGES:
        href = reverse(_OWN_PAGES[one.source], args=[one.id])
    elif one.source in {Source.APPROVED, Source.APPROVAL_STATE}:
        href = reverse("a:approval", args=[one.number])
    whose = str(words.WHOSE["public"])
    if one.owner_id is not None:
        name = request.acting.name if one.is_ours or not found.other else found.other.name
        whose = localised(name)
    return {
        "element": one,
        "what": words.what(one),
        "chip": words.chip(one),
        "whose": whose,
        "href": href,
    }
