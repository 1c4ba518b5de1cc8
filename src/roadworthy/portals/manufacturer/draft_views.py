"""Drafts: the list, writing one, uniting two texts, its documents, the preview, the filings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roadworthy import stores
from roadworthy.domains.campaigns import reporting
from roadworthy.domains.filings import draft_reading, drafting, reading
from roadworthy.domains.filings.dossiers import REPORTS
from roadworthy.domains.filings.enclosing import attachments, previewed
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.draft_forms import AttachForm
from roadworthy.portals.manufacturer.filing_forms import DetailsForm
from roadworthy.portals.shared import dossier, errors, keeping, parking, words
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.listing import Empty, listing
from roadworthy.portals.shared.shapes import Ask, Crumb

_DOCUMENTS_A_PAGE = 20


@for_roles(*MANUFACTURER)
def drafts(request: Signed) -> HttpResponse:
    """List what has been begun and is not filed yet."""
    mine = request.acting.organisation_id
    nothing = Empty(
        _("Nothing is being written"),
        _("A draft begins with “Keep as a draft” on a form, or when you amend a filing."),
    )
    found = listing(request, lambda: draft_reading.open_drafts(mine), nothing=nothing)
    rows = [(one, words.FILING_KINDS[Kind(one.kind)]) for one in found.page]
    may = request.acting.role == Role.HOMOLOGATION
    context = {
        "listing": found,
        "rows": rows,
        "may_write": may,
        "crumbs": [Crumb(_("Filings"), reverse("m:filings")), Crumb(_("Drafts"))],
    }
    return render(request, "manufacturer/drafts.html", context)


@for_roles(Role.HOMOLOGATION)
def draft(request: Signed, draft_id: int) -> HttpResponse:
    """Write on a draft; half a text is kept too."""
    found = draft_reading.own(request.acting.organisation_id, draft_id)
    if request.method == "POST":
        form = _form(request, found, request.POST)
        saved = drafting.save(
            draft_id=found.pk,
            base=_number(request.POST.get("base")),
            details=form.typed,
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        return _saved(request, saved)
    return _page(request, found, _form(request, found, None))


def _saved(request: Signed, saved: drafting.Saved) -> HttpResponse:
    found = saved.draft
    if getattr(request, "htmx", False):
        return render(request, "manufacturer/draft_saved.html", {"draft": found, "saved": saved})
    if saved.waits is not None:
        return HttpResponseRedirect(reverse("m:draft-unite", args=[found.pk, saved.waits.pk]))
    if "preview" in request.POST:
        return HttpResponseRedirect(reverse("m:draft-preview", args=[found.pk]))
    messages.success(request, _("Your draft is kept."))
    return HttpResponseRedirect(reverse("m:draft", args=[found.pk]))


@for_roles(Role.HOMOLOGATION)
def unite(request: Signed, draft_id: int, text_id: int) -> HttpResponse:
    """Show two texts of the same fields side by side and take over what is chosen."""
    found = draft_reading.own(request.acting.organisation_id, draft_id)
    text = drafting.waiting(request.acting.actor).filter(draft_id=found.pk, pk=text_id).first()
    if text is None:
        return HttpResponseRedirect(reverse("m:draft", args=[found.pk]))
    problem = ""
    if request.method == "POST":
        chosen = [name for name in text.details if request.POST.get(f"take-{name}") == "mine"]
        try:
            drafting.unite(
                text_id=text.pk,
                revision=_number(request.POST.get("revision")),
                mine=chosen,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            problem = errors.sentence(error)
            found = draft_reading.own(request.acting.organisation_id, draft_id)
        else:
            messages.success(request, _("Both texts are united in the draft."))
            return HttpResponseRedirect(reverse("m:draft", args=[found.pk]))
    own = drafting.changed_by_me(found, text)
    form = _form(request, found, None)
    rows = [
        (one, form.fields[one.name].label if one.name in form.fields else one.name, one.name in own)
        for one in drafting.clashes(found, text)
    ]
    context = {
        "draft": found,
        "text": text,
        "rows": rows,
        "problem": problem,
        "crumbs": [*_crumbs(found), Crumb(_("Two texts"))],
    }
    return render(request, "manufacturer/unite.html", context, status=409 if problem else 200)


@for_roles(Role.HOMOLOGATION)
def attach(request: Signed, draft_id: int) -> HttpResponse:
    """Put one or several documents to a draft."""
    found = draft_reading.own(request.acting.organisation_id, draft_id)
    form = AttachForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        for file in form.cleaned_data["documents"]:
            try:
                _attach_one(request, found, file, form)
            except DomainError as error:
                form.add_error("documents", errors.sentence(error))
        if form.is_valid():
            count = len(form.cleaned_data["documents"])
            said = ngettext("{n} document is attached.", "{n} documents are attached.", count)
            messages.success(request, said.format(n=count))
            return HttpResponseRedirect(reverse("m:draft", args=[found.pk]) + "#documents")
    return _page(request, found, _form(request, found, None), attaching=form)


def _attach_one(request: Signed, found: Any, file: Any, form: AttachForm) -> None:
    now, actor = datetime.now(UTC), request.acting.actor
    kept = keeping.kept(request, file)
    drafting.attach(
        draft_id=found.pk,
        sha256=kept.sha256,
        title=form.cleaned_data["title"] or kept.filename,
        expected=form.cleaned_data["sha256"],
        actor=actor,
        at=now,
    )


@for_roles(Role.HOMOLOGATION)
def detach(request: Signed, draft_id: int, attachment_id: int) -> HttpResponse:
    """Take a document away from a draft."""
    found = draft_reading.own(request.acting.organisation_id, draft_id)
    if request.method == "POST":
        drafting.detach(
            draft_id=found.pk,
            attachment_id=attachment_id,
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        messages.success(request, _("The document is taken away."))
    return HttpResponseRedirect(reverse("m:draft", args=[found.pk]) + "#documents")


@for_roles(Role.HOMOLOGATION)
def preview(request: Signed, draft_id: int) -> HttpResponse:
    """Show what the authorities will read, word for word, and make the filings of it."""
    found = draft_reading.own(request.acting.organisation_id, draft_id)
    form = _form(request, found, found.details)
    if not form.is_valid():
        return _page(request, found, form)
    details = _details(form, found)
    now, actor = datetime.now(UTC), request.acting.actor
    try:
        if request.method == "POST":
            made = drafting.finish(
                draft_id=found.pk, details=details, store=stores.documents(), actor=actor, at=now
            )
            numbers = _(", ").join(one.number for one in made)
            messages.success(request, _("Prepared: {numbers}").format(numbers=numbers))
            return HttpResponseRedirect(reverse("m:filing", args=[made[0].pk]))
        content, sha256 = previewed(found, details)
    except DomainError as error:
        errors.on_form(form, error)
        return _page(request, found, form)
    context = {
        "draft": found,
        "kind": words.FILING_KINDS[Kind(found.kind)],
        "dossier": dossier.view(content, reading.names_in(content)),
        "sha256": sha256,
        "crumbs": [*_crumbs(found), Crumb(_("Preview"))],
    }
    return render(request, "manufacturer/preview.html", context)


@for_roles(Role.HOMOLOGATION)
def discard(request: Signed, draft_id: int) -> HttpResponse:
    """Throw a draft away, after asking."""
    found = draft_reading.own(request.acting.organisation_id, draft_id)
    if request.method == "POST":
        drafting.discard(draft_id=found.pk, actor=request.acting.actor, at=datetime.now(UTC))
        messages.success(request, _("The draft is thrown away."))
        return HttpResponseRedirect(reverse("m:drafts"))
    ask = Ask(
        id="ask-discard",
        title=_("Throw this draft away?"),
        text=_("What is written in it is gone; documents that were handed in stay."),
        href=reverse("m:draft-discard", args=[found.pk]),
        confirm=_("Throw it away"),
        cancel=_("Keep it"),
        look="danger",
        back=reverse("m:draft", args=[found.pk]),
    )
    return render(request, "shared/confirm.html", {"ask": ask, "base": "manufacturer/base.html"})


@for_roles(Role.HOMOLOGATION)
def amend(request: Signed, filing_id: int) -> HttpResponse:
    """Begin the amendment of what is accepted, or the next version of what was returned."""
    filing = reading.own(request.acting.organisation_id, filing_id)
    if filing.state not in {State.ACCEPTED, State.RETURNED}:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(reverse("m:filing", args=[filing.pk]))
    begun = draft_reading.next_of(filing)
    if begun is not None:
        messages.success(
            request, _("The next version is being written already: this is its draft.")
        )
        return HttpResponseRedirect(reverse("m:draft", args=[begun.pk]))
    made = drafting.begin(
        kind=Kind(filing.dossier.kind),
        details=draft_reading.of_filing(filing),
        actor=request.acting.actor,
        at=datetime.now(UTC),
        release_id=filing.dossier.release_id,
        amends_id=filing.pk,
    )
    return HttpResponseRedirect(reverse("m:draft", args=[made.pk]))


def _page(
    request: Signed, found: Any, form: DetailsForm, *, attaching: AttachForm | None = None
) -> HttpResponse:
    attached = Paginator(attachments(found), _DOCUMENTS_A_PAGE)
    waits = drafting.waiting(request.acting.actor).filter(draft_id=found.pk).first()
    is_wrong = bool((form.is_bound and form.errors) or (attaching and attaching.errors))
    context = {
        "draft": found,
        "form": form,
        "attaching": attaching or AttachForm(),
        "documents": attached.get_page(request.GET.get("page")),
        "waits": waits,
        "kind": words.FILING_KINDS[Kind(found.kind)],
        "figures": _figures(found),
        "ticket": parking.ticket(
            request.acting.actor, kind=found.kind, release_id=found.release_id, draft_id=found.pk
        ),
        "crumbs": _crumbs(found),
    }
    return render(request, "manufacturer/draft.html", context, status=422 if is_wrong else 200)


def _form(request: Signed, found: Any, data: Any) -> DetailsForm:
    is_amendment = found.amends is not None and found.amends.state == State.ACCEPTED
    return DetailsForm(
        data,
        kind=Kind(found.kind),
        types=list(vehicles.types(request.acting.organisation_id)),
        known=found.details,
        amends=is_amendment,
    )


def _details(form: DetailsForm, found: Any) -> dict[str, Any]:
    figures = _figures(found)
    return {**form.details, **({"figures": figures} if figures else {})}


def _figures(found: Any) -> dict[str, Any]:
    if Kind(found.kind) not in REPORTS:
        return {}
    return reporting.figures(found.manufacturer_id, found.release_id)


def _crumbs(found: Any) -> list[Crumb]:
    return [
        Crumb(_("Filings"), reverse("m:filings")),
        Crumb(_("Drafts"), reverse("m:drafts")),
        Crumb(str(words.FILING_KINDS[Kind(found.kind)]), reverse("m:draft", args=[found.pk])),
    ]


def _number(raw: Any) -> int:
    return int(raw) if str(raw or "").isdecimal() else 0
