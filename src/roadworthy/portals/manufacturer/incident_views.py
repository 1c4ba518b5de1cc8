"""Incidents: the list, entering one, its page, its steps, and what is reported of it."""

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
from django.views.decorators.cache import never_cache

from roadworthy.domains.disclosure import queries as disclosure
from roadworthy.domains.incidents import (
    asking,
    assessing,
    intake,
    queries,
    reading,
    reporting,
    services,
)
from roadworthy.domains.incidents.states import Action, Series, State, Trigger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import incident_page
from roadworthy.portals.manufacturer.incident_forms import (
    FORMS,
    AnswerForm,
    CorrectForm,
    EnterForm,
    LevelsForm,
    LineForm,
    QualifyForm,
    SayForm,
    SendForm,
)
from roadworthy.portals.shared import errors, incident_words, incidents
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Button, Crumb

READERS = (Role.SAFETY, Role.COMPLIANCE_OFFICER)
_OF_ENTER = {
    "incident-vehicle-unknown": "vin",
    "incident-type-unknown": "function_code",
    "incident-about-nothing": "vin",
    "incident-learned-in-the-future": "learned_at",
    "incident-happened-after-learning": "occurred_at",
}
_OF_SAY = {
    "incident-learned-in-the-future": "learned_at",
    "incident-happened-after-learning": "occurred_at",
    "incident-reason-missing": "reason",
    "incident-kinds-missing": "incident_kinds",
}


class IncidentFilter(FilterForm):
    search = Search(label=_later("Number, VIN, type or words"))
    which = forms.ChoiceField(label=_later("Which"))
    trigger = forms.ChoiceField(label=_later("How it came to notice"))
    state = forms.ChoiceField(label=_later("State"))
    type_id = forms.TypedChoiceField(label=_later("Vehicle type"), coerce=int, empty_value=None)


@for_roles(*READERS)
@never_cache
def index(request: Signed) -> HttpResponse:
    """List the incidents, newest first."""
    who, now = request.acting, datetime.now(UTC)
    may = who.role == Role.SAFETY
    new = Button(_("Enter an incident"), reverse("m:incident-enter"), "primary")
    found = listing(
        request,
        lambda sort, **filters: queries.incidents(who.actor, now=now, sort=sort, **filters),
        nothing=Empty(
            _("No incident is known"),
            _("What vehicles, owners, colleagues and other systems tell of appears here."),
            (new,) if may else (),
        ),
        form=IncidentFilter(request, _choices(who.organisation_id)),
        sort="-learned",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": incident_page.rows(found.page, now),
        "figures": queries.figures(who.actor, now=now),
        "new": new if may else None,
    }
    return render(request, "manufacturer/incidents.html", context)


@for_roles(Role.SAFETY)
@never_cache
def enter(request: Signed) -> HttpResponse:
    """Enter an incident that somebody told of."""
    mine, now = request.acting.organisation_id, datetime.now(UTC)
    form = EnterForm(
        request.POST or None,
        types=list(vehicles.types(mine)),
        functions=list(disclosure.functions(mine)),
        initial={"learned_at": now, "vin": request.GET.get("vin", "")},
    )
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        told = intake.Told(
            trigger=Trigger(values["trigger"]),
            learned_at=values["learned_at"],
            words=values["words"],
            stated=form.stated,
            vin=values["vin"],
            type_code=values["type_code"],
            function_code=values["function_code"],
        )
        try:
            made, _is_new = intake.enter(told=told, actor=request.acting.actor, at=now)
        except DomainError as error:
            errors.on_form(form, error, _OF_ENTER)
        else:
            messages.success(request, _("{number} is entered.").format(number=made.number))
            return HttpResponseRedirect(reverse("m:incident", args=[made.pk]))
    return _written(request, form, _("Enter an incident"), [])


@for_roles(*READERS)
@never_cache
def incident(request: Signed, incident_id: int) -> HttpResponse:
    """Show an incident; a page that asks again gets its head with the clocks."""
    if getattr(request, "htmx", False):
        found = queries.incident(request.acting.actor, incident_id)
        head = incident_page.live(found, request.acting, datetime.now(UTC))
        return render(request, "manufacturer/incident_live.html", head)
    return page(request, incident_id)


