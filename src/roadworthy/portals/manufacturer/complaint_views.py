"""Complaints: the list, entering one, its page and its steps. Few roles read them."""

from __future__ import annotations

import csv
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
from django.views.decorators.http import require_POST

from roadworthy import stores
from roadworthy.domains.aftersales import attaching, intake, queries, services
from roadworthy.domains.aftersales.states import Action, Category, State
from roadworthy.domains.disclosure import queries as disclosure
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import complaint_page
from roadworthy.portals.manufacturer.complaint_forms import (
    FORMS,
    AttachForm,
    EnterForm,
    HandOverForm,
    MessageForm,
)
from roadworthy.portals.shared import downloads, errors, words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

READERS = (Role.AFTER_SALES, Role.COMPLIANCE_OFFICER)

_COLUMNS = (
    *("number", "state", "category", "type", "function", "release", "channel"),
    *("received", "answer_due", "answered", "disputed", "ended"),
)


class ComplaintFilter(FilterForm):
    search = Search(label=_later("Number, VIN, words or release"))
    which = forms.ChoiceField(label=_later("Which"))
    category = forms.ChoiceField(label=_later("What it is about"))
    state = forms.ChoiceField(label=_later("State"))
    type_id = forms.TypedChoiceField(label=_later("Vehicle type"), coerce=int, empty_value=None)


@for_roles(*READERS)
@never_cache
def complaints(request: Signed) -> HttpResponse:
    """List the complaints, newest first."""
    who, today = request.acting, legal_day(datetime.now(UTC))
    may = who.role == Role.AFTER_SALES
    new = Button(_("Enter a complaint"), reverse("m:complaint-enter"), "primary")
    nothing = Empty(
        _("Nobody has complained"),
        _("What owners say by telephone, in a workshop or behind their link appears here."),
        (new,) if may else (),
    )
    found = listing(
        request,
        lambda sort, **filters: queries.complaints(who.actor, on=today, sort=sort, **filters),
        nothing=nothing,
        form=ComplaintFilter(request, _choices(who.organisation_id)),
        sort="-received",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": complaint_page.rows(found.page, today),
        "figures": queries.figures(who.actor, on=today),
        "new": new if may else None,
        "has_levels": queries.policy(who.organisation_id) is not None,
    }
    return render(request, "manufacturer/complaints.html", context)


