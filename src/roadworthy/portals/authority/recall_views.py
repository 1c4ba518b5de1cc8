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

from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import queries, supervising, supervision
from roadworthy.domains.recalls.records import LONGEST
from roadworthy.domains.recalls.states import (
    NoticeAct,
    PlanState,
    StopState,
)
from roadworthy.domains.remedies import queries as remedies
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import (
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
from roadworthy.portals.shared.shapes import Button, Crumb

_SAMR = Role.SAMR_REVIEWER
_HISTORY = 20
_STEPS = (NoticeAct.NOTIFY, NoticeAct.APPOINT, NoticeAct.ORDER, NoticeAct.SET_ASIDE)
_KINDS = {
    supervision.NOTE: _later("A note to the manufacturer"),
    supervision.EFFECT: _later("A view of the recall's effect"),
    supervision.ANNOUNCEMENT: _later("An announcement to the public"),
}


class RecallFilter(FilterForm):
    search = Search(label=_later("Number, manufacturer or words"))
    state = forms.ChoiceField(label=_later("State"))


class SuperviseForm(Form):
    kind = Choice(label=_later("What it is"), choices=list(_KINDS.items()))
    text_zh = forms.CharField(
        label=_later("Words in Chinese"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )
    text_en = forms.CharField(
        label=_later("Words in English"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )


@for_roles(_SAMR)
@never_cache
def recalls(request: Signed) -> HttpResponse:
    """List the recalls whose plans were filed, newest first."""
    mine = request.acting.organisation_id
    # What was never filed is not before the authority.
    choices = {
        "state": [(str(key), recall_words.PLAN[key].text) for key in supervising.BEFORE_AUTHORITY]
    }
    found = listing(
        request,
        lambda sort, **filters: supervising.plans(mine, sort=sort, **filters),
        nothing=Empty(
            _("No recall is followed on this deployment"),
            _(
                "Plans that manufacturers with an account here file appear here. A plan from a "
                "manufacturer's own deployment is among the filings."
            ),
            (
                Button(
                    _("Recall plans among the filings"), f"{reverse('a:decided')}?kind=recall-plan"
                ),
            ),
        ),
        form=RecallFilter(request, choices),
        sort="-filed",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": [
            {
                "plan": one,
                "chip": recall_words.PLAN[PlanState(one.state)],
                "remedy": recall_words.REMEDIES[one.remedy],
            }
            for one in found.page
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
        "supervision": [
            {"row": one, "kind": _KINDS.get(one.kind, one.kind)}
            for one in plan.supervision.order_by("-pk")
        ],
        "crumbs": [Crumb(_("Recalls"), reverse("a:recalls")), Crumb(plan.number)],
        "events": stories.events(ledger.latest_about(f"recall-plan/{plan.pk}", _HISTORY)),
    }
