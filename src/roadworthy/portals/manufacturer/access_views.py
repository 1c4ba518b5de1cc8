"""Approvals: the list, one with its versions, changing it, giving it back, its conditions."""

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

from roadworthy import stores
from roadworthy.domains.access import applications, approvals, queries, taking_over
from roadworthy.domains.access.states import APPROVAL, Action, Matter, State
from roadworthy.domains.campaigns import standing
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.access_forms import EndForm, FulfilForm, TakeOverForm
from roadworthy.portals.shared import approval_page, errors, keeping
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.approved import APPROVAL as CHIPS
from roadworthy.portals.shared.approved import MATTERS
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb
from roadworthy.rules.instruments import Grade

_EVERY = {str(role) for role in MANUFACTURER}
_WRITE = "manufacturer/write.html"


class ApprovalFilter(FilterForm):
    search = Search(label=_later("Number or type"))
    state = forms.ChoiceField(label=_later("State"))


class ChangeForm(Form):
    release = forms.ChoiceField(
        required=False,
        label=_later("Release that brings the change"),
        help_text=_later("The change is filed with the release, or by itself"),
    )


@for_roles(*MANUFACTURER)
def index(request: Signed) -> HttpResponse:
    """List the approvals, and above them the applications that are being written."""
    mine = request.acting.organisation_id
    choices = {"state": [(str(key), chip.text) for key, chip in CHIPS.items()]}
    nothing = Empty(
        _("Nothing is approved here yet"),
        _("Types from before the platform stand under “Vehicle types” with their number."),
    )
    found = listing(
        request,
        lambda **filters: queries.searched(queries.approvals(mine), **filters),
        nothing=nothing,
        form=ApprovalFilter(request, choices),
    )
    context = {
        "listing": found,
        "rows": [(one, CHIPS[State(one.state)]) for one in found.page],
        "open": [(one, MATTERS[Matter(one.matter)]) for one in queries.open_applications(mine)],
        "may_begin": request.acting.role == Role.HOMOLOGATION,
    }
    return render(request, "manufacturer/approvals.html", context)


@for_roles(*MANUFACTURER)
def approval(request: Signed, number: str) -> HttpResponse:
    """Show what is approved, how it came to be so, and its conditions."""
    found = queries.approval(request.acting.organisation_id, number)
    context = approval_page.context(found, request.GET)
    acts = set(APPROVAL.available(State(found.state), request.acting.role))
    writes = request.acting.role == Role.HOMOLOGATION
    alive = State(found.state) in {State.IN_FORCE, State.SUSPENDED}
    context |= {
        "crumbs": [Crumb(_("Market access"), reverse("m:approvals")), Crumb(found.number)],
        "ways": _ways(found) if writes and alive else (),
        "withdraw": _withdraw(found) if Action.WITHDRAW in acts else None,
        "answers": _answers(request.acting.role),
        "file_view": "m:condition-file",
    }
    return render(request, "manufacturer/approval.html", context)


