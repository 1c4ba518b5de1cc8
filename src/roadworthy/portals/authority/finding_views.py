"""What was put before the authority, and what types and vehicles of its manufacturers run."""

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
from django.utils.translation import pgettext

from roadworthy.domains.conformity import fleet, queries, register, services
from roadworthy.domains.conformity.states import Act, ReferralAct
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.ledger import queries as ledger
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import downloads, errors, findings, stories
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb, Tab

_HISTORY = 20
_ACTS = (ReferralAct.SETTLE, ReferralAct.REOPEN, Act.UNDO)


class FindingFilter(FilterForm):
    search = Search(label=_later("Version, type, release or manufacturer"))
    kind = forms.ChoiceField(label=_later("Kind"))


class TypeFilter(FilterForm):
    search = Search(label=_later("Name, code, approval or manufacturer"))


class VinForm(Form):
    vin = forms.CharField(label=_later("VIN"), max_length=17)


class NoteForm(Form):
    note = forms.CharField(
        label=_later("Your note"),
        help_text=_later("The manufacturer reads it, and so does the other authority."),
        widget=forms.Textarea({"rows": 4, "class": "input"}),
    )


@for_roles(*AUTHORITY)
def found(request: Signed) -> HttpResponse:
    """List the findings that are before the authority."""
    mine, now = request.acting.organisation_id, datetime.now(UTC)
    view = request.GET.get("view", "waiting")
    view = view if view in {"answered", "settled"} else "waiting"
    counts = queries.counts_before(mine)
    listed = listing(
        request,
        lambda sort, **filters: queries.before_authority(mine, view=view, order=sort, **filters),
        nothing=Empty(_("No finding is here"), _("What is not explained in time appears here.")),
        form=FindingFilter(
            request, {"kind": [(str(key), text) for key, text in findings.KINDS.items()]}
        ),
        sort="age",
    )
    names = {"waiting": _("Unexplained"), "answered": _("Explained"), "settled": _("Settled")}
    context = {
        "listing": listed,
        "sort": listed.sort,
        "rows": findings.rows(listed.page, now),
        "tabs": [
            Tab(text, f"{reverse('a:findings')}?view={key}", key == view, counts[key])
            for key, text in names.items()
        ],
    }
    return render(request, "authority/findings.html", context)


@for_roles(*AUTHORITY)
def finding(request: Signed, finding_id: int) -> HttpResponse:
    """Show a finding with the manufacturer's explanation."""
    detail = queries.addressed(request.acting.organisation_id, finding_id)
    one, now = detail.finding, datetime.now(UTC)
    acts: list[Any] = [
        act for act in queries.available(one, request.acting.role) if act == Act.UNDO
    ]
    for referral in detail.referrals:
        if referral.authority_id == request.acting.organisation_id:
            acts = [*queries.available_to(referral, request.acting.role), *acts]
    context = findings.detail(detail, now) | {
        "crumbs": [
            Crumb(pgettext("conformity", "Findings"), reverse("a:findings")),
            Crumb(findings.what(one)),
        ],
        "waited": findings.waited(one, now),
        "actions": [
            Button(
                _heading(act),
                reverse("a:finding-act", args=[one.pk, act]),
                look="primary" if act == ReferralAct.SETTLE else "",
            )
            for act in acts
        ],
        "events": stories.events(ledger.latest_about(f"finding/{one.pk}", _HISTORY)),
    }
    return render(request, "authority/finding.html", context)


@for_roles(*AUTHORITY)
def act(request: Signed, finding_id: int, act: str) -> HttpResponse:
    """Settle, take up again, or ask the manufacturer again."""
    detail = queries.addressed(request.acting.organisation_id, finding_id)
    if act not in _ACTS:
        raise Http404
    form = NoteForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            _take(act, finding_id, form.cleaned_data["note"], request)
        except DomainError as error:
            errors.on_form(form, error, {"undo-reason-missing": "note"})
        else:
            messages.success(request, findings.said(act))
            return HttpResponseRedirect(reverse("a:finding", args=[finding_id]))
    back = reverse("a:finding", args=[finding_id])
    context = {
        "form": form,
        "heading": _heading(act),
        "back": back,
        "crumbs": [
            Crumb(pgettext("conformity", "Findings"), reverse("a:findings")),
            Crumb(findings.what(detail.finding), back),
            Crumb(_heading(act)),
        ],
    }
    return render(request, "authority/write.html", context, status=422 if form.errors else 200)


