"""Defects: the list, opening one, its page and its steps, orders to stop, sites, the lock."""

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

from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.recalls import producer, queries, services, stopping
from roadworthy.domains.recalls.opening import OPENERS
from roadworthy.domains.recalls.states import Act, StopAct
from roadworthy.domains.recalls.stopping import Shown
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import defect_page
from roadworthy.portals.manufacturer.defect_forms import (
    AnalysisForm,
    OpenForm,
    ReasonForm,
    ReportedForm,
    ShownForm,
    SitesForm,
    VinForm,
)
from roadworthy.portals.shared import downloads, errors, keeping, recall_words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

READERS = (
    Role.SAFETY,
    Role.RECALL,
    Role.COMPLIANCE_OFFICER,
    Role.HOMOLOGATION,
    Role.RELEASE_ENGINEER,
    Role.AFTER_SALES,
)
_OPENERS = tuple(one for one in READERS if one in OPENERS)
_STOPPERS = (Role.RECALL, Role.COMPLIANCE_OFFICER)
_WRITE = "manufacturer/write.html"


class DefectFilter(FilterForm):
    search = Search(label=_later("Number, title or type"))
    state = forms.ChoiceField(label=_later("State"))
    origin = forms.ChoiceField(label=_later("What it comes from"))


class SiteFilter(FilterForm):
    search = Search(label=_later("Code or name"))
    kind = forms.ChoiceField(label=_later("Kind"))


@for_roles(*READERS)
@never_cache
def defects(request: Signed) -> HttpResponse:
    """List the defects, newest first."""
    mine = request.acting.organisation_id
    new = Button(_("Open a possible defect"), reverse("m:defect-open"), "primary")
    may = request.acting.role in _OPENERS
    nothing = Empty(
        _("No defect was opened"),
        _("A signal, a complaint, an incident, a recall abroad or SAMR can open one."),
        (new,) if may else (),
    )
    choices = {
        "state": [(str(key), chip.text) for key, chip in recall_words.DEFECT.items()],
        "origin": [(str(key), text) for key, text in recall_words.ORIGINS.items()],
    }
    found = listing(
        request,
        lambda sort, **filters: queries.defects(mine, sort=sort, **filters).prefetch_related(
            "types"
        ),
        nothing=nothing,
        form=DefectFilter(request, choices),
        sort="-opened",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": defect_page.rows(found.page),
        "new": new if may else None,
    }
    context["may_file"] = request.acting.role in producer.WRITERS
    return render(request, "manufacturer/defects.html", context)


@for_roles(*_OPENERS)
@never_cache
def open_defect(request: Signed) -> HttpResponse:
    """Open a possible defect."""
    mine = request.acting.organisation_id
    types = list(vehicles.types(mine))
    ecus = vehicles.ecu_names(mine, [one.pk for one in types])
    form = OpenForm(request.POST or None, types=types, ecus=ecus)
    if form.stay_or():
        try:
            made = services.open_defect(
                **form.values(), actor=request.acting.actor, at=datetime.now(UTC)
            )
        except DomainError as error:
            errors.on_form(form, error, {"defect-without-types": "types"})
        else:
            messages.success(request, _("{number} is opened.").format(number=made.number))
            return HttpResponseRedirect(reverse("m:defect", args=[made.pk]))
    return _ask(
        request,
        form,
        _("Open a possible defect"),
        _("The law asks to investigate at once and to report truthfully."),
    )


@for_roles(*READERS)
@never_cache
def defect(request: Signed, defect_id: int) -> HttpResponse:
    """Show one defect: why, what was concluded, who has stopped, what is owed by when."""
    found = queries.defect(request.acting.organisation_id, defect_id)
    today = legal_day(datetime.now(UTC))
    context = defect_page.context(found, request.acting, today)
    return render(request, "manufacturer/defect.html", context)


@for_roles(*READERS)
@never_cache
def act(request: Signed, defect_id: int, act: str) -> HttpResponse:
    """Take a step of the state table, with the words that belong to it."""
    found = queries.defect(request.acting.organisation_id, defect_id)
    if act not in set(defect_page.ACTS):
        raise Http404
    wanted = Act(act)
    data = request.POST if request.method == "POST" else None
    form: Any = {
        Act.CONCLUDE: AnalysisForm,
        Act.SEND_BACK: ReasonForm,
        Act.REOPEN: ReasonForm,
    }.get(wanted, Form)(data)
    if wanted == Act.CONCLUDE and data is None:
        form.initial = found.analysis
    if form.stay_or():
        try:
            _take(wanted, found.pk, form, request)
        except DomainError as error:
            errors.on_form(form, error, {"defect-conclusion-missing": "conclusion"})
        else:
            messages.success(request, defect_page.done(wanted, found.number))
            return HttpResponseRedirect(reverse("m:defect", args=[found.pk]))
    return _ask(request, form, defect_page.names()[wanted], defect_page.leads()[wanted], found)


