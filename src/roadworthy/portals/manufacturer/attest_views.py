"""The compliance officer enters what an authority answered on paper, and signs for it, plainly."""

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
from django.views.decorators.debug import sensitive_post_parameters

from roadworthy import stores
from roadworthy.domains.filings import attesting, queries, reading, services
from roadworthy.domains.filings.states import State
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, keeping, words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.forms import (
    MESSAGES,
    Choice,
    DayField,
    Form,
    PassphraseField,
    Upload,
)
from roadworthy.portals.shared.shapes import Ask, Crumb

_WHERE = {
    "trust.wrong_passphrase": "passphrase",
    "reference-missing": "reference",
    "from-the-future": "reference_on",
    "reason-missing": "reason",
    "no-such-document": "document",
    **dict.fromkeys(errors.ABOUT_A_FILE, "document"),
}


class AnswerForm(Form):
    """What the authority's paper says; nothing is preselected."""

    decision = Choice(
        label=_later("What the authority decided"),
        choices=[(str(one), words.FILING[one].text) for one in attesting.DECISIONS],
    )
    reference = forms.CharField(
        label=_later("Reference number of the authority"),
        max_length=attesting.REFERENCE_LENGTH,
        help_text=_later("As the paper has it. It becomes public: no name, no telephone number."),
    )
    reference_on = DayField(label=_later("Day of the answer"))
    document = forms.FileField(
        label=_later("The paper itself"),
        required=False,
        widget=Upload,
        help_text=_later("A scan or the file of the authority's site: PDF or picture"),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_later("Reasons of the authority"),
        required=False,
        help_text=_later("Needed where it returned or refused"),
        widget=forms.Textarea({"rows": 4, "class": "input"}),
    )
    passphrase = PassphraseField(
        required=False, help_text=_later("Needed where it accepted: you sign what you enter.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A browser forgets a chosen file: what came with an earlier attempt is not asked for again.
        self.fields["document"].required = not self.data.get("kept")

    def clean(self) -> dict[str, Any]:
        """Ask for the passphrase of who signs."""
        values = super().clean() or {}
        if values.get("decision") == State.ACCEPTED and not values.get("passphrase"):
            self.add_error("passphrase", MESSAGES["required"])
        return values


@for_roles(Role.COMPLIANCE_OFFICER)
@sensitive_post_parameters("passphrase")
def enter(request: Signed, filing_id: int) -> HttpResponse:
    """Enter the answer of an authority that answers on paper."""
    found = reading.own(request.acting.organisation_id, filing_id)
    if not found.authority.is_attested or found.state != State.SUBMITTED:
        raise Http404
    form = AnswerForm(request.POST or None, request.FILES or None)
    back = reverse("m:filing", args=[found.pk])
    if request.method == "POST":
        wrong = _keep(request, form)
        valid = form.is_valid()
        if wrong is not None:
            errors.on_form(form, wrong, _WHERE)
        elif valid:
            try:
                _enter(request, found, form.cleaned_data)
            except DomainError as error:
                errors.on_form(form, error, _WHERE)
            else:
                said = _("The answer to {number} is entered.").format(number=found.number)
                messages.success(request, said)
                return HttpResponseRedirect(back)
    context = {
        "form": form,
        "heading": _("Enter the answer to {number}").format(number=found.number),
        "lead": _(
            "{authority} answers on paper. You attest what it says, with your own key; release, "
            "log and receipt say plainly that it is attested and not countersigned. Whoever "
            "handed it in and whoever signs releases cannot do this."
        ).format(authority=localised(found.authority.name)),
        "crumbs": [
            Crumb(_("Filings"), reverse("m:filings")),
            Crumb(found.number, back),
            Crumb(_("Answer on paper")),
        ],
        "back": back,
        "submit": _("Attest the answer"),
        "kept": form.data.get("kept", "") if form.is_bound else "",
    }
    status = 422 if form.errors else 200
    return render(request, "manufacturer/attest.html", context, status=status)


def _keep(request: Signed, form: AnswerForm) -> DomainError | None:
    """Keep the paper at once: whatever else is wrong with the form, it is not handed in twice."""
    file = request.FILES.get("document")
    if file is None:
        return None
    sent = request.POST.copy()
    sent["kept"], wrong = "", None
    try:
        sent["kept"] = keeping.digest_of(request, file)
    except DomainError as error:
        wrong = error
    form.data = sent
    form.fields["document"].required = not sent["kept"]
    return wrong


def _enter(request: Signed, found: Any, values: dict[str, Any]) -> None:
    attesting.answer(
        filing_id=found.pk,
        answer=attesting.Answer(
            decision=State(values["decision"]),
            reference=values["reference"],
            reference_on=values["reference_on"],
            document_sha256=values["kept"],
            reason=values["reason"],
        ),
        passphrase=values["passphrase"],
        platform=stores.platform(),
        actor=request.acting.actor,
        at=datetime.now(UTC),
    )


class SignatureForm(Form):
    passphrase = PassphraseField()


@for_roles(Role.COMPLIANCE_OFFICER)
@sensitive_post_parameters("passphrase")
def sign(request: Signed, filing_id: int) -> HttpResponse:
    """Sign the metadata of a release in the place of an authority that answers on paper."""
    found = reading.own(request.acting.organisation_id, filing_id)
    if not found.authority.is_attested or not queries.lacks_signature(found):
        raise Http404
    form = SignatureForm(request.POST or None)
    back = reverse("m:filing", args=[found.pk])
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
            errors.on_form(form, error, _WHERE)
        else:
            messages.success(request, _("The metadata is signed."))
            return HttpResponseRedirect(back)
    context = {"ask": _ask(request, found, form, back), "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


def _ask(request: Signed, found: Any, form: Any, back: str) -> Ask:
    key = reading.own_key(found, request.acting.actor)
    release = found.dossier.content["release"]
    return Ask(
        id="attest-sign",
        title=_("Sign {number} in the place of {authority}?").format(
            number=release["number"], authority=localised(found.authority.name)
        ),
        text=_(
            "The metadata names the reference number of {filing} and says that the answer is "
            "attested. With every other signature it lets vehicles take the release."
        ).format(filing=found.number),
        href=reverse("m:filing-attest-sign", args=[found.pk]),
        confirm=_("Sign with my key"),
        cancel=_("Not yet"),
        facts=[
            (_("Release digest"), f"sha256:{found.dossier.content['release_sha256']}"),
            (_("Key"), key.keyid if key else _("You hold no key for this.")),
        ],
        form=form,
        back=back,
    )