@for_roles(*AUTHORITY)
def file(request: Signed, finding_id: int, sha256: str) -> FileResponse:
    """Give back the document of an explanation."""
    detail = queries.addressed(request.acting.organisation_id, finding_id)
    if sha256 not in {one.document_sha256 for one in detail.explanations}:
        raise Http404
    return downloads.of_kept(documents.document(detail.finding.manufacturer_id, sha256))


@for_roles(*AUTHORITY)
def types(request: Signed) -> HttpResponse:
    """List the types of the manufacturers that have filed with the authority."""
    mine = request.acting.organisation_id
    listed = listing(
        request,
        lambda search="": queries.supervised_types(mine, search=search),
        nothing=Empty(
            _("No type is here"), _("Types appear with their manufacturer's first filing.")
        ),
        form=TypeFilter(request),
        per_page=50,
    )
    return render(request, "authority/types.html", {"listing": listed})


@for_roles(*AUTHORITY)
def type_page(request: Signed, type_id: int) -> HttpResponse:
    """Show a type's register, and what its vehicles report against its approval."""
    one = queries.supervised_type(request.acting.organisation_id, type_id)
    (standing,) = fleet.standing([one])
    context = {
        "type": one,
        "standing": standing.as_json(),
        "register": register.of_type(one.manufacturer_id, one.pk),
        "crumbs": [Crumb(_("Vehicle types"), reverse("a:types")), Crumb(one.code)],
    }
    return render(request, "authority/type.html", context)


@for_roles(*AUTHORITY)
def by_vin(request: Signed) -> HttpResponse:
    """Look a vehicle up; the VIN is sent in the body, so that no address holds it."""
    form = VinForm(request.POST or None)
    context: dict[str, Any] = {
        "form": form,
        "crumbs": [
            Crumb(_("Vehicle types"), reverse("a:types")),
            Crumb(_("Look a vehicle up by VIN")),
        ],
    }
    if form.is_bound and form.is_valid():
        try:
            vehicle = queries.supervised_vehicle(
                request.acting.organisation_id, form.cleaned_data["vin"]
            )
        except DomainError as error:
            errors.on_form(form, error, {"no-such-vin": "vin"})
        else:
            entries = register.of_vehicle(vehicle.manufacturer_id, vehicle.pk)
            context |= {
                "vehicle": vehicle,
                "swins": [(one, findings.BASES[one.basis]) for one in entries],
            }
    return render(request, "authority/vin.html", context, status=422 if form.errors else 200)


@for_roles(*AUTHORITY)
def comparisons(request: Signed) -> HttpResponse:
    """List the comparisons of the manufacturers that have filed with the authority."""
    mine = request.acting.organisation_id
    nothing = Empty(
        _("No campaign is over yet"),
        _("When one is, its types are compared with their approvals and the result is kept."),
    )
    listed = listing(request, lambda: queries.supervised_snapshots(mine), nothing=nothing)
    return render(request, "authority/comparisons.html", {"listing": listed})


@for_roles(*AUTHORITY)
def comparison(request: Signed, snapshot_id: int) -> HttpResponse:
    """Show one comparison as it was kept."""
    one = queries.supervised_snapshot(request.acting.organisation_id, snapshot_id)
    crumbs = [Crumb(_("Conformity"), reverse("a:comparisons")), Crumb(one.release.number)]
    context = {"snapshot": one, "crumbs": crumbs, "base": "authority/base.html"}
    return render(request, "shared/comparison.html", context)


def _heading(act: str) -> Any:
    return _("Ask the manufacturer again") if act == Act.UNDO else findings.ACTS[act]


def _take(act: str, finding_id: int, note: str, request: Signed) -> None:
    common: dict[str, Any] = {
        "finding_id": finding_id,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if act == ReferralAct.SETTLE:
        services.settle(**common, note=note)
    elif act == ReferralAct.REOPEN:
        services.reopen(**common, reason=note)
    else:
        services.undo(**common, reason=note)
