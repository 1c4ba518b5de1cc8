"""Findings: software that nothing covers, and what else is not as it was approved or filed."""

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

from roadworthy import stores
from roadworthy.domains.conformity import limits, queries, services
from roadworthy.domains.conformity.states import NOISE_REASONS, Act, Reason, State
from roadworthy.domains.documents import queries as documents
from roadworthy.domains.documents import services as document_services
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import downloads, errors, findings, stories
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import DayField, Form, Upload, WholeNumber
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

_HISTORY, _VEHICLES = 20, 50
_WRITE = "manufacturer/write.html"
_ACTS = (Act.EXPLAIN, Act.DISMISS, Act.UNDO, Act.REPORT)
_DOCUMENT_ERRORS = {
    "text-missing": "text",
    "evidence-missing": "file",
    "not-noise": "because",
    "undo-reason-missing": "reason",
}


class FindingFilter(FilterForm):
    search = Search(label=_later("Version, ECU, type or release"))
    kind = forms.ChoiceField(label=_later("Kind"))
    state = forms.ChoiceField(label=_later("State"))
    type_id = forms.TypedChoiceField(label=_later("Vehicle type"), coerce=int, empty_value=None)


class ExplanationForm(Form):
    """What it is, how one knows, and the document that shows it."""

    because = forms.ChoiceField(label=_later("What is it?"))
    text = forms.CharField(
        label=_later("How do you know?"),
        help_text=_later("The authorities read this if the finding is before them."),
        widget=forms.Textarea({"rows": 4, "class": "input"}),
    )
    file = forms.FileField(
        label=_later("Document that shows it"),
        help_text=_later("For example the workshop order or the supplier's letter."),
        widget=Upload(),
    )

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["because"].choices = [  # type: ignore[attr-defined]
            (str(key), text)
            for key, text in findings.REASONS.items()
            if act == Act.EXPLAIN or key in NOISE_REASONS
        ]


class UndoForm(Form):
    reason = forms.CharField(
        label=_later("Why does it no longer stand?"),
        widget=forms.Textarea({"rows": 3, "class": "input"}),
    )