@for_roles(Role.HOMOLOGATION)
def change(request: Signed, number: str, matter: str) -> HttpResponse:
    """Begin a change: a copy of what is approved, with or without a release."""
    if matter not in {Matter.PRODUCT_CHANGE, Matter.ACCESS_PERMIT}:
        raise Http404
    mine = request.acting.organisation_id
    found = queries.approval(mine, number)
    form = ChangeForm(request.POST or None, initial={"release": request.GET.get("release", "")})
    numbers = queries.releases_to_change(found)
    form.fields["release"].choices = [("", _("None")), *((one, one) for one in numbers)]  # type: ignore[attr-defined]
    if form.stay_or():
        try:
            made = applications.begin_change(
                manufacturer_id=mine,
                number=found.number,
                matter=Matter(matter),
                release_number=form.cleaned_data["release"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return HttpResponseRedirect(reverse("m:application", args=[made.pk]))
    heading = MATTERS[Matter(matter)]
    lead = _("You start from version {n} as it is approved and change what is to change.")
    return _form(
        request, found, form, str(heading), lead.format(n=queries.versions(found.pk)[0].version)
    )


@for_roles(Role.HOMOLOGATION)
def take_over(request: Signed, type_id: int) -> HttpResponse:
    """Make an approval of a type that was approved before the platform."""
    mine = request.acting.organisation_id
    kind = vehicles.vehicle_type(mine, type_id)
    form = TakeOverForm(request.POST or None)
    if form.stay_or():
        try:
            made = taking_over.take_over(
                manufacturer_id=mine,
                type_id=kind.pk,
                source=form.cleaned_data["source"],
                grade=Grade(form.cleaned_data["grade"]),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("{number} is taken over.").format(number=made.number))
            return _to(made)
    heading, back = _("Take the approval over"), reverse("m:type", args=[kind.pk])
    context = {
        "form": form,
        "heading": heading,
        "lead": _(
            "What is on file of the type becomes version 0 of its approval. Then it can be "
            "changed like every approved type; the page says that nobody has checked it here."
        ),
        "crumbs": [
            Crumb(_("Vehicle types"), reverse("m:types")),
            Crumb(kind.code, back),
            Crumb(heading),
        ],
        "back": back,
    }
    return render(request, _WRITE, context, status=422 if form.errors else 200)


@for_roles(Role.HOMOLOGATION)
def withdraw(request: Signed, number: str) -> HttpResponse:
    """Give an approval back."""
    found = queries.approval(request.acting.organisation_id, number)
    form = EndForm(request.POST or None)
    if form.stay_or():
        try:
            standing.move(
                number=found.number,
                action=Action.WITHDRAW,
                reason=form.cleaned_data["reason"],
                platform=stores.platform(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("{number} is given back.").format(number=found.number))
            return _to(found)
    lead = _(
        "The type may not be made and sold after that, no release of it passes the gate, and its "
        "campaigns are stopped at once."
    )
    return _form(request, found, form, _("Give the approval back"), lead)


@for_roles(*MANUFACTURER)
def fulfil(request: Signed, number: str, key: str) -> HttpResponse:
    """Say that a condition is fulfilled."""
    found = queries.approval(request.acting.organisation_id, number)
    condition = queries.condition(found.pk, key)
    form = FulfilForm(request.POST or None, request.FILES or None)
    if form.stay_or():
        try:
            document = keeping.digest_of(request, form.cleaned_data["document"])
            approvals.fulfil(
                number=found.number,
                key=condition.key,
                evidence=form.cleaned_data["evidence"],
                document_sha256=document,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("{key} is fulfilled.").format(key=condition.key))
            return _to(found)
    title = _("Condition {key}").format(key=condition.key)
    return _form(request, found, form, title, approval_page.localised(condition.text))


@for_roles(*MANUFACTURER)
def condition_file(request: Signed, number: str, key: str) -> FileResponse:
    """Give back the document that shows that a condition is fulfilled."""
    found = queries.approval(request.acting.organisation_id, number)
    return approval_page.document_of(queries.condition(found.pk, key))


def _answers(role: Role) -> frozenset[str]:
    """Return whose conditions somebody may say are fulfilled: their own role's, or everyone's."""
    return frozenset(_EVERY) if role == Role.COMPLIANCE_OFFICER else frozenset({str(role)})


def _ways(found: Any) -> list[Button]:
    texts = {
        Matter.PRODUCT_CHANGE: _("Apply for a product change"),
        Matter.ACCESS_PERMIT: _("Apply for a function"),
    }
    return [
        Button(text, reverse("m:approval-change", args=[found.number, matter]))
        for matter, text in texts.items()
    ]


def _withdraw(found: Any) -> Button:
    return Button(_("Give it back"), reverse("m:approval-withdraw", args=[found.number]), "danger")


def _form(request: Signed, found: Any, form: Any, heading: str, lead: str) -> HttpResponse:
    href = reverse("m:approval", args=[found.number])
    crumbs = [
        Crumb(_("Market access"), reverse("m:approvals")),
        Crumb(found.number, href),
        Crumb(heading),
    ]
    context = {"form": form, "heading": heading, "lead": lead, "crumbs": crumbs, "back": href}
    return render(request, _WRITE, context, status=422 if form.errors else 200)


def _to(found: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse("m:approval", args=[found.number]))
