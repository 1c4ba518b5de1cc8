"""The review queue, a filing with all that was filed, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.debug import sensitive_post_parameters

from roadworthy import stores
from roadworthy.domains.filings import completing, effects, queries, reading, services
from roadworthy.domains.filings.states import FILING, Action, State
from roadworthy.domains.worklists.queries import Whose
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.authority import page
from roadworthy.portals.authority.forms import DecisionForm, SignatureForm, term_forms
from roadworthy.portals.authority.work_views import PLACE
from roadworthy.portals.shared import downloads, errors, words, work_views
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Tab

_DAYS = 30


class QueueFilter(FilterForm):
    search = Search(label=_later("Number, manufacturer, release or text"))
    kind = forms.ChoiceField(label=_later("Kind"))
    label = forms.ChoiceField(label=_later("Legal label"))


@for_roles(*AUTHORITY)
def queue(request: Signed) -> HttpResponse:
    """List what waits for a decision, longest waiting first."""
    view = "returned" if request.GET.get("view") == "returned" else "waiting"
    nothing = {
        "waiting": Empty(
            _("Nothing waits for a decision"), _("New filings appear here as they are submitted.")
        ),
        "returned": Empty(
            _("Nothing is with a manufacturer"), _("Filings that you returned wait here.")
        ),
    }[view]
    return _list(request, view, nothing)


@for_roles(*AUTHORITY)
def decided(request: Signed) -> HttpResponse:
    """List what was accepted, refused or withdrawn."""
    return _list(request, "decided", Empty(_("Nothing has been decided yet")))


def _list(request: Signed, view: str, nothing: Empty) -> HttpResponse:
    mine, now = request.acting.organisation_id, datetime.now(UTC)
    choices = {
        "kind": [(str(key), text) for key, text in words.FILING_KINDS.items()],
        "label": [(str(key), one.text) for key, one in words.LABELS.items()],
    }
    found = listing(
        request,
        lambda sort, **filters: reading.queue(mine, view=view, sort=sort, **filters),
        nothing=nothing,
        form=QueueFilter(request, choices),
        sort="-decided" if view == "decided" else "waited",
        at_once=True,
    )
    figures = page.figures(reading.figures(mine, since=now - timedelta(days=_DAYS)))
    context = {
        "view": view,
        "listing": found,
        "sort": found.sort,
        "rows": page.rows(list(found.page), now, search=found.search),
        "figures": figures,
        "work": work_views.first(request, PLACE, Whose.MINE) if view == "waiting" else None,
        "tabs": [
            Tab(_("Waiting"), reverse("a:queue"), view == "waiting", figures["waiting"]),
            Tab(
                _("With manufacturer"),
                reverse("a:queue") + "?view=returned",
                view == "returned",
                figures["returned"],
            ),
            Tab(_("Decided"), reverse("a:decided"), view == "decided"),
        ],
    }
    return render(request, "authority/queue.html", context)


@for_roles(*AUTHORITY)
def filing(request: Signed, filing_id: int) -> HttpResponse:
    """Show a filing with everything that was filed."""
    found = reading.addressed(request.acting.organisation_id, filing_id)
    return _page(request, found, None)


@for_roles(*AUTHORITY)
@sensitive_post_parameters("passphrase")
def decide(request: Signed, filing_id: int) -> HttpResponse:
    """Accept, return or refuse: first chosen, then confirmed over the full digest."""
    found = reading.addressed(request.acting.organisation_id, filing_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("a:filing", args=[found.pk]))
    if "more" in request.POST:
        return _more(request, found)
    form = DecisionForm(request.POST, **page.weights(found))
    terms = _terms(found, request.POST)
    if not form.is_valid() or not all(one.is_valid() for one in terms):
        return _page(request, found, form, terms)
    terms = tuple(one for one in terms if not one.is_blank)
    decision, reason = Action(form.cleaned_data["decision"]), form.cleaned_data["reason"]
    key = reading.own_key(found, request.acting.actor)
    confirmed = "confirmed" in request.POST
    signature = (
        SignatureForm(request.POST if confirmed else None) if decision == Action.ACCEPT else None
    )
    if confirmed and (signature is None or signature.is_valid()):
        try:
            _take(decision, found, reason, request, signature, terms)
        except DomainError as error:
            if signature is None:
                raise
            errors.on_form(signature, error, {"trust.wrong_passphrase": "passphrase"})
        else:
            messages.success(request, page.said(decision, found))
            return HttpResponseRedirect(reverse("a:queue"))
    context = {
        "ask": page.ask(found, decision, reason, key, signature, terms),
        "base": "authority/base.html",
    }
    status = 422 if signature is not None and signature.errors else 200
    return render(request, "shared/confirm.html", context, status=status)


def _take(
    decision: Action, found: Any, reason: str, request: Signed, signature: Any, terms: Any
) -> None:
    common: dict[str, Any] = {
        "filing_id": found.pk,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if decision == Action.ACCEPT:
        passphrase = signature.cleaned_data["passphrase"]
        services.accept(
            **common,
            passphrase=passphrase,
            platform=stores.platform(),
            terms=[one.term for one in terms],
        )
    elif decision == Action.RETURN:
        services.send_back(**common, reason=reason)
    else:
        services.refuse(**common, reason=reason)


@for_roles(*AUTHORITY)
def countersigning(request: Signed) -> HttpResponse:
    """List accepted filings whose release waits for the authority's signature."""
    waiting = queries.awaiting_countersignature(request.acting.organisation_id)
    rows = page.rows(list(waiting), datetime.now(UTC))
    return render(request, "authority/countersigning.html", {"rows": rows})