class LimitForm(Form):
    """A number of one's own, from a day on."""

    key = forms.ChoiceField(label=_later("Setting"))
    value = WholeNumber(label=_later("Number"), lowest=1, highest=3650)
    applies_from = DayField(label=_later("Applies from"))
    reason = forms.CharField(
        label=_later("Why"), widget=forms.Textarea({"rows": 2, "class": "input"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = [  # type: ignore[attr-defined]
            (str(key), localised(limits.carried()[key]["label"])) for key in limits.Key
        ]


@for_roles(*MANUFACTURER)
def unknown(request: Signed) -> HttpResponse:
    """List the findings, what was seen first comes first."""
    mine, now = request.acting.organisation_id, datetime.now(UTC)
    nothing = Empty(
        _("Nothing has been found"),
        _(
            "Every version that vehicles reported is covered by an approval, a filing or "
            "a release, and every release is what was filed."
        ),
    )
    choices: dict[str, list[tuple[Any, Any]]] = {
        "kind": [(str(key), text) for key, text in findings.KINDS.items()],
        "state": [(str(key), chip.text) for key, chip in findings.STATES.items()],
        "type_id": [(one.pk, localised(one.name)) for one in vehicles.types(mine)],
    }
    found = listing(
        request,
        lambda sort, **filters: queries.findings(mine, order=sort, **filters),
        nothing=nothing,
        form=FindingFilter(request, choices),
        sort="age",
        per_page=50,
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": findings.rows(found.page, now),
        "limits": limits.in_force(mine, on=legal_day(now)).values(),
    }
    return render(request, "manufacturer/unknown.html", context)


@for_roles(*MANUFACTURER)
def finding(request: Signed, finding_id: int) -> HttpResponse:
    """Show a finding: what, since when, on which vehicles, and what was said about it."""
    found = queries.own(request.acting.organisation_id, finding_id)
    one, now = found.finding, datetime.now(UTC)
    seen = queries.seen_on(one)
    acts = [act for act in queries.available(one, request.acting.role) if act in _ACTS]
    context = findings.detail(found, now) | {
        "crumbs": [
            Crumb(pgettext("conformity", "Findings"), reverse("m:unknown")),
            Crumb(findings.what(one)),
        ],
        "seen": seen[:_VEHICLES] if one.vehicles else (),
        "actions": [
            Button(
                findings.ACTS[act],
                reverse("m:finding-act", args=[one.pk, act]),
                look="primary" if act == Act.EXPLAIN else "",
            )
            for act in acts
        ],
        "events": stories.events(ledger.latest_about(f"finding/{one.pk}", _HISTORY)),
    }
    return render(request, "manufacturer/finding.html", context)


@for_roles(Role.COMPLIANCE_OFFICER, Role.HOMOLOGATION)
def act(request: Signed, finding_id: int, act: str) -> HttpResponse:
    """Explain, set aside, take back or report: asked on a page of its own."""
    found = queries.own(request.acting.organisation_id, finding_id)
    if act not in _ACTS:
        raise Http404
    wanted = Act(act)
    form = _form_for(wanted, request)
    if request.method == "POST" and form.is_valid():
        try:
            _take(wanted, found.finding.pk, form, request)
        except DomainError as error:
            errors.on_form(form, error, _fields_of(error))
        else:
            messages.success(request, findings.said(wanted))
            return HttpResponseRedirect(reverse("m:finding", args=[finding_id]))
    back = reverse("m:finding", args=[finding_id])
    context = {
        "form": form,
        "heading": findings.ACTS[wanted],
        "lead": _lead(wanted, found.finding),
        "back": back,
        "crumbs": [
            Crumb(pgettext("conformity", "Findings"), reverse("m:unknown")),
            Crumb(findings.what(found.finding), back),
            Crumb(findings.ACTS[wanted]),
        ],
    }
    return render(request, _WRITE, context, status=422 if form.errors else 200)


@for_roles(*MANUFACTURER)
def file(request: Signed, finding_id: int, sha256: str) -> FileResponse:
    """Give back the document of an explanation."""
    found = queries.own(request.acting.organisation_id, finding_id)
    if sha256 not in {one.document_sha256 for one in found.explanations}:
        raise Http404
    return downloads.of_kept(documents.document(request.acting.organisation_id, sha256))


@for_roles(Role.COMPLIANCE_OFFICER)
def set_limit(request: Signed) -> HttpResponse:
    """Set one's own limit from a day on."""
    form = LimitForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            limits.set_limit(
                **form.cleaned_data | {"key": limits.Key(form.cleaned_data["key"])},
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            fields = {"limit-in-the-past": "applies_from", "limit-out-of-range": "value"}
            errors.on_form(form, error, fields)
        else:
            messages.success(request, _("The limit is set. The strictest one counts."))
            return HttpResponseRedirect(reverse("m:unknown"))
    context = {
        "form": form,
        "heading": _("Set a limit"),
        "lead": _(
            "No law gives these numbers. Of yours and the authorities', the strictest counts."
        ),
        "back": reverse("m:unknown"),
        "crumbs": [
            Crumb(pgettext("conformity", "Findings"), reverse("m:unknown")),
            Crumb(_("Set a limit")),
        ],
    }
    return render(request, _WRITE, context, status=422 if form.errors else 200)


def _form_for(act: Act, request: Signed) -> Form:
    data = request.POST if request.method == "POST" else None
    if act in {Act.EXPLAIN, Act.DISMISS}:
        return ExplanationForm(data, request.FILES or None, act=act)
    return UndoForm(data) if act == Act.UNDO else Form(data)


def _take(act: Act, finding_id: int, form: Form, request: Signed) -> None:
    common: dict[str, Any] = {
        "finding_id": finding_id,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if act == Act.UNDO:
        services.undo(**common, reason=form.cleaned_data["reason"])
    elif act == Act.REPORT:
        services.report(**common)
    else:
        document = document_services.keep(
            organisation_id=request.acting.organisation_id,
            filename=form.cleaned_data["file"].name,
            content=form.cleaned_data["file"].file,
            store=stores.documents(),
            actor=request.acting.actor,
            at=common["at"],
        )
        services.explain(
            **common,
            because=Reason(form.cleaned_data["because"]),
            text=form.cleaned_data["text"],
            document_sha256=document.sha256,
            act=act,
        )


def _fields_of(error: DomainError) -> dict[str, str]:
    """What a document is refused for belongs beside the file."""
    known = dict(_DOCUMENT_ERRORS)
    return known if error.code in known else {error.code: "file"} if _is_of_file(error) else {}


def _is_of_file(error: DomainError) -> bool:
    return type(error).__module__ == "roadworthy.domains.documents.errors"


def _lead(act: Act, one: Any) -> str:
    if act == Act.REPORT:
        return _("Both authorities see it at once, with what you explain later beside it.")
    if act == Act.UNDO:
        return _("The explanation stays readable, marked as taken back, with your reason.")
    if one.state == State.REPORTED:
        return _("The finding is before both authorities; they see your explanation.")
    return _("What is explained in time does not go to the authorities.")
