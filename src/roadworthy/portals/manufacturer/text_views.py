"""Texts: the list, writing one, reading one with what the checker says, and its steps."""

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

from roadworthy.domains.disclosure import queries, services, wordings, writing
from roadworthy.domains.disclosure.states import Action, Channel, State
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import queries as software
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import text_page
from roadworthy.portals.manufacturer.text_forms import (
    RegisterTextForm,
    RemarkForm,
    WordsForm,
    known,
)
from roadworthy.portals.shared import errors, text_view, words
from roadworthy.portals.shared.access import MANUFACTURER, Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

_WRITE = "manufacturer/write_text.html"
_FIELDS = {
    "function-missing": "function_id",
    "not-a-function-of-this-type": "function_id",
    "release-missing": "release_id",
    "hint-needs-reason": "hint_reason",
}


class TextFilter(FilterForm):
    search = Search(label=_later("Words, function or place"))
    channel = forms.ChoiceField(label=_later("Sort of text"))
    type_id = forms.TypedChoiceField(label=_later("Vehicle type"), coerce=int, empty_value=None)
    state = forms.ChoiceField(label=_later("State"))


@for_roles(*MANUFACTURER)
def texts(request: Signed) -> HttpResponse:
    """List what is said about the vehicles, and where each text stands."""
    mine = request.acting.organisation_id
    choices: dict[str, Any] = {
        "channel": [(str(key), text) for key, text in words.CHANNELS.items()],
        "type_id": [(one.pk, localised(one.name)) for one in vehicles.types(mine)],
        "state": [(str(key), chip.text) for key, chip in words.TEXT.items()],
    }
    may = request.acting.role == Role.MARKETING
    new = Button(_("Register a text"), reverse("m:text-sorts"), "primary")
    nothing = Empty(
        _("No text is registered"),
        _("Names, descriptions, advertising and screens are registered before they are public."),
        (new,) if may else (),
    )
    found = listing(
        request,
        lambda sort, **filters: queries.texts(mine, sort=sort, **filters),
        nothing=nothing,
        form=TextFilter(request, choices),
        sort="-written",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": text_view.rows(found.page),
        "new": new if may else None,
    }
    return render(request, "manufacturer/texts.html", context)


@for_roles(Role.MARKETING)
def sorts(request: Signed) -> HttpResponse:
    """Let the writer say what sort of text it is."""
    ways = [(reverse("m:text-register", args=[key]), text) for key, text in words.CHANNELS.items()]
    crumbs = [Crumb(_("Texts"), reverse("m:texts")), Crumb(_("Register a text"))]
    return render(request, "manufacturer/text_sorts.html", {"ways": ways, "crumbs": crumbs})


@for_roles(Role.MARKETING)
def register(request: Signed, channel: str) -> HttpResponse:
    """Register a text with its first wording; it may be checked before it is kept."""
    if channel not in set(Channel):
        raise Http404
    mine = request.acting.organisation_id
    form = RegisterTextForm(
        request.POST or None,
        channel=Channel(channel),
        types=list(vehicles.types(mine)),
        functions=list(queries.functions(mine)),
        releases=list(software.of_manufacturer(mine)) if channel == Channel.UPDATE else [],
    )
    readings: list[Any] = []
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        if "check" in request.POST:
            level = _level(mine, values)
            readings = _tried(form, level)
        else:
            try:
                made = writing.register_text(
                    channel=Channel(channel),
                    type_id=values["type_id"],
                    content=form.content,
                    function_id=values.get("function_id"),
                    release_id=values.get("release_id"),
                    place=values["place"],
                    hint_reason=values["hint_reason"],
                    actor=request.acting.actor,
                    at=datetime.now(UTC),
                )
            except DomainError as error:
                errors.on_form(form, error, _FIELDS)
            else:
                messages.success(request, _("The draft is kept."))
                return HttpResponseRedirect(reverse("m:text", args=[made.text_id]))
    heading = str(words.CHANNELS[Channel(channel)])
    crumbs = [Crumb(_("Texts"), reverse("m:texts")), Crumb(heading)]
    return _form(request, form, heading, crumbs, reverse("m:texts"), readings)


