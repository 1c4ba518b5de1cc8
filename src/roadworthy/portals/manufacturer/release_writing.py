"""Writing releases: register, describe, freeze, sign, withdraw."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from roadworthy import stores
from roadworthy.domains.filings import classifying, gate, withdrawing
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import policies
from roadworthy.domains.software import queries as software
from roadworthy.domains.software import services
from roadworthy.domains.software.states import Action, State
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import release_dialogs
from roadworthy.portals.manufacturer.release_forms import (
    AnswersForm,
    ChangeForm,
    EvidenceForm,
    PolicyForm,
    RegisterForm,
)
from roadworthy.portals.shared import errors, uploads
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.shapes import Crumb

_WRITE = "manufacturer/write.html"


@for_roles(Role.RELEASE_ENGINEER)
def register(request: Signed) -> HttpResponse:
    """Register a release as a draft."""
    mine = request.acting.organisation_id
    form = RegisterForm(request.POST or None, types=list(vehicles.types(mine)))
    if form.is_bound and form.is_valid():
        try:
            made = services.register_release(
                manufacturer_id=mine,
                number=form.cleaned_data["number"],
                title=form.title,
                description=form.description,
                type_ids=form.cleaned_data["types"],
                planned_on=form.cleaned_data["planned_on"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"release-number-taken": "number", "no-such-type": "types"})
        else:
            messages.success(request, _("{number} is registered.").format(number=made.number))
            return HttpResponseRedirect(reverse("m:release", args=[made.number]))
    crumbs = [Crumb(_("Releases"), reverse("m:releases")), Crumb(_("Register a release"))]
    return _form(
        request,
        form,
        crumbs,
        _("Register a release"),
        reverse("m:releases"),
        template="manufacturer/register.html",
    )


@uploads.takes_images
@for_roles(Role.RELEASE_ENGINEER)
def add_change(request: Signed, number: str) -> HttpResponse:
    """Add what one ECU goes from and to, with its image."""
    release = software.release(request.acting.organisation_id, number)
    ecus = vehicles.ecu_names(
        request.acting.organisation_id, [one.pk for one in release.types.all()]
    )
    form = ChangeForm(request.POST or None, request.FILES or None, ecus=ecus)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            services.add_change(
                release_id=release.pk,
                ecu_name=values["ecu_name"],
                from_version=values["from_version"],
                to_version=values["to_version"],
                filename=values["file"].name,
                chunks=values["file"].chunks(),
                images=stores.images(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(
                form,
                error,
                {
                    "bad-filename": "file",
                    "empty-file": "file",
                    "document-too-large": "file",
                    "ecu-changed-twice": "ecu_name",
                },
            )
        else:
            return _back(request, number, _("The change is added; both digests agree."))
    return _form(
        request, form, _crumbs(number, _("Add a change")), _("Add a change"), _page(number)
    )


@for_roles(Role.RELEASE_ENGINEER)
def add_policy(request: Signed, number: str) -> HttpResponse:
    """Add the data policy that the approved flows of the release's type amount to."""
    release = software.release(request.acting.organisation_id, number)
    ecus = vehicles.ecu_names(
        request.acting.organisation_id, [one.pk for one in release.types.all()]
    )
    form = PolicyForm(request.POST or None, ecus=ecus)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            made = policies.add_to_release(
                number=number,
                ecu_name=values["ecu_name"],
                from_version=values["from_version"],
                version=values["to_version"],
                images=stores.images(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"ecu-changed-twice": "ecu_name"})
        else:
            told = _("The data policy is added, with {count} approved flows.")
            return _back(request, number, told.format(count=len(made.rules)))
    title = _("Add the data policy")
    return _form(request, form, _crumbs(number, title), title, _page(number))


