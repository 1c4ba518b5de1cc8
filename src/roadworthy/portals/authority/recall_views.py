"""Recalls as SAMR sees them: the plans filed with it, its notices, what it announces."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import noticing, queries, supervising
from roadworthy.domains.recalls.records import LONGEST
from roadworthy.domains.recalls.states import (
    RECALL_NOTICE,
    NoticeAct,
    NoticeState,
    PlanState,
    StopState,
)
from roadworthy.domains.remedies import queries as remedies
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import (
    downloads,
    errors,
    formats,
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
    noticing.NOTE: _later("A note to the manufacturer"),
    noticing.EFFECT: _later("A view of the recall's effect"),
    noticing.ANNOUNCEMENT: _later("An announcement to the public"),
}


class RecallFilter(FilterForm):
    search = Search(label=_later("Number, manufacturer or words"))
    state = forms.ChoiceField(label=_later("State"))


class IssueForm(Form):
    """A notice: to whom, about which types, on which grounds."""

    types = forms.TypedMultipleChoiceField(
        coerce=int,
        label=_later("Vehicle types"),
        help_text=_later("Of one manufacturer"),
        widget=forms.CheckboxSelectMultiple,
    )
    defect_number = forms.CharField(
        required=False,
        max_length=24,
        label=_later("Number of the manufacturer's own analysis"),
        help_text=_later("Where one is known; otherwise the notice opens one"),
    )
    subject_zh = forms.CharField(label=_later("Subject in Chinese"), max_length=120)
    subject_en = forms.CharField(label=_later("Subject in English"), max_length=120)
    grounds = forms.CharField(
        label=_later("Grounds"), max_length=LONGEST, widget=forms.Textarea({"rows": 6})
    )

    def __init__(self, data: Any, *, types: Any) -> None:
        super().__init__(data)
        self.fields["types"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{localised(one.manufacturer.name)} · {one.code} · {localised(one.name)}")
            for one in types
        ]


class StepForm(Form):
    words = forms.CharField(
        label=_later("Words of the step"), max_length=LONGEST, widget=forms.Textarea({"rows": 5})
    )


class DecisionForm(StepForm):
    opinion = forms.CharField(
        required=False,
        label=_later("Opinion of the experts"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
    )


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
            noticing.supervise(
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
def notices(request: Signed) -> HttpResponse:
    """List SAMR's notices, newest first."""
    mine = request.acting.organisation_id
    choices = {"state": [(str(key), chip.text) for key, chip in recall_words.NOTICE.items()]}
    new = Button(_("Ask to investigate"), reverse("a:recall-notice-new"), "primary")
    found = listing(
        request,
        lambda **filters: supervising.notices(mine, **filters),
        nothing=Empty(
            _("No notice was given"),
            _("A notice asks a manufacturer to investigate, and then to recall."),
            (new,),
        ),
        form=RecallFilter(request, choices),
    )
    context = {
        "listing": found,
        "new": new,
        "rows": [
            {"notice": one, "chip": recall_words.NOTICE[NoticeState(one.state)]}
            for one in found.page
        ],
    }
    return render(request, "authority/recall_notices.html", context)


@for_roles(_SAMR)
@never_cache
def issue(request: Signed) -> HttpResponse:
    """Ask a manufacturer to investigate."""
    form = IssueForm(request.POST or None, types=supervising.types())
    if form.stay_or():
        given = form.cleaned_data
        try:
            made = noticing.issue(
                subject={"zh-hans": given["subject_zh"], "en": given["subject_en"]},
                grounds=given["grounds"],
                type_ids=given["types"],
                defect_number=given["defect_number"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            fields = {"defect-without-types": "types", "no-such-defect": "defect_number"}
            errors.on_form(form, error, fields)
        else:
            return HttpResponseRedirect(reverse("a:recall-notice", args=[made.pk]))
    home = reverse("a:recall-notices")
    return _ask(request, form, _("Ask to investigate"), home, [Crumb(_("Notices"), home)])


@for_roles(_SAMR)
@never_cache
def notice(request: Signed, notice_id: int) -> HttpResponse:
    """Show a notice with the manufacturer's objection and the steps that are left."""
    one = supervising.notice(request.acting.organisation_id, notice_id)
    due, today = noticing.objection_due(one), legal_day(datetime.now(UTC))
    acts = set(RECALL_NOTICE.available(NoticeState(one.state), _SAMR))
    evidence = reverse("a:recall-evidence", args=[one.pk]) if one.evidence_sha256 else ""
    context = {
        "notice": one,
        "base": "authority/base.html",
        "chip": recall_words.NOTICE[NoticeState(one.state)],
        "due": due,
        "left": formats.working_days(due, today) if due and one.state == "notice" else "",
        "evidence": evidence,
        "crumbs": [Crumb(_("Notices"), reverse("a:recall-notices")), Crumb(one.number)],
        "actions": [
            Button(_names()[act], reverse("a:recall-notice-act", args=[one.pk, act]))
            for act in _STEPS
            if act in acts
        ],
        "events": stories.events(ledger.latest_about(f"recall-notice/{one.pk}", _HISTORY)),
    }
    return render(request, "shared/recall_notice.html", context)


@for_roles(_SAMR)
@never_cache
def act(request: Signed, notice_id: int, act: str) -> HttpResponse:
    """Take SAMR's next step."""
    one = supervising.notice(request.acting.organisation_id, notice_id)
    if act not in set(_STEPS):
        raise Http404
    wanted = NoticeAct(act)
    ends = wanted in {NoticeAct.ORDER, NoticeAct.SET_ASIDE}
    form = (DecisionForm if ends else StepForm)(request.POST or None)
    form.fields["words"].label = {
        NoticeAct.NOTIFY: _("Grounds"),
        NoticeAct.APPOINT: _("Experts"),
    }.get(wanted, _("Decision"))
    if form.stay_or():
        try:
            noticing.take(
                wanted,
                notice_id=one.pk,
                **form.cleaned_data,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse("a:recall-notice", args=[one.pk]))
    back = reverse("a:recall-notice", args=[one.pk])
    return _ask(request, form, _names()[wanted], back, [Crumb(one.number, back)])


@for_roles(_SAMR)
@never_cache
def evidence(request: Signed, notice_id: int) -> FileResponse:
    """Give back the document of an objection."""
    return downloads.of(supervising.evidence(request.acting.organisation_id, notice_id))


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


def _names() -> dict[NoticeAct, str]:
    return {
        NoticeAct.NOTIFY: _("Give notice to recall"),
        NoticeAct.APPOINT: _("Appoint experts"),
        NoticeAct.ORDER: _("Order the recall"),
        NoticeAct.SET_ASIDE: _("Set it aside"),
    }


def _ask(request: Signed, form: Any, heading: str, back: str, crumbs: list[Crumb]) -> HttpResponse:
    context = {
        "base": "authority/base.html",
        "form": form,
        "heading": heading,
        "back": back,
        "crumbs": [*crumbs, Crumb(heading)],
    }
    return render(request, "shared/form.html", context, status=422 if form.errors else 200)