@for_roles(*READERS)
@never_cache
def export(request: Signed) -> HttpResponse:
    """Give the list as CSV: no VIN, no owner, no words of theirs."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="complaints.csv"'
    response.write("\ufeff")  # spreadsheets take it for Latin text otherwise
    writer = csv.writer(response)
    writer.writerow(_COLUMNS)
    today = legal_day(datetime.now(UTC))
    for one in queries.complaints(request.acting.actor, on=today).iterator(chunk_size=1000):
        about = (one.number, one.state, one.category, one.type.code)
        code = one.function.code if one.function else ""
        number = one.release.number if one.release else ""
        days = (one.received_at, one.answer_due_on, one.answered_at, one.disputed_at, one.ended_at)
        written = (day.isoformat() if day else "" for day in days)
        writer.writerow([*about, code, number, one.channel, *written])
    return response


@for_roles(Role.AFTER_SALES)
@never_cache
def enter(request: Signed) -> HttpResponse:
    """Enter what an owner said."""
    mine = request.acting.organisation_id
    form = EnterForm(
        request.POST or None,
        functions=list(disclosure.functions(mine)),
        vin=request.GET.get("vin", ""),
    )
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        account = intake.Account(
            category=Category(values["category"]),
            words=values["words"],
            contact=values["contact"],
            channel=values["channel"],
            happened_on=values["happened_on"],
            function_id=values["function_id"],
            release_number=values["release_number"],
        )
        try:
            made = intake.enter(
                vin=values["vin"], account=account, actor=request.acting.actor, at=datetime.now(UTC)
            )
        except DomainError as error:
            fields = {"no-such-vin": "vin", "not-about-this-type": "function_id"}
            errors.on_form(form, error, fields)
        else:
            messages.success(request, _("{number} is entered.").format(number=made.number))
            return HttpResponseRedirect(reverse("m:complaint", args=[made.pk]))
    heading = _("Enter a complaint")
    context = {
        "form": form,
        "heading": heading,
        "crumbs": [Crumb(_("Complaints"), reverse("m:complaints")), Crumb(heading)],
        "back": reverse("m:complaints"),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


@for_roles(*READERS)
@never_cache
def complaint(request: Signed, complaint_id: int) -> HttpResponse:
    """Show one complaint: what was said, what ran in the vehicle, what to do."""
    return _page(request, complaint_id)


@for_roles(*READERS)
@never_cache
def act(request: Signed, complaint_id: int, action: str) -> HttpResponse:
    """Take a step of the state table, with the words that belong to it."""
    found = queries.complaint(request.acting.actor, complaint_id)
    if action not in set(Action):
        raise Http404
    wanted, back = Action(action), reverse("m:complaint", args=[found.pk])
    form = FORMS[wanted](request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _take(wanted, found, request, form)
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, complaint_page.done(wanted, found))
            return HttpResponseRedirect(back)
    context = {"ask": complaint_page.ask(wanted, found, form), "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


@for_roles(*READERS)
@require_POST
def message(request: Signed, complaint_id: int) -> HttpResponse:
    """Add something without a step: to the owner, or for colleagues."""
    found = queries.complaint(request.acting.actor, complaint_id)
    form = MessageForm(request.POST)
    if form.is_valid():
        try:
            services.write(
                complaint_id=found.pk,
                words=form.cleaned_data["words"],
                to_owner=form.cleaned_data["to_owner"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse("m:complaint", args=[found.pk]) + "#said")
    return _page(request, found.pk, message_form=form)


@for_roles(*READERS)
@require_POST
def hand_over(request: Signed, complaint_id: int) -> HttpResponse:
    """Give the complaint to a colleague."""
    found = queries.complaint(request.acting.actor, complaint_id)
    colleagues = queries.colleagues(request.acting.organisation_id)
    form = HandOverForm(request.POST, colleagues=colleagues)
    if form.is_valid():
        try:
            services.hand_over(
                complaint_id=found.pk,
                user_id=form.cleaned_data["user_id"],
                words=form.cleaned_data["words"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("{number} is handed over.").format(number=found.number))
            return HttpResponseRedirect(reverse("m:complaint", args=[found.pk]))
    return _page(request, found.pk, hand_over_form=form)


@for_roles(*READERS)
@require_POST
def attach(request: Signed, complaint_id: int) -> HttpResponse:
    """Keep a file with the complaint."""
    found = queries.complaint(request.acting.actor, complaint_id)
    form = AttachForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            attaching.attach(
                complaint_id=found.pk,
                filename=file.name,
                content=file,
                store=stores.documents(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            form.add_error("file", errors.sentence(error))
        else:
            messages.success(request, _("The file is attached."))
            return HttpResponseRedirect(reverse("m:complaint", args=[found.pk]) + "#files")
    return _page(request, found.pk, attach_form=form)


@for_roles(*READERS)
@never_cache
def file(request: Signed, complaint_id: int, sha256: str) -> FileResponse:
    """Give back a file of a complaint, exactly as it came."""
    return downloads.of(queries.document(request.acting.actor, complaint_id, sha256))


@for_roles(Role.AFTER_SALES)
@require_POST
@never_cache
def contact(request: Signed, complaint_id: int) -> HttpResponse:
    """Open how to reach the owner, or erase it once the complaint has ended; both are logged."""
    erase = "erase" in request.POST
    step = services.erase_contact if erase else services.open_contact
    found = step(complaint_id=complaint_id, actor=request.acting.actor, at=datetime.now(UTC))
    if erase:
        messages.success(request, _("The contact is erased."))
        return HttpResponseRedirect(reverse("m:complaint", args=[found.pk]))
    return _page(request, found.pk, contact=found.contact)


def _page(request: Signed, complaint_id: int, **more: Any) -> HttpResponse:
    now = datetime.now(UTC)
    who = request.acting
    found = queries.complaint(who.actor, complaint_id)
    colleagues = queries.colleagues(who.organisation_id)
    context = {
        **complaint_page.context(found, who, legal_day(now)),
        "message_form": MessageForm(),
        "attach_form": AttachForm(),
        "hand_over_form": HandOverForm(None, colleagues=colleagues),
        **more,
    }
    bad = any(getattr(form, "errors", None) for form in more.values())
    return render(request, "manufacturer/complaint.html", context, status=422 if bad else 200)


def _take(action: Action, found: Any, request: Signed, form: Any) -> None:
    common: dict[str, Any] = {
        "complaint_id": found.pk,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if action == Action.DISPUTE:
        services.dispute(**common, summary=form.summary)
        return
    steps = {
        Action.ANSWER: services.answer,
        Action.SETTLE: services.settle,
        Action.CLOSE: services.close,
        Action.REOPEN: services.reopen,
        Action.TAKE_BACK: services.take_back,
    }
    steps[action](**common, words=form.cleaned_data["words"])


def _choices(manufacturer_id: int) -> dict[str, list[tuple[Any, Any]]]:
    return {
        "which": [
            (queries.UNDONE, _("Waiting for us")),
            (queries.MINE, _("Mine")),
            (queries.LATE, _("Late")),
        ],
        "category": [(str(key), text) for key, text in words.CATEGORIES.items()],
        "state": [(str(State(key)), chip.text) for key, chip in words.COMPLAINT.items()],
        "type_id": [(one.pk, localised(one.name)) for one in vehicles.types(manufacturer_id)],
    }