@for_roles(Role.RELEASE_ENGINEER)
def add_evidence(request: Signed, number: str) -> HttpResponse:
    """Attach a document."""
    release = software.release(request.acting.organisation_id, number)
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        envelope = values.get("envelope")
        try:
            services.add_evidence(
                release_id=release.pk,
                kind=values["kind"],
                title=values["title"],
                filename=values["file"].name,
                chunks=values["file"].chunks(),
                images=stores.images(),
                envelope=envelope.read().decode(errors="replace") if envelope else "",
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(
                form,
                error,
                {"bad-filename": "file", "empty-file": "file", "document-too-large": "file"},
            )
        else:
            return _back(request, number, _("The document is attached."))
    return _form(
        request,
        form,
        _crumbs(number, _("Attach a document")),
        _("Attach a document"),
        _page(number),
    )


@for_roles(Role.RELEASE_ENGINEER)
def answers(request: Signed, number: str) -> HttpResponse:
    """Answer the change questionnaire; half an answer is kept too."""
    release = software.release(request.acting.organisation_id, number)
    form = AnswersForm(request.POST or None, answers=release.answers)
    if form.is_bound and form.is_valid():
        try:
            services.answer(
                release_id=release.pk,
                answers=form.answers,
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            return _back(request, number, _("Your answers are kept."))
    return _form(
        request,
        form,
        _crumbs(number, _("Change questionnaire")),
        _("Change questionnaire"),
        _page(number),
        template="manufacturer/answers.html",
        submit=_("Save the answers"),
    )


@for_roles(Role.RELEASE_ENGINEER, Role.COMPLIANCE_OFFICER)
@sensitive_post_parameters("sign-passphrase")
def act(request: Signed, number: str, action: str) -> HttpResponse:
    """Take a step of the state table; what cannot be taken back is asked first."""
    release = software.release(request.acting.organisation_id, number)
    if action not in set(Action) - {Action.RELEASE}:
        raise Http404
    wanted = Action(action)
    form = release_dialogs.form_for(wanted, release, request.POST or None)
    asked = wanted in release_dialogs.ASKED
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            _take(wanted, release, request, form)
        except DomainError as error:
            if form is None:
                raise
            errors.on_form(form, error, {"trust.wrong_passphrase": "passphrase"})
        else:
            return _back(request, number, _done(wanted, number))
    if not asked:
        return HttpResponseRedirect(_page(number))
    context = {"ask": release_dialogs.ask(wanted, release, form), "base": "manufacturer/base.html"}
    return render(
        request, "shared/confirm.html", context, status=422 if form and form.errors else 200
    )


@for_roles(Role.RELEASE_ENGINEER)
@sensitive_post_parameters("passphrase")
def sign_anew(request: Signed, number: str) -> HttpResponse:
    """Make the metadata anew after something else was published, and sign it."""
    release = software.release(request.acting.organisation_id, number)
    if release.state != State.SIGNED:
        raise Http404
    form = release_dialogs.SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            gate.restage(
                release_id=release.pk,
                passphrase=form.cleaned_data["passphrase"],
                platform=stores.platform(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error, {"trust.wrong_passphrase": "passphrase"})
        else:
            return _back(request, number, _done(Action.SIGN, number))
    context = {"ask": release_dialogs.ask_anew(release, form), "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


def _take(action: Action, release: Any, request: Signed, form: Any) -> None:
    common: dict[str, Any] = {
        "release_id": release.pk,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if action == Action.FREEZE:
        services.freeze(**common)
        classifying.classify(**common)
    elif action == Action.REOPEN:
        services.reopen(**common)
    elif action == Action.SIGN:
        gate.sign(**common, passphrase=form.cleaned_data["passphrase"], platform=stores.platform())
    elif action == Action.WITHDRAW:
        withdrawing.withdraw(**common)


def _done(action: Action, number: str) -> str:
    return {
        Action.FREEZE: _("The content of {number} is frozen and classified."),
        Action.REOPEN: _("{number} can be changed again."),
        Action.SIGN: _("You have signed {number}."),
        Action.WITHDRAW: _("{number} is withdrawn."),
    }[action].format(number=number)


def _crumbs(number: str, here: str) -> list[Crumb]:
    return [Crumb(_("Releases"), reverse("m:releases")), Crumb(number, _page(number)), Crumb(here)]


def _page(number: str) -> str:
    return reverse("m:release", args=[number])


def _back(request: Signed, number: str, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(_page(number))


def _form(
    request: Signed,
    form: Any,
    crumbs: Any,
    heading: str,
    back: str,
    *,
    template: str = _WRITE,
    submit: str = "",
) -> HttpResponse:
    context = {"form": form, "crumbs": crumbs, "heading": heading, "back": back, "submit": submit}
    return render(request, template, context, status=422 if form.errors else 200)