@for_roles(Role.SAFETY, Role.COMPLIANCE_OFFICER)
@never_cache
def reported(request: Signed, defect_id: int) -> HttpResponse:
    """Note when the result was reported to SAMR."""
    found = queries.defect(request.acting.organisation_id, defect_id)
    form = ReportedForm(request.POST or None)
    if form.stay_or():
        try:
            services.report_result(
                defect_id=found.pk,
                on=form.cleaned_data["on"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"recall-wrong-day": "on"})
        else:
            messages.success(request, _("The report is noted."))
            return HttpResponseRedirect(reverse("m:defect", args=[found.pk]))
    lead = _("The result is reported truthfully, whatever it is.")
    return _ask(request, form, _("Result reported to SAMR"), lead, found)


@for_roles(*_STOPPERS)
@never_cache
def stop_order(request: Signed, order_id: int, act: str) -> HttpResponse:
    """Note that an order to stop was received or carried out, or lift it."""
    order = queries.order(request.acting.organisation_id, order_id)
    if act not in set(StopAct):
        raise Http404
    is_sent = request.method == "POST"
    form = ShownForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        is_needed=act != StopAct.RECEIVE,
    )
    if form.stay_or():
        try:
            _stop(StopAct(act), order.pk, form, request)
        except DomainError as error:
            errors.on_form(form, error, {"stop-evidence-missing": "file"})
        else:
            messages.success(request, _("It is noted, with what shows it."))
            return HttpResponseRedirect(reverse("m:defect", args=[order.defect_id]) + "#orders")
    heading = {
        StopAct.RECEIVE: _("{site} has received the order"),
        StopAct.EXECUTE: _("{site} has stopped"),
        StopAct.LIFT: _("Lift the order to {site}"),
    }[StopAct(act)].format(site=order.site.name)
    lead = _("A document that shows it stays with the order.")
    return _ask(request, form, heading, lead, order.defect)


@for_roles(*READERS)
@never_cache
def stop_file(request: Signed, order_id: int, sha256: str) -> FileResponse:
    """Give back a document of an order, exactly as it came."""
    return downloads.of(queries.order_document(request.acting.organisation_id, order_id, sha256))


@for_roles(*READERS)
@never_cache
def sites(request: Signed) -> HttpResponse:
    """List plants, dealers and importers; register more of them."""
    mine = request.acting.organisation_id
    may = request.acting.role in _STOPPERS
    form = SitesForm(request.POST if request.method == "POST" and may else None)
    if form.stay_or():
        try:
            count = stopping.register_sites(
                rows=form.cleaned_data["rows"], actor=request.acting.actor, at=datetime.now(UTC)
            )
        except DomainError as error:
            errors.on_form(form, error, {"wrong-site": "rows"})
        else:
            messages.success(request, _("{n} new sites are registered.").format(n=count))
            return HttpResponseRedirect(reverse("m:defect-sites"))
    kinds = [(key, text) for key, text in recall_words.SITES.items()]
    found = listing(
        request,
        lambda **filters: queries.sites(mine, **filters),
        nothing=Empty(
            _("No site is registered"),
            _("When a defect is confirmed, every plant, dealer and importer is ordered to stop."),
        ),
        form=SiteFilter(request, {"kind": kinds}),
        per_page=50,
    )
    context = {
        "listing": found,
        "rows": [{"site": one, "kind": recall_words.SITES[one.kind]} for one in found.page],
        "form": form,
        "may": may,
    }
    status = 422 if form.errors else 200
    return render(request, "manufacturer/sites.html", context, status=status)


@for_roles(*READERS)
@never_cache
def lock(request: Signed) -> HttpResponse:
    """Say of a VIN whether the vehicle may be registered and delivered."""
    form = VinForm(request.GET or None)
    asked: str = ""
    found: tuple[queries.Lock, ...] = ()
    if form.stay_or():
        asked = form.cleaned_data["vin"].strip().upper()
        found = queries.sale_locked(request.acting.organisation_id, asked)
    context = {"form": form, "asked": asked, "locks": found}
    status = 422 if form.errors else 200
    return render(request, "manufacturer/lock.html", context, status=status)


def _take(act: Act, defect_id: int, form: Any, request: Signed) -> None:
    common: dict[str, Any] = {
        "defect_id": defect_id,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if act == Act.ANALYSE:
        services.analyse(**common)
    elif act == Act.CONCLUDE:
        services.conclude(**common, analysis=form.analysis())
    elif act == Act.SEND_BACK:
        services.send_back(**common, reason=form.cleaned_data["reason"])
    elif act == Act.REOPEN:
        services.reopen(**common, reason=form.cleaned_data["reason"])
    else:
        services.decide(act, **common)


def _stop(act: StopAct, order_id: int, form: ShownForm, request: Signed) -> None:
    digest = keeping.digest_of(request, form.cleaned_data["file"])
    shown = Shown(form.cleaned_data["words"], digest)
    stopping.take(
        act, order_id=order_id, shown=shown, actor=request.acting.actor, at=datetime.now(UTC)
    )


def _ask(
    request: Signed, form: Any, heading: str, lead: str, about: Any | None = None
) -> HttpResponse:
    back = reverse("m:defect", args=[about.pk]) if about else reverse("m:defects")
    crumbs = [Crumb(_("Defects"), reverse("m:defects"))]
    if about:
        crumbs.append(Crumb(about.number, back))
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "back": back,
        "crumbs": [*crumbs, Crumb(heading)],
    }
    return render(request, _WRITE, context, status=422 if form.errors else 200)
