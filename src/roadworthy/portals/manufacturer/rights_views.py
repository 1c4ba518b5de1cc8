"""What persons ask about their data: the list with its clocks, one request, and its steps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.rights import queries, services
from roadworthy.domains.rights.states import REQUEST, Action, Actor, Kind, State
from roadworthy.kernel.calendar import legal_day
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer.data_views import READERS, answer
from roadworthy.portals.shared import errors, formats, stories
from roadworthy.portals.shared import rights_words as words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Ask, Button, Crumb

_HISTORY, _VIN_END = 20, 6
_ORDER = (Action.CARRY_OUT, Action.REFUSE)


class RequestFilter(FilterForm):
    search = Search(label=_later("Number or VIN"))
    state = forms.ChoiceField(label=_later("State"))
    kind = forms.ChoiceField(label=_later("What is asked for"))


class EnterForm(Form):
    vin = forms.CharField(max_length=17, min_length=17, label="VIN")
    kind = forms.ChoiceField(
        label=_later("What is asked for"), choices=[(str(k), t) for k, t in words.KINDS.items()]
    )
    channel = forms.ChoiceField(
        label=_later("How it came in"),
        choices=[(k, t) for k, t in words.CHANNELS.items() if k != "web"],
    )
    checked = forms.CharField(
        max_length=200,
        label=_later("How it is known who asks"),
        help_text=_later("For example: identity card and registration certificate seen"),
    )
    words = forms.CharField(
        required=False, label=_later("In the person's words"), widget=forms.Textarea({"rows": 3})
    )


class RefuseForm(Form):
    answer = forms.CharField(
        label=_later("Why, and under which article"), widget=forms.Textarea({"rows": 4})
    )


@for_roles(*READERS)
@never_cache
def requests(request: Signed) -> HttpResponse:
    """List the requests, newest first."""
    who, today = request.acting, legal_day(datetime.now(UTC))
    may = who.role == Role.DATA
    new = Button(_("Enter a request"), reverse("m:right-enter"), "primary")
    nothing = Empty(
        _("Nobody has asked for anything"),
        _("Owners ask behind their link; what comes by telephone or letter is entered here."),
        (new,) if may else (),
    )
    choices = {
        "state": [(str(key), chip.text) for key, chip in words.CHIPS.items()],
        "kind": [(str(key), text) for key, text in words.KINDS.items()],
    }
    found = listing(
        request,
        lambda sort, **filters: queries.requests(who.actor, sort=sort, **filters),
        nothing=nothing,
        form=RequestFilter(request, choices),
        sort="-received",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": [_row(one, today) for one in found.page],
        "new": new if may else None,
        "waiting": queries.waiting(who.actor),
        "late": queries.late(who.actor, on=today),
    }
    return render(request, "manufacturer/rights.html", context)


@for_roles(*READERS)
@never_cache
def right(request: Signed, request_id: int) -> HttpResponse:
    """Show one request, by when it is owed, and what was done in each store."""
    who = request.acting
    found = queries.request(who.actor, request_id)
    available = (
        set(REQUEST.available(State(found.state), Actor.DATA)) if who.role == Role.DATA else set()
    )
    context = {
        "row": _row(found, legal_day(datetime.now(UTC))),
        "asked": found,
        "channel": words.CHANNELS[found.channel],
        "result": told(found.result),
        "held": [
            (words.STORES[store], count)
            for store, count in queries.held(found, at=datetime.now(UTC)).items()
        ],
        "actions": [
            Button(words.ACTS[one], reverse("m:right-act", args=[found.pk, one]), look)
            for one, look in zip(_ORDER, ("primary", "danger"), strict=True)
            if one in available
        ],
        "events": stories.events(ledger.latest_about(f"rights-request/{found.pk}", _HISTORY)),
        "crumbs": [Crumb(_("Requests of persons"), reverse("m:rights")), Crumb(found.number)],
    }
    return render(request, "manufacturer/right.html", context)


@for_roles(Role.DATA)
@never_cache
def enter(request: Signed) -> HttpResponse:
    """Enter what a person asked for by telephone or letter."""
    form = EnterForm(request.POST or None)

    def write() -> HttpResponse:
        values = form.cleaned_data
        made = services.enter(
            vin=values["vin"],
            kind=Kind(values["kind"]),
            words=values["words"],
            checked=values["checked"],
            channel=values["channel"],
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )
        return HttpResponseRedirect(reverse("m:right", args=[made.pk]))

    return answer(request, form, write, _("Enter a request"), reverse("m:rights"))


@for_roles(Role.DATA)
@never_cache
def act(request: Signed, request_id: int, action: str) -> HttpResponse:
    """Carry a request out, or refuse it."""
    found = queries.request(request.acting.actor, request_id)
    if action not in {str(one) for one in _ORDER}:
        raise Http404
    wanted = Action(action)
    form = None
    if wanted == Action.REFUSE:
        form = RefuseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form is None or form.is_valid()):
        common: dict[str, Any] = {
            "request_id": found.pk,
            "actor": request.acting.actor,
            "at": datetime.now(UTC),
        }
        try:
            if form is None:
                services.carry_out(**common)
            else:
                services.refuse(**common, answer=form.cleaned_data["answer"])
        except DomainError as error:
            form = form or RefuseForm(request.POST)
            errors.on_form(form, error)
        else:
            messages.success(request, _("{number} is answered.").format(number=found.number))
            return HttpResponseRedirect(reverse("m:right", args=[found.pk]))
    ask = _ask(found, wanted, form)
    status = 422 if form is not None and form.errors else 200
    context = {"ask": ask, "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=status)


def _ask(found: Any, wanted: Action, form: Any) -> Ask:
    text = {
        (Action.CARRY_OUT, Kind.DELETION): _(
            "The owner of this vehicle is erased from our own stores; this cannot be undone. What "
            "another law keeps is kept and named."
        ),
        (Action.CARRY_OUT, Kind.ACCESS): _("The owner finds the copy behind their link."),
    }.get((wanted, Kind(found.kind)), _("The person reads the reason."))
    return Ask(
        id=f"ask-{wanted}",
        title=_("{act}: {number}").format(act=words.ACTS[wanted], number=found.number),
        text=text,
        href=reverse("m:right-act", args=[found.pk, wanted]),
        confirm=words.ACTS[wanted],
        cancel=_("Not now"),
        look="danger" if wanted == Action.CARRY_OUT and found.kind == Kind.DELETION else "primary",
        form=form,
        back=reverse("m:right", args=[found.pk]),
    )


def told(result: Any) -> list[dict[str, Any]]:
    """Return what each store did, in words."""
    return [
        {
            "store": words.STORES[row["store"]],
            "erased": row["erased"],
            "kept": row["kept"],
            "why": words.WHY.get(row["why"], ""),
            "article": f"{row['instrument']} {row['provision']}".strip(),
        }
        for row in result
    ]


def _row(one: Any, today: date) -> dict[str, Any]:
    is_open = one.state == State.RECEIVED
    late = is_open and one.due_on is not None and one.due_on < today
    left = formats.working_days(one.due_on, today) if is_open and one.due_on else ""
    return {
        "asked": one,
        "kind": words.KINDS[one.kind],
        "chip": words.CHIPS[one.state],
        "ending": (one.vehicle.vin or "")[-_VIN_END:],
        "left": left,
        "late": late,
    }