@for_roles(Role.MARKETING)
def write(request: Signed, text_id: int) -> HttpResponse:
    """Change the draft, or write the next version."""
    text = queries.text(request.acting.organisation_id, text_id)
    newest = text.versions.all()[0]
    channel = Channel(text.channel)
    form = WordsForm(
        request.POST or None, channel=channel, known=known(newest.content, newest.hint_reason)
    )
    readings: list[Any] = []
    back = reverse("m:text", args=[text.pk])
    if form.is_bound and form.is_valid():
        if "check" in request.POST:
            readings = _tried(form, text_page.level(text))
        else:
            try:
                writing.write(
                    text_id=text.pk,
                    content=form.content,
                    hint_reason=form.cleaned_data["hint_reason"],
                    actor=request.acting.actor,
                    at=datetime.now(UTC),
                )
            except DomainError as error:
                errors.on_form(form, error, _FIELDS)
            else:
                messages.success(request, _("The draft is kept."))
                return HttpResponseRedirect(back)
    heading = _("Write version {n}").format(
        n=newest.number if newest.state == State.DRAFT else newest.number + 1
    )
    crumbs = [
        Crumb(_("Texts"), reverse("m:texts")),
        Crumb(text_view.subject(text), back),
        Crumb(heading),
    ]
    return _form(request, form, heading, crumbs, back, readings)


@for_roles(*MANUFACTURER)
def text(request: Signed, text_id: int) -> HttpResponse:
    """Show a text: the wording in work, what the checker says, and every version."""
    found = queries.text(request.acting.organisation_id, text_id)
    return render(
        request,
        "manufacturer/text.html",
        text_page.context(found, request.acting, datetime.now(UTC)),
    )


@for_roles(Role.MARKETING, Role.HOMOLOGATION, Role.COMPLIANCE_OFFICER)
def act(request: Signed, text_id: int, action: str) -> HttpResponse:
    """Take a step of the state table; where a reason is needed it is asked for first."""
    found = queries.text(request.acting.organisation_id, text_id)
    if action not in set(Action) - {Action.REPLACE}:
        raise Http404
    wanted, back = Action(action), reverse("m:text", args=[found.pk])
    asked = wanted in text_page.ASKED
    form = RemarkForm(request.POST or None) if asked else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            _take(wanted, found, request, form)
        except DomainError as error:
            if form is None:
                messages.error(request, errors.sentence(error))
                return HttpResponseRedirect(back)
            errors.on_form(form, error)
        else:
            messages.success(request, text_page.done(wanted))
            return HttpResponseRedirect(back)
    if form is None:
        return HttpResponseRedirect(back)
    context = {"ask": text_page.ask(wanted, found, form), "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


def _take(action: Action, found: Any, request: Signed, form: RemarkForm | None) -> None:
    common: dict[str, Any] = {
        "text_id": found.pk,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    remark = form.cleaned_data["remark"] if form else ""
    if action == Action.SUBMIT:
        services.submit(**common)
    elif action == Action.RETURN:
        services.send_back(**common, remark=remark)
    elif action == Action.APPROVE:
        services.approve(**common)
    elif action == Action.PUBLISH:
        services.publish(**common)
    else:
        services.withdraw(**common, remark=remark)


def _level(manufacturer_id: int, values: dict[str, Any]) -> int:
    if values.get("function_id"):
        return queries.function(manufacturer_id, values["function_id"]).level
    return vehicles.vehicle_type(manufacturer_id, values["type_id"]).automation_level


def _tried(form: WordsForm, level: int) -> list[Any]:
    """Return what the checker says of words that nobody has kept yet."""
    content = form.content
    read = wordings.check(form.channel, content, level=level, as_of=legal_day(datetime.now(UTC)))
    return [
        text_view.reading(form.channel, language, content[language], answer)
        for language, answer in read.answers.items()
    ]


def _form(
    request: Signed, form: Any, heading: str, crumbs: Any, back: str, readings: list[Any]
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "crumbs": crumbs,
        "back": back,
        "readings": readings,
        "submit": _("Keep the draft"),
        "lead": _("The checker reads both languages. Only what it has no fault with goes public."),
    }
    return render(request, _WRITE, context, status=422 if form.errors else 200)
