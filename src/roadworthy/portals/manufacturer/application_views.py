"""Applications for access: begin, write section by section, attach, preview, file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy import stores
from roadworthy.domains.access import applications, queries, schemas
from roadworthy.domains.access.content import Section
from roadworthy.domains.access.errors import Stale
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.filings import applying
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import access_forms, application_page
from roadworthy.portals.manufacturer.access_forms import (
    BeginForm,
    DocumentForm,
    IncompleteForm,
    ReasonForm,
)
from roadworthy.portals.shared import approved, downloads, errors
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.shapes import Crumb

_WRITE = "manufacturer/write.html"


@for_roles(Role.HOMOLOGATION)
def begin(request: Signed) -> HttpResponse:
    """Begin an application for a new type."""
    form = BeginForm(request.POST or None)
    if form.stay_or():
        try:
            made = applications.begin(
                manufacturer_id=request.acting.organisation_id,
                code=form.cleaned_data["code"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, dict.fromkeys(_ABOUT_CODE, "code"))
        else:
            return HttpResponseRedirect(reverse("m:application", args=[made.pk]))
    crumbs = [Crumb(_("Market access"), reverse("m:approvals")), Crumb(_("Apply for a new type"))]
    context = {
        "form": form,
        "heading": _("Apply for a new type"),
        "crumbs": crumbs,
        "back": reverse("m:approvals"),
        "submit": _("Begin the application"),
        "lead": _("You can stop at any time: what is saved stays until you file it."),
    }
    return render(request, _WRITE, context, status=422 if form.errors else 200)


_ABOUT_CODE = ("not-a-code", "type-known", "application-open")


@for_roles(*MANUFACTURER)
def application(request: Signed, application_id: int) -> HttpResponse:
    """Show how far an application is."""
    found = queries.application(request.acting.organisation_id, application_id)
    context = application_page.context(found, today=legal_day(datetime.now(UTC)))
    context["readers_only"] = request.acting.role != Role.HOMOLOGATION
    context["may_write"] = request.acting.role == Role.HOMOLOGATION and context["open"]
    return render(request, "manufacturer/application.html", context)


@for_roles(Role.HOMOLOGATION)
def section(request: Signed, application_id: int, name: str) -> HttpResponse:
    """Write one section; what is wrong in it is saved all the same, and named."""
    found = queries.application(request.acting.organisation_id, application_id)
    which = _section(name)
    values, stale = found.content[which], None
    if request.method == "POST":
        values = access_forms.typed(which, request.POST)
        try:
            found = applications.save(
                application_id=found.pk,
                section=which,
                values=values,
                revision=_whole(request.POST.get("revision", "")),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except Stale as error:
            stale = error
        else:
            return _saved(request, found, which)
    return _write(request, found, which, values, stale)


@for_roles(Role.HOMOLOGATION)
def check(request: Signed, application_id: int, name: str) -> HttpResponse:
    """Answer for what is typed, without saving it: faults and findings beside the form."""
    found = queries.application(request.acting.organisation_id, application_id)
    which = _section(name)
    typed = {str(which): access_forms.typed(which, request.POST)} if request.POST else None
    today = legal_day(datetime.now(UTC))
    context = application_page.aside(found, today=today, typed=typed)
    return render(request, "manufacturer/application_aside.html", context | {"here": name})


@for_roles(Role.HOMOLOGATION)
def document(request: Signed, application_id: int) -> HttpResponse:
    """Attach a document."""
    found = queries.application(request.acting.organisation_id, application_id)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if form.stay_or():
        values = form.cleaned_data
        envelope = values.get("envelope")
        try:
            applications.attach(
                application_id=found.pk,
                kind=values["kind"],
                title=values["title"],
                standard=values["standard"],
                filename=values["file"].name,
                content=values["file"],
                store=stores.documents(),
                envelope=envelope.read().decode(errors="replace") if envelope else "",
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, _ABOUT_DOCUMENT)
        else:
            messages.success(request, _("The document is attached."))
            return _to(found)
    return _form(request, found, form, _("Attach a document"))


_ABOUT_DOCUMENT = {
    "not-attested-yet": "envelope",
    "unknown-institution": "envelope",
    "wrong-statement": "envelope",
    "other-document": "envelope",
    "trust.not_attested": "envelope",
    "trust.envelope_malformed": "envelope",
    **dict.fromkeys(errors.ABOUT_A_FILE, "file"),
}


@for_roles(Role.HOMOLOGATION)
def detach(request: Signed, application_id: int, sha256: str) -> HttpResponse:
    """Take a document out again."""
    found = queries.application(request.acting.organisation_id, application_id)
    if request.method == "POST":
        applications.detach(
            application_id=found.pk,
            sha256=sha256,
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        messages.success(request, _("The document is removed from the application."))
    return _to(found)


@for_roles(*MANUFACTURER)
def file(request: Signed, application_id: int, sha256: str) -> FileResponse:
    """Give back a document of an application."""
    found = queries.application(request.acting.organisation_id, application_id)
    if not queries.reports(found.pk).filter(sha256=sha256).exists():
        raise Http404
    return downloads.of(documents.document(request.acting.organisation_id, sha256))


@for_roles(Role.HOMOLOGATION)
def reason(request: Signed, application_id: int) -> HttpResponse:
    """Say why the product changes."""
    found = queries.application(request.acting.organisation_id, application_id)
    form = ReasonForm(request.POST or None, initial={"reason": found.reason})
    if form.stay_or():
        applications.give_reason(
            application_id=found.pk,
            reason=form.cleaned_data["reason"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        return _to(found)
    return _form(request, found, form, _("Why the product changes"))


@for_roles(Role.HOMOLOGATION)
def preview(request: Signed, application_id: int) -> HttpResponse:
    """Show what would be filed with its digest; filing makes the dossier and its draft."""
    mine = request.acting.organisation_id
    found = queries.application(mine, application_id)
    now = datetime.now(UTC)
    problem = ""
    context = application_page.context(found, today=legal_day(now))
    sent = request.POST if request.method == "POST" else None
    form = IncompleteForm(sent) if context["gaps"] else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            made = applying.file(
                manufacturer_id=mine,
                application_id=found.pk,
                actor=request.acting.actor,
                at=now,
                incomplete_because=form.cleaned_data["reason"] if form else "",
            )
        except DomainError as error:
            problem = errors.sentence(error)
        else:
            messages.success(request, _("Prepared: {numbers}").format(numbers=made[0].number))
            return HttpResponseRedirect(reverse("m:filing", args=[made[0].pk]))
    shown = applying.preview(found, at=now)
    context |= {
        "approved": approved.view(context["composed"].content, queries.institutions(found.pk)),
        "digest": shown,
        "problem": problem,
        "form": form,
        "crumbs": application_page.crumbs(found, Crumb(_("Preview"))),
    }
    return render(
        request,
        "manufacturer/application_preview.html",
        context,
        status=422 if problem or (form and form.errors) else 200,
    )


@for_roles(Role.HOMOLOGATION)
def give_up(request: Signed, application_id: int) -> HttpResponse:
    """Close an application that will not be filed."""
    found = queries.application(request.acting.organisation_id, application_id)
    if request.method == "POST":
        applications.give_up(
            application_id=found.pk, actor=request.acting.actor, at=datetime.now(UTC)
        )
        messages.success(request, _("The application is closed."))
        return HttpResponseRedirect(reverse("m:approvals"))
    return render(
        request,
        "shared/confirm.html",
        {"ask": application_page.ask_to_close(found), "base": "manufacturer/base.html"},
    )


def _section(name: str) -> Section:
    try:
        return Section(name)
    except ValueError:
        raise Http404 from None


def _saved(request: Signed, found: Any, which: Section) -> HttpResponse:
    today = legal_day(datetime.now(UTC))
    made = application_page.aside(found, today=today)["composed"]
    left = len(made.of(which))
    if left or "stay" in request.POST:
        said = approved.counted(left)
        messages.success(request, _("Saved; this section: {said}.").format(said=said))
        here = reverse("m:application-section", args=[found.pk, which])
        # Who reads by ear or moves by key is led to what is left.
        return HttpResponseRedirect(f"{here}#to-mend" if left else here)
    messages.success(request, _("Saved; this section is complete."))
    sections = list(Section)
    later = [one for one in sections[sections.index(which) + 1 :] if made.of(one)]
    if later:
        return HttpResponseRedirect(reverse("m:application-section", args=[found.pk, later[0]]))
    return _to(found)


def _write(
    request: Signed, found: Any, which: Section, values: Any, stale: Stale | None
) -> HttpResponse:
    today = legal_day(datetime.now(UTC))
    beside = application_page.aside(found, today=today, typed={str(which): values})
    working = {**found.content, str(which): values}
    made = access_forms.section(
        which, working, schemas.on(today), renaming=found.approval_id is None
    )
    if which in found.touched or found.approval_id is not None:
        access_forms.blame(made, beside["composed"].of(which))
    context = {
        **beside,
        "here": str(which),
        "forms": made,
        "to_mend": access_forms.to_mend(made),
        "title": approved.SECTIONS[which],
        "heading": application_page.heading(found),
        "crumbs": application_page.crumbs(found, Crumb(approved.SECTIONS[which])),
        "revision": stale.data["revision"] if stale else found.revision,
        "stale": errors.sentence(stale) if stale else "",
        "differing": access_forms.differing(stale.data["yours"], stale.data["theirs"])
        if stale
        else (),
    }
    template = "manufacturer/application_section.html"
    return render(request, template, context, status=409 if stale else 200)


def _form(request: Signed, found: Any, form: Any, title: str) -> HttpResponse:
    context = {
        "form": form,
        "heading": title,
        "crumbs": application_page.crumbs(found, Crumb(title)),
        "back": reverse("m:application", args=[found.pk]),
    }
    return render(request, _WRITE, context, status=422 if form.errors else 200)


def _to(found: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse("m:application", args=[found.pk]))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