@for_roles(*READERS)
@never_cache
def act(request: Signed, incident_id: int, action: str) -> HttpResponse:
    """Take a step of the state table."""
    found = queries.incident(request.acting.actor, incident_id)
    if action not in set(Action):
        raise Http404
    wanted = Action(action)
    more: dict[str, Any] = {}
    if wanted == Action.QUALIFY:
        more = {"known": found.known, "initial": {"learned_at": datetime.now(UTC)}}
    form = FORMS[wanted](request.POST if request.method == "POST" else None, **more)
    if request.method == "POST" and form.is_valid():
        try:
            _take(wanted, found, request, form)
        except DomainError as error:
            known = {name: field for name, field in _OF_SAY.items() if field in form.fields}
            errors.on_form(form, error, known | {"incident-cannot-be-merged": "into"})
        else:
            messages.success(request, _("{number} is updated.").format(number=found.number))
            return HttpResponseRedirect(reverse("m:incident", args=[found.pk]))
    if isinstance(form, QualifyForm):
        heading = str(incident_words.ACTIONS[wanted])
        return _written(request, form, heading, [_crumb(found)], back=found)
    context = {"ask": incident_page.ask(wanted, found, form), "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


@for_roles(Role.SAFETY)
@never_cache
def say(request: Signed, incident_id: int) -> HttpResponse:
    """Write down what is known by now."""
    found, now = queries.incident(request.acting.actor, incident_id), datetime.now(UTC)
    form = SayForm(request.POST or None, known=found.known, initial={"learned_at": now})
    if form.is_bound and form.is_valid():
        try:
            services.say(
                incident_id=found.pk,
                stated=form.stated,
                learned_at=form.cleaned_data["learned_at"],
                reason=form.cleaned_data["reason"],
                actor=request.acting.actor,
                at=now,
            )
        except DomainError as error:
            errors.on_form(form, error, _OF_SAY)
        else:
            messages.success(request, _("It is written down."))
            return HttpResponseRedirect(reverse("m:incident", args=[found.pk]))
    return _written(request, form, _("What is known by now"), [_crumb(found)], back=found)


@for_roles(Role.SAFETY)
@never_cache
def correct(request: Signed, incident_id: int, account_id: int) -> HttpResponse:
    """Keep another version of what somebody told."""
    found, now = queries.incident(request.acting.actor, incident_id), datetime.now(UTC)
    kept = {account.pk: versions for account, versions in queries.accounts(found)}
    if account_id not in kept:
        raise Http404
    last = kept[account_id][-1]
    form = CorrectForm(request.POST or None, initial={"words": last.words, "learned_at": now})
    if form.is_bound and form.is_valid():
        try:
            intake.correct(
                account_id=account_id, stated={}, actor=request.acting.actor, at=now,
                **form.cleaned_data,
            )  # fmt: skip
        except DomainError as error:
            errors.on_form(form, error, _OF_SAY | {"incident-nothing-new": "words"})
        else:
            messages.success(request, _("Another version is kept; the earlier one stays."))
            return HttpResponseRedirect(reverse("m:incident", args=[found.pk]) + "#told")
    return _written(request, form, _("Correct what was told"), [_crumb(found)], back=found)


@for_roles(*READERS)
@never_cache
def send(request: Signed, incident_id: int, series: str) -> HttpResponse:
    """Send a report, or another version of it."""
    found, now = queries.incident(request.acting.actor, incident_id), datetime.now(UTC)
    if series not in set(Series):
        raise Http404
    wanted = Series(series)
    sent = [one for one in reading.reports(found) if one.series == wanted]
    form = SendForm(request.POST if request.method == "POST" else None, is_first=not sent)
    if request.method == "POST" and form.is_valid():
        try:
            made = reporting.report(
                incident_id=found.pk,
                series=wanted,
                reason=form.cleaned_data.get("reason", ""),
                actor=request.acting.actor,
                at=now,
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("{number} is sent.").format(number=made.number))
            return HttpResponseRedirect(reverse("m:incident", args=[found.pk]) + "#reports")
    told = assessing.recipients(assessing.evaluate(found, now=now), wanted)
    question = incident_page.ask_to_send(found, wanted, form, told)
    context = {"ask": question, "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


@for_roles(*READERS)
@never_cache
def report(request: Signed, report_id: int) -> HttpResponse:
    """Show a report exactly as the authorities have it."""
    found = reading.report(request.acting.organisation_id, report_id)
    context = {
        "report": found,
        "series": incident_words.SERIES[Series(found.series)],
        "content": incidents.content(found),
        "copies": incidents.signed(found),
        "is_whole": reporting.is_whole(found),
        "crumbs": [
            Crumb(_("Incidents"), reverse("m:incidents")),
            _crumb(found.incident),
            Crumb(found.number),
        ],
    }
    return render(request, "manufacturer/incident_report.html", context)


@for_roles(*READERS)
@never_cache
def acknowledgement(request: Signed, copy_id: int) -> HttpResponse:
    """Give out what an authority signed: a DSSE envelope over the report's digest."""
    return incidents.envelope(reading.sent(request.acting.organisation_id, copy_id))


@for_roles(*READERS)
@never_cache
def answer(request: Signed, question_id: int) -> HttpResponse:
    """Answer an authority."""
    found = reading.question(request.acting.organisation_id, question_id)
    form = AnswerForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            asking.answer(
                question_id=found.pk,
                text=form.cleaned_data["text"],
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _("The authority reads your answer."))
            place = reverse("m:incident", args=[found.incident_id]) + "#questions"
            return HttpResponseRedirect(place)
    heading = _("Answer the authority")
    crumbs = [_crumb(found.incident)]
    return _written(request, form, heading, crumbs, back=found.incident, lead=found.text)


@for_roles(*READERS)
@never_cache
def levels(request: Signed) -> HttpResponse:
    """Set what the manufacturer asks of itself where the law gives no number."""
    own = assessing.policy(request.acting.organisation_id)
    names = ("prompt_hours", "immediate_hours", "similar_threshold", "clock_start")
    form = LevelsForm(
        request.POST or None,
        initial={name: getattr(own, name) for name in names} if own else {},
    )
    if form.is_bound and form.is_valid():
        services.set_levels(**form.cleaned_data, actor=request.acting.actor, at=datetime.now(UTC))
        messages.success(request, _("Your own levels are set."))
        return HttpResponseRedirect(reverse("m:incidents"))
    lead = _("“Promptly” and “immediately” have no number in the law. These are yours alone.")
    return _written(request, form, _("Your own levels"), [], lead=lead)


def page(request: Signed, incident_id: int, **more: Any) -> HttpResponse:
    """Render the page of an incident, with a form that was wrong if there is one."""
    found = queries.incident(request.acting.actor, incident_id)
    context = {
        **incident_page.context(found, request.acting, datetime.now(UTC)),
        "line_form": LineForm(),
        **more,
    }
    bad = any(getattr(form, "errors", None) for form in more.values())
    return render(request, "manufacturer/incident.html", context, status=422 if bad else 200)


def _written(
    request: Signed,
    form: Any,
    heading: str,
    crumbs: list[Crumb],
    *,
    back: Any = None,
    lead: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "crumbs": [Crumb(_("Incidents"), reverse("m:incidents")), *crumbs, Crumb(heading)],
        "back": reverse("m:incident", args=[back.pk]) if back else reverse("m:incidents"),
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def _crumb(found: Any) -> Crumb:
    return Crumb(found.number, reverse("m:incident", args=[found.pk]))


def _take(action: Action, found: Any, request: Signed, form: Any) -> None:
    common: dict[str, Any] = {
        "incident_id": found.pk,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    values = form.cleaned_data
    if action == Action.QUALIFY:
        services.qualify(**common, stated=form.stated, learned_at=values["learned_at"])
    elif action == Action.MERGE:
        services.merge(**common, into_number=values["into"], reason=values["reason"])
    elif action in {Action.CONCLUDE, Action.CLOSE}:
        (services.conclude if action == Action.CONCLUDE else services.close)(**common)
    else:
        steps = {
            Action.SET_ASIDE: services.set_aside,
            Action.TAKE_BACK: services.take_back,
            Action.REOPEN: services.reopen,
            Action.SEPARATE: services.separate,
        }
        steps[action](**common, reason=values["reason"])


def _choices(manufacturer_id: int) -> dict[str, list[tuple[Any, Any]]]:
    return {
        "which": [
            (queries.OWED, _("A report is owed")),
            (queries.LATE, _("Late")),
            (queries.OPEN, _("Not closed")),
        ],
        "trigger": [(str(key), text) for key, text in incident_words.TRIGGERS.items()],
        "state": [(str(State(key)), chip.text) for key, chip in incident_words.STATES.items()],
        "type_id": [(one.pk, localised(one.name)) for one in vehicles.types(manufacturer_id)],
    }