@for_roles(*AUTHORITY)
@sensitive_post_parameters("passphrase")
def countersign(request: Signed, filing_id: int) -> HttpResponse:
    """Sign the release metadata for a filing that is accepted already."""
    found = reading.addressed(request.acting.organisation_id, filing_id)
    if found.state != State.ACCEPTED or "release" not in found.dossier.content:
        raise Http404
    form = SignatureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.countersign(
                filing_id=found.pk,
                passphrase=form.cleaned_data["passphrase"],
                platform=stores.platform(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"trust.wrong_passphrase": "passphrase"})
        else:
            messages.success(
                request,
                _("You have countersigned {number}.").format(
                    number=found.dossier.content["release"]["number"]
                ),
            )
            return HttpResponseRedirect(reverse("a:countersigning"))
    key = reading.own_key(found, request.acting.actor)
    context = {"ask": page.ask_countersign(found, key, form), "base": "authority/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


@for_roles(*AUTHORITY)
def file(request: Signed, filing_id: int, sha256: str) -> FileResponse:
    """Give back a document that is part of what was filed."""
    found = reading.addressed(request.acting.organisation_id, filing_id)
    return downloads.of(reading.document(found, sha256))


def _terms(found: Any, data: Any, *, more: int = 0) -> tuple[Any, ...]:
    """Return the forms of the conditions; only what makes an approval has them."""
    if not effects.has_conditions(found):
        return ()
    return term_forms(data, completing.gaps(found), more=more)


def _more(request: Signed, found: Any) -> HttpResponse:
    """Show the decision as it was typed, with room for one more condition; nothing is decided."""
    typed = {name: request.POST.get(name, "") for name in ("decision", "reason")}
    form = DecisionForm(initial=typed, **page.weights(found))
    return _page(request, found, form, _terms(found, request.POST, more=1))


def _page(
    request: Signed, found: Any, form: DecisionForm | None, terms: Sequence[Any] = ()
) -> HttpResponse:
    may = Action.ACCEPT in set(FILING.available(State(found.state), request.acting.role))
    context = page.context(found, request.acting, datetime.now(UTC))
    context["form"] = (form or DecisionForm(**page.weights(found))) if may else None
    context["terms"] = terms or _terms(found, None)
    context["terms_written"] = any(one.errors or not one.is_blank for one in terms)
    context["wrong_terms"] = [
        (number, field)
        for number, one in enumerate(terms, start=1)
        for field in one
        if field.errors
    ]
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "authority/filing.html", context, status=status)
