"""Recalls as SAMR sees them: the plans filed with it, and what it writes about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.filings import reading
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import queries, supervising, supervision
from roadworthy.domains.recalls.records import LANGUAGES, LONGEST
from roadworthy.domains.recalls.states import PlanState, StopState
from roadworthy.domains.remedies import queries as remedies
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import (
    dossier,
    errors,
    presenting,
    recall_reports,
    recall_words,
    stories,
    words,
)
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import Choice, Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb, Tab

_SAMR = Role.SAMR_REVIEWER
_HISTORY = 20
HERE, ELSEWHERE = "here", "elsewhere"


class RecallFilter(FilterForm):
    search = Search(label=_later("Number, manufacturer or words"))
    state = forms.ChoiceField(label=_later("State"))


class SuperviseForm(Form):
    kind = Choice(label=_later("What it is"), choices=list(recall_words.SUPERVISION.items()))
    text_zh = forms.CharField(
        label=_later("Words in Chinese"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )
    text_en = forms.CharField(
        label=_later("Words in English"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )


@for_roles(_SAMR)
@never_cache
def recalls(request: Signed) -> HttpResponse:
    """List the recalls whose plans were filed, here or from another deployment, newest first."""
    view = ELSEWHERE if request.GET.get("view") == ELSEWHERE else HERE
    mine = request.acting.organisation_id
    ask, states, nothing, row = _VIEWS[view]
    found = listing(
        request,
        lambda sort, **filters: ask(mine, sort=sort, **filters),
        nothing=Empty(*nothing),
        form=RecallFilter(request, {"state": states()}),
        sort="-filed",
    )
    names = {HERE: _("Followed here"), ELSEWHERE: _("Filed from other deployments")}
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": [row(one) for one in found.page],
        "tabs": [
            Tab(text, f"{reverse('a:recalls')}?view={key}", key == view)
            for key, text in names.items()
        ],
    }
    return render(request, "authority/recalls.html", context)


@for_roles(_SAMR)
@never_cache
def recall(request: Signed, plan_id: int) -> HttpResponse:
    """Show a recall with what is owed by when; write about it."""
    plan = supervising.plan(request.acting.organisation_id, plan_id)
    form = SuperviseForm(request.POST or None)
    if form.stay_or():
        given = form.cleaned_data
        try:
            supervision.supervise(
                plan_id=plan.pk,
                kind=given["kind"],
                text={"zh-hans": given["text_zh"], "en": given["text_en"]},
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("It is written. The manufacturer reads it."))
            return HttpResponseRedirect(reverse("a:recall", args=[plan.pk]))
    context = _recall(plan) | {"form": form}
    status = 422 if form.errors else 200
    return render(request, "authority/recall.html", context, status=status)


@for_roles(_SAMR)
@never_cache
def recall_filed(request: Signed, filing_id: int) -> HttpResponse:
    """Show a recall of which only what was filed is here; write about it to its manufacturer."""
    filing = supervising.plan_elsewhere(request.acting.organisation_id, filing_id)
    form = SuperviseForm(request.POST or None)
    if form.stay_or():
        given = form.cleaned_data
        try:
            supervision.supervise_filed(
                filing_id=filing.pk,
                kind=given["kind"],
                text={"zh-hans": given["text_zh"], "en": given["text_en"]},
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(
                request, _("It is written, and goes to the manufacturer's deployment.")
            )
            return HttpResponseRedirect(reverse("a:recall-filed", args=[filing.pk]))
    context = _filed(filing) | {"form": form}
    status = 422 if form.errors else 200
    return render(request, "authority/recall_filed.html", context, status=status)


def _filed(filing: Any) -> dict[str, Any]:
    content = filing.dossier.content
    return {
        "filing": filing,
        "row": _row_elsewhere(filing),
        "dossier": dossier.view(content, reading.names_in(content)),
        "reports": [
            (
                one,
                words.FILING_KINDS[FilingKind(one.dossier.kind)],
                words.FILING[FilingState(one.state)],
            )
            for one in supervising.reports_elsewhere(filing)
        ],
        "supervision": recall_words.written(supervising.written(filing)),
        "crumbs": [
            Crumb(_("Recalls"), f"{reverse('a:recalls')}?view={ELSEWHERE}"),
            Crumb(filing.number),
        ],
    }


def _recall(plan: Any) -> dict[str, Any]:
    today = legal_day(datetime.now(UTC))
    duties = [one for one in queries.duties(plan.defect) if one.plan_id in {plan.recall_id, None}]
    return {
        "plan": plan,
        "chip": recall_words.PLAN[PlanState(plan.state)],
        "remedy": recall_words.REMEDIES[plan.remedy],
        "filing_chip": words.FILING[FilingState(plan.filing.state)],
        "texts": [
            (label, localised(plan.texts[key]))
            for key, label in recall_words.PLAN_TEXTS.items()
            if key in plan.texts
        ],
        "orders": [
            {
                "order": one,
                "part": recall_words.PARTS[one.part],
                "chip": recall_words.STOP[StopState(one.state)],
            }
            for one in queries.orders(plan.defect)
        ],
        "progress": remedies.progress(plan.pk),
        "reports": recall_reports.rows(remedies.filed_reports(plan)),
        "duties": presenting.duties(duties, today),
        "failure": recall_words.FAILURES.get(plan.failure, ""),
        "supervision": recall_words.written(plan.supervision.order_by("-pk")),
        "crumbs": [Crumb(_("Recalls"), reverse("a:recalls")), Crumb(plan.number)],
        "events": stories.events(ledger.latest_about(f"recall-plan/{plan.pk}", _HISTORY)),
    }


def _row_here(plan: Any) -> dict[str, Any]:
    return {
        "href": reverse("a:recall", args=[plan.pk]),
        "number": plan.number,
        "maker": plan.manufacturer.name,
        "defect": plan.texts["defect"],
        "vehicles": plan.vehicles,
        "remedy": recall_words.REMEDIES[plan.remedy],
        "chip": recall_words.PLAN[PlanState(plan.state)],
        "filed_at": plan.filed_at,
    }


def _row_elsewhere(filing: Any) -> dict[str, Any]:
    """Return what the dossier says; one that was written by hand may not say all of it."""
    details = filing.dossier.content["details"]
    defect = details["defect"]
    return {
        "href": reverse("a:recall-filed", args=[filing.pk]),
        "number": details.get("plan") or filing.number,
        "maker": filing.manufacturer.name,
        "defect": defect if isinstance(defect, dict) else dict.fromkeys(LANGUAGES, defect),
        "vehicles": details.get("vehicles"),
        "remedy": recall_words.REMEDIES.get(details.get("remedy_by", ""), ""),
        "chip": words.FILING[FilingState(filing.state)],
        "filed_at": filing.submitted_at,
    }


def _states_here() -> list[tuple[str, Any]]:
    # What was never filed is not before the authority.
    return [(str(key), recall_words.PLAN[key].text) for key in supervising.BEFORE_AUTHORITY]


def _states_elsewhere() -> list[tuple[str, Any]]:
    return [
        (str(key), words.FILING[key].text) for key in FilingState if key is not FilingState.DRAFT
    ]


# What each tab asks for, its states, what it says when there is nothing, and how it shows one.
_VIEWS: dict[str, tuple[Any, Any, tuple[Any, Any], Any]] = {
    HERE: (
        supervising.plans,
        _states_here,
        (
            _later("No recall is followed on this deployment"),
            _later("Plans that manufacturers with an account here file appear here."),
        ),
        _row_here,
    ),
    ELSEWHERE: (
        supervising.plans_elsewhere,
        _states_elsewhere,
        (
            _later("No plan came from another deployment"),
            _later("Plans that manufacturers file from deployments of their own appear here."),
        ),
        _row_elsewhere,
    ),
}
