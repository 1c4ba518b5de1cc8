"""Holds and the investigation: what is kept, who touched it, and what was found."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from roadworthy import stores
from roadworthy.domains.incidents import custody, defects, holding, investigating, queries
from roadworthy.domains.incidents.investigating import Attached, Sort
from roadworthy.domains.incidents.states import HOLD, HoldAction, HoldState
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import incident_views
from roadworthy.portals.manufacturer.incident_forms import (
    DefectForm,
    ExhibitForm,
    HoldForm,
    LineForm,
    ReasonForm,
)
from roadworthy.portals.shared import downloads, errors, incident_words, words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.shapes import Crumb

READERS = (Role.SAFETY, Role.COMPLIANCE_OFFICER)


@for_roles(Role.SAFETY)
@require_POST
@never_cache
def line(request: Signed, incident_id: int) -> HttpResponse:
    """Add a line to an investigation."""
    found = queries.incident(request.acting.actor, incident_id)
    form = LineForm(request.POST, request.FILES)
    if form.is_valid():
        values, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            investigating.write(
                incident_id=found.pk,
                sort=Sort(values["sort"]),
                text=values["text"],
                happened_at=values["happened_at"],
                attached=Attached(file.name, file, stores.documents()) if file else None,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            form.add_error("file" if file else None, errors.sentence(error))
        else:
            return HttpResponseRedirect(reverse("m:incident", args=[found.pk]) + "#lines")
    return incident_views.page(request, found.pk, line_form=form)


@for_roles(*READERS)
@never_cache
def defect(request: Signed, incident_id: int) -> HttpResponse:
    """Open the analysis of the defect that may be behind an incident."""
    found, now = queries.incident(request.acting.actor, incident_id), datetime.now(UTC)
    form = DefectForm(request.POST or None)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            number = defects.open_for(
                incident_id=found.pk,
                title={"zh-hans": values["title_zh"], "en": values["title_en"]},
                reason={"zh-hans": values["reason_zh"], "en": values["reason_en"]},
                actor=request.acting.actor,
                at=now,
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("Defect analysis {defect} opened").format(defect=number))
            return HttpResponseRedirect(reverse("m:incident", args=[found.pk]))
    heading = _("Open a defect analysis")
    context = {
        "form": form,
        "heading": heading,
        "lead": _("From now on it is to be investigated at once; the incident names it."),
        "crumbs": [*_crumbs(found), Crumb(heading)],
        "back": reverse("m:incident", args=[found.pk]),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


@for_roles(*READERS)
@never_cache
def file(request: Signed, incident_id: int, sha256: str) -> FileResponse:
    """Give back a file of an investigation."""
    found = queries.incident(request.acting.actor, incident_id)
    for one in investigating.lines(found):
        if one.document is not None and one.document.sha256 == sha256:
            return downloads.of_kept(one.document)
    raise Http404


@for_roles(*READERS)
@never_cache
def place(request: Signed, incident_id: int) -> HttpResponse:
    """Place a hold on what the vehicle told and recorded within a window."""
    found = queries.incident(request.acting.actor, incident_id)
    moment = found.occurred_at or found.learned_at
    window = {"from_at": moment - holding.AROUND, "until_at": moment + holding.AROUND}
    form = HoldForm(request.POST or None, initial=window)
    if form.is_bound and form.is_valid():
        try:
            made = holding.place(
                incident_id=found.pk,
                actor=request.acting.actor,
                at=datetime.now(UTC),
                **form.cleaned_data,
            )
        except DomainError as error:
            errors.on_form(form, error, {"hold-window-wrong": "until_at"})
        else:
            messages.success(request, _("The hold is placed."))
            return HttpResponseRedirect(reverse("m:incident-hold", args=[made.pk]))
    context = {
        "form": form,
        "heading": _("Place a hold"),
        "lead": _("Nobody can delete what it covers before two people end it."),
        "crumbs": [*_crumbs(found), Crumb(_("Place a hold"))],
        "back": reverse("m:incident", args=[found.pk]),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


@for_roles(*READERS)
@never_cache
def hold(request: Signed, hold_id: int) -> HttpResponse:
    """Show what is held and who touched it; take in another file or reference."""
    found = holding.found(request.acting.actor, hold_id)
    form = ExhibitForm(request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            _keep(found.pk, form.cleaned_data, request)
        except DomainError as error:
            fields = {"hold-digest-wrong": "sha256", "hold-holds-nothing": "file"}
            errors.on_form(form, error, fields)
        else:
            messages.success(request, _("It is under the hold."))
            return HttpResponseRedirect(reverse("m:incident-hold", args=[found.pk]))
    return _shown(request, found, form)


@for_roles(*READERS)
@never_cache
def act(request: Signed, hold_id: int, action: str) -> HttpResponse:
    """Propose the end of a hold, keep it, or end it as the second person."""
    found = holding.found(request.acting.actor, hold_id)
    if action not in set(HoldAction):
        raise Http404
    wanted = HoldAction(action)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if wanted == HoldAction.END:
        del form.fields["reason"]
    if request.method == "POST" and form.is_valid():
        try:
            _move(wanted, found.pk, form, request)
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse("m:incident-hold", args=[found.pk]))
    heading = str(_names()[wanted])
    context = {
        "form": form,
        "heading": heading,
        "lead": found.end_reason if wanted != HoldAction.PROPOSE_END else "",
        "crumbs": [*_crumbs(found.incident), _crumb(found), Crumb(heading)],
        "back": reverse("m:incident-hold", args=[found.pk]),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


@for_roles(*READERS)
@require_POST
@never_cache
def exhibit(request: Signed, exhibit_id: int) -> FileResponse:
    """Give back a held file; that it was read is written down first."""
    found = holding.read(exhibit_id=exhibit_id, actor=request.acting.actor, at=datetime.now(UTC))
    if found.document is None:
        raise Http404
    stores.documents().restore(found.sha256)
    return downloads.of_kept(found.document)


@for_roles(*READERS)
@require_POST
@never_cache
def export(request: Signed, hold_id: int) -> FileResponse:
    """Give the whole chain of custody as a signed archive."""
    found = holding.found(request.acting.actor, hold_id)
    target = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    custody.export(
        hold_id=found.pk,
        target=target,
        platform=stores.platform(),
        actor=request.acting.actor,
        at=datetime.now(UTC),
    )
    target.seek(0)
    name = f"{found.incident.number}.custody.zip"
    return FileResponse(target, as_attachment=True, filename=name, content_type="application/zip")


def _shown(request: Signed, found: Any, form: ExhibitForm) -> HttpResponse:
    names, state = dict(incident_words.recorders()), HoldState(found.state)
    available = set(HOLD.available(state, request.acting.role))
    if found.end_proposed_by_id == request.acting.actor.user_id:
        available.discard(HoldAction.END)
    context = {
        "hold": found,
        "chip": incident_words.HOLDS[state],
        "at_once": found.reason == holding.AT_ONCE,
        "exhibits": [(one, names[one.recorder]) for one in holding.exhibits(found)],
        "chain": [
            (one, incident_words.STEPS[one.step], words.ACTORS.get(one.role, one.role))
            for one in holding.chain(found)
        ],
        "acts": [(one, _names()[one]) for one in HoldAction if one in available],
        "form": form if state != HoldState.ENDED else None,
        "crumbs": [*_crumbs(found.incident), _crumb(found)],
    }
    return render(request, "manufacturer/hold.html", context, status=422 if form.errors else 200)


def _names() -> dict[HoldAction, str]:
    return {
        HoldAction.PROPOSE_END: _("Propose to end the hold"),
        HoldAction.KEEP: _("Let the hold go on"),
        HoldAction.END: _("End the hold"),
    }


def _keep(hold_id: int, values: Any, request: Signed) -> None:
    common: dict[str, Any] = {
        "hold_id": hold_id,
        "recorder": values["recorder"],
        "words": values["words"],
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    upload = values["file"]
    if upload is not None:
        holding.keep_file(**common, filename=upload.name, content=upload, store=stores.documents())
        return
    holding.keep_reference(**common, reference=values["reference"], sha256=values["sha256"])


def _move(action: HoldAction, hold_id: int, form: ReasonForm, request: Signed) -> None:
    common: dict[str, Any] = {
        "hold_id": hold_id,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if action == HoldAction.END:
        holding.end(**common, store=stores.documents())
        return
    step = holding.propose_end if action == HoldAction.PROPOSE_END else holding.keep
    step(**common, reason=form.cleaned_data["reason"])


def _crumbs(found: Any) -> list[Crumb]:
    return [
        Crumb(_("Incidents"), reverse("m:incidents")),
        Crumb(found.number, reverse("m:incident", args=[found.pk])),
    ]


def _crumb(found: Any) -> Crumb:
    return Crumb(_("Hold {n}").format(n=found.pk), reverse("m:incident-hold", args=[found.pk]))
