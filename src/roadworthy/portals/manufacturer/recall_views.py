"""Recalls: the list, the plan's editor and page, its vehicles and its steps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import planning, queries, resolving, running
from roadworthy.domains.recalls.states import PlanAct
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import recall_page
from roadworthy.portals.manufacturer.defect_views import READERS
from roadworthy.portals.manufacturer.recall_forms import (
    AgainForm,
    AmendForm,
    CompleteForm,
    DayForm,
    NotesForm,
    PlanForm,
)
from roadworthy.portals.shared import errors, recall_words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Crumb

_WRITE = "manufacturer/write.html"
_FIELDS = {
    "scope-unclear": "scope",
    "not-that-release": "releases",
    "wrong-recall-plan": "ends_on",
    "recall-wrong-day": "on",
    "recall-not-complete": "word",
}


class RecallFilter(FilterForm):
    search = Search(label=_later("Number, defect or title"))
    state = forms.ChoiceField(label=_later("State"))


class VehicleFilter(FilterForm):
    search = Search(label=_later("Beginning of the VIN"))
    which = forms.ChoiceField(label=_later("Which"))
    path = forms.ChoiceField(label=_later("Remedied"))


@for_roles(*READERS)
@never_cache
def recalls(request: Signed) -> HttpResponse:
    """List the recalls, newest first."""
    mine = request.acting.organisation_id
    choices = {"state": [(str(key), chip.text) for key, chip in recall_words.PLAN.items()]}
    found = listing(
        request,
        lambda sort, **filters: queries.recalls(mine, sort=sort, **filters),
        nothing=Empty(
            _("There is no recall"),
            _("A plan is written on the page of a confirmed defect."),
        ),
        form=RecallFilter(request, choices),
        sort="-number",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": [recall_page.row(one) for one in found.page],
    }
    return render(request, "manufacturer/recalls.html", context)


@for_roles(Role.RECALL)
@never_cache
def write(request: Signed, defect_id: int) -> HttpResponse:
    """Write the plan of a confirmed defect."""
    defect = queries.defect(request.acting.organisation_id, defect_id)
    form = PlanForm(request.POST or None, releases=list(queries.release_choices(defect)))
    if form.stay_or():
        try:
            plan = planning.draft(
                defect_id=defect.pk,
                content=form.content(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, _FIELDS)
        else:
            return _counted(request, plan)
    back = reverse("m:defect", args=[defect.pk])
    heading = _("Write the recall plan")
    crumbs = [Crumb(_("Defects"), reverse("m:defects")), Crumb(defect.number, back)]
    return _ask(request, form, heading, "", back, [*crumbs, Crumb(heading)])


@for_roles(Role.RECALL)
@never_cache
def rewrite(request: Signed, plan_id: int) -> HttpResponse:
    """Write a draft anew."""
    plan = queries.plan(request.acting.organisation_id, plan_id)
    choices = list(queries.release_choices(plan.defect))
    form = PlanForm(request.POST or None, releases=choices, plan=plan)
    if form.stay_or():
        try:
            written = planning.rewrite(
                plan_id=plan.pk,
                content=form.content(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, _FIELDS)
        else:
            return _counted(request, written)
    return _about(request, plan, form, _("Rewrite the plan"), "")


@for_roles(*READERS)
@never_cache
def recall(request: Signed, plan_id: int) -> HttpResponse:
    """Show one plan: whom it names, where it stands, what is owed by when."""
    return _page(request, plan_id)


@for_roles(*READERS)
@never_cache
def scope(request: Signed, plan_id: int) -> HttpResponse:
    """List the vehicles that a plan names; say of one why it is in or out."""
    plan = queries.plan(request.acting.organisation_id, plan_id)
    choices: dict[str, Any] = {
        "which": [("out", _("Taken out")), ("open", _("Cannot be said"))],
        "path": [("ota", recall_words.REMEDIES["ota"]), ("workshop", _("In the workshop"))],
    }
    found = listing(
        request,
        lambda **filters: queries.vehicles(plan, **filters),
        nothing=Empty(_("No vehicle is in the scope"), ""),
        form=VehicleFilter(request, choices),
        per_page=50,
    )
    clauses = dict(enumerate(plan.scope.get("clauses", ()), start=1))
    rows = [
        {
            "row": one,
            "clause": clauses.get(one.clause, ""),
            "path": recall_words.REMEDIES.get(one.path, ""),
            "why": recall_words.WHY_WORKSHOP.get(one.why_workshop, ""),
        }
        for one in found.page
    ]
    asked, reason = request.GET.get("vin", "").strip().upper(), None
    vehicle = vehicles.by_vin(request.acting.organisation_id, asked) if asked else None
    if vehicle is not None:
        reason = resolving.explain(plan, vehicle)
    context = {
        "plan": plan,
        "listing": found,
        "rows": rows,
        "asked": asked,
        "reason": reason,
        "why": recall_words.WHY_WORKSHOP.get(reason.why_workshop, "") if reason else "",
        "crumbs": [*_crumbs(plan), Crumb(_("Vehicles"))],
    }
    return render(request, "manufacturer/recall_scope.html", context)


@for_roles(Role.RECALL)
@never_cache
def act(request: Signed, plan_id: int, act: str) -> HttpResponse:
    """Take a step of the state table."""
    plan = queries.plan(request.acting.organisation_id, plan_id)
    if act not in set(recall_page.ACTS):
        raise Http404
    wanted = PlanAct(act)
    kinds: dict[PlanAct, type[Form]] = {
        PlanAct.START: DayForm,
        PlanAct.COMPLETE: CompleteForm,
        PlanAct.REPORT: DayForm,
    }
    data = request.POST if request.method == "POST" else None
    form = kinds.get(wanted, Form)(data)
    if form.stay_or():
        try:
            _take(wanted, plan.pk, form, request)
        except DomainError as error:
            errors.on_form(form, error, _known_fields(form))
        else:
            return HttpResponseRedirect(reverse("m:recall", args=[plan.pk]))
    return _about(request, plan, form, recall_page.names()[wanted], recall_page.leads()[wanted])


@for_roles(Role.RECALL, Role.COMPLIANCE_OFFICER)
@require_POST
def note(request: Signed, plan_id: int) -> HttpResponse:
    """Note on which days something was done."""
    plan = queries.plan(request.acting.organisation_id, plan_id)
    form = NotesForm(request.POST)
    if form.is_valid():
        try:
            running.note(
                plan_id=plan.pk,
                **form.values(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("It is noted."))
            return HttpResponseRedirect(reverse("m:recall", args=[plan.pk]) + "#notes")
    return _page(request, plan.pk, notes_form=form)


@for_roles(Role.RECALL)
@never_cache
def amend(request: Signed, plan_id: int) -> HttpResponse:
    """Begin the next version of a plan in force."""
    plan = queries.plan(request.acting.organisation_id, plan_id)
    form = AmendForm(request.POST or None)
    if form.stay_or():
        try:
            made = planning.amend(
                plan_id=plan.pk,
                reason=form.cleaned_data["reason"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse("m:recall-rewrite", args=[made.pk]))
    lead = _("The next version is filed again, with the reason, before it is carried out.")
    return _about(request, plan, form, _("Change the plan"), lead)


@for_roles(Role.RECALL, Role.COMPLIANCE_OFFICER)
@never_cache
def again(request: Signed, plan_id: int) -> HttpResponse:
    """Find that a recall does not do."""
    plan = queries.plan(request.acting.organisation_id, plan_id)
    form = AgainForm(request.POST or None)
    if form.stay_or():
        try:
            found = running.recall_again(
                plan_id=plan.pk,
                **form.cleaned_data,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse("m:defect", args=[found.defect_id]))
    lead = _("The defect is confirmed again, every site is ordered to stop, a new plan is due.")
    return _about(request, plan, form, _("Recall again"), lead)


def _counted(request: Signed, plan: Any) -> HttpResponse:
    """Count the scope at once where that is quick; else the worker does."""
    if resolving.is_quick(plan.manufacturer_id):
        resolving.resolve(plan_id=plan.pk, at=datetime.now(UTC))
    messages.success(request, _("{number} is written.").format(number=plan.number))
    return HttpResponseRedirect(reverse("m:recall", args=[plan.pk]))


def _page(request: Signed, plan_id: int, **more: Any) -> HttpResponse:
    plan = queries.plan(request.acting.organisation_id, plan_id)
    today = legal_day(datetime.now(UTC))
    context = {
        **recall_page.context(plan, request.acting, today),
        "notes_form": NotesForm(),
        **more,
    }
    status = 422 if context["notes_form"].errors else 200
    return render(request, "manufacturer/recall.html", context, status=status)


def _take(act: PlanAct, plan_id: int, form: Any, request: Signed) -> None:
    common: dict[str, Any] = {
        "plan_id": plan_id,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if act == PlanAct.PREPARE:
        planning.prepare(**common)
    elif act == PlanAct.WITHDRAW:
        planning.withdraw(**common)
    else:
        given = form.cleaned_data
        running.take(act, **common, on=given["on"], word=given.get("word", ""))


def _known_fields(form: Any) -> dict[str, str]:
    return {code: name for code, name in _FIELDS.items() if name in form.fields}


def _crumbs(plan: Any) -> list[Crumb]:
    here = Crumb(plan.number, reverse("m:recall", args=[plan.pk]))
    return [Crumb(_("Recalls"), reverse("m:recalls")), here]


def _about(request: Signed, plan: Any, form: Any, heading: str, lead: str) -> HttpResponse:
    back = reverse("m:recall", args=[plan.pk])
    return _ask(request, form, heading, lead, back, [*_crumbs(plan), Crumb(heading)])


def _ask(
    request: Signed, form: Any, heading: str, lead: str, back: str, crumbs: list[Crumb]
) -> HttpResponse:
    context = {"form": form, "heading": heading, "lead": lead, "back": back, "crumbs": crumbs}
    return render(request, _WRITE, context, status=422 if form.errors else 200)
