"""Data flows: the list, declaring one, its page with the rulebook's answer, and its steps."""

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

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.processing import declaring, queries, services
from roadworthy.domains.processing.states import FLOW, Action, State
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.manufacturer import flow_forms
from roadworthy.portals.manufacturer.data_views import READERS, flow_rows
from roadworthy.portals.shared import data_words as words
from roadworthy.portals.shared import errors, presenting, stories
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.formats import localised
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Ask, Button, Crumb

_HISTORY = 20
_ORDER = (Action.DECLARE, Action.APPROVE, Action.RETURN, Action.REFUSE, Action.END)
_FIELDS = {
    "no-purpose": "purpose_zh",
    "no-necessity": "necessity_zh",
    "no-such-country": "opened_from",
    "no-recipient": "recipient_id",
    "no-retention": "retention_days",
    "no-precision": "precision_metres",
    "stays-and-leaves": "stored",
    "places-disagree": "stored",
}


class FlowFilter(FilterForm):
    search = Search(label=_later("Number, item, recipient or purpose"))
    state = forms.ChoiceField(label=_later("State"))
    outcome = forms.ChoiceField(label=_later("Answer"))
    purpose = forms.ChoiceField(label=_later("Purpose"))


@for_roles(*READERS)
def flows(request: Signed) -> HttpResponse:
    """List the flows, newest first."""
    who = request.acting
    may = who.role == Role.DATA
    new = Button(_("Declare a flow"), reverse("m:flow-write"), "primary")
    nothing = Empty(
        _("No flow is declared"),
        _("A flow says which data go where, for what, and for how long."),
        (new,) if may else (),
    )
    choices = {
        "state": [(str(key), chip.text) for key, chip in words.FLOW.items()],
        "outcome": [(str(key), chip.text) for key, chip in words.OUTCOMES.items() if key],
        "purpose": [(str(key), text) for key, text in words.PURPOSES.items()],
    }
    found = listing(
        request,
        lambda sort, **filters: queries.flows(who.organisation_id, sort=sort, **filters),
        nothing=nothing,
        form=FlowFilter(request, choices),
        sort="-written",
    )
    context = {
        "listing": found,
        "sort": found.sort,
        "rows": flow_rows(found.page),
        "new": new if may else None,
    }
    return render(request, "manufacturer/flows.html", context)


@for_roles(*READERS)
def flow(request: Signed, flow_id: int) -> HttpResponse:
    """Show one flow: what is declared, what the rules say of it and why, its versions."""
    who = request.acting
    found = queries.flow(who.organisation_id, flow_id)
    decision = queries.decision(found.pk)
    result: dict[str, Any] = decision.result if decision else {}
    binding = [presenting.finding(row) for row in result.get("binding", ())]
    available = set(FLOW.available(State(found.state), who.role))
    may_rewrite = who.role == Role.DATA and found.state != State.DECLARED
    context = {
        "flow": found,
        "row": flow_rows([found])[0],
        "decision": decision,
        "result": result,
        "outcome": words.OUTCOMES[found.outcome],
        "folded": presenting.folded(binding),
        "findings": binding,
        "watched": [presenting.finding(row) for row in result.get("watched", ())],
        "unenforceable": _unenforceable(result),
        "conditions": _owed(result.get("conditions", ())),
        "remedies": _owed(result.get("remedies", ())),
        "facts": _facts(found),
        "versions": [(one, words.FLOW[State(one.state)]) for one in queries.others_of(found)],
        "actions": [
            Button(words.ACTS[one], reverse("m:flow-act", args=[found.pk, one]), _look(one))
            for one in _ORDER
            if one in available
        ],
        "rewrite": may_rewrite,
        "may_judge": found.state in {State.DRAFT, State.DECLARED, State.APPROVED},
        "events": stories.events(ledger.latest_about(f"data-flow/{found.pk}", _HISTORY)),
        "crumbs": [Crumb(_("Data flows"), reverse("m:flows")), Crumb(found.number)],
    }
    return render(request, "manufacturer/flow.html", context)


@for_roles(Role.DATA)
def write(request: Signed) -> HttpResponse:
    """Write a flow down."""
    form = _form(request, item=request.GET.get("item", ""))

    def save() -> Any:
        return declaring.draft(
            declared=form.declared, actor=request.acting.actor, at=datetime.now(UTC)
        )

    return _written(request, form, save, _("Declare a flow"), reverse("m:flows"))


@for_roles(Role.DATA)
def rewrite(request: Signed, flow_id: int) -> HttpResponse:
    """Write a draft anew, or the next version of a flow."""
    found = queries.flow(request.acting.organisation_id, flow_id)
    form = _form(request, said=declaring.declared_of(found))
    back = reverse("m:flow", args=[found.pk])

    def save() -> Any:
        return declaring.rewrite(
            flow_id=found.pk,
            declared=form.declared,
            actor=request.acting.actor,
            at=datetime.now(UTC),
        )

    heading = _("Write {number} anew").format(number=found.number)
    return _written(request, form, save, heading, back)


@for_roles(*READERS)
def act(request: Signed, flow_id: int, action: str) -> HttpResponse:
    """Take a step of the state table."""
    found = queries.flow(request.acting.organisation_id, flow_id)
    if action == "judge":
        return _judge(request, found)
    if action not in {str(one) for one in _ORDER}:
        raise Http404
    wanted, back = Action(action), reverse("m:flow", args=[found.pk])
    form = _question(wanted, request)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            _take(wanted, found, request, form)
        except DomainError as error:
            form = form or flow_forms.ApproveForm(request.POST)
            errors.on_form(form, error)
        else:
            messages.success(request, _done(wanted, found))
            return HttpResponseRedirect(back)
    ask = Ask(
        id=f"ask-{wanted}",
        title=_("{act}: {number}").format(act=words.ACTS[wanted], number=found.number),
        text=_texts()[wanted],
        href=reverse("m:flow-act", args=[found.pk, wanted]),
        confirm=words.ACTS[wanted],
        cancel=_("Not now"),
        form=form,
        back=back,
    )
    status = 422 if form is not None and form.errors else 200
    context = {"ask": ask, "base": "manufacturer/base.html"}
    return render(request, "shared/confirm.html", context, status=status)


def _judge(request: Signed, found: Any) -> HttpResponse:
    if request.method == "POST":
        services.judge(flow_id=found.pk, actor=request.acting.actor, at=datetime.now(UTC))
    return HttpResponseRedirect(reverse("m:flow", args=[found.pk]))


def _form(request: Signed, **known: Any) -> flow_forms.FlowForm:
    mine = request.acting.organisation_id
    return flow_forms.FlowForm(
        request.POST or None,
        items=queries.items(mine),
        types=vehicles.types(mine),
        recipients=queries.recipients(mine),
        assessments=queries.assessments(mine),
        **known,
    )


def _written(request: Signed, form: Any, save: Any, heading: str, back: str) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            made = save()
        except DomainError as error:
            errors.on_form(form, error, _FIELDS)
        else:
            services.judge(flow_id=made.pk, actor=request.acting.actor, at=datetime.now(UTC))
            return HttpResponseRedirect(reverse("m:flow", args=[made.pk]))
    context = {
        "form": form,
        "heading": heading,
        "lead": _("What you do not state is not guessed: the answer names what is missing."),
        "submit": _("Save and ask the rulebook"),
        "crumbs": [Crumb(_("Data flows"), reverse("m:flows")), Crumb(heading)],
        "back": back,
    }
    return render(request, "manufacturer/write.html", context, status=422 if form.errors else 200)


def _question(action: Action, request: Signed) -> Any:
    data = request.POST if request.method == "POST" else None
    if action == Action.DECLARE:
        return None
    form = flow_forms.ApproveForm if action == Action.APPROVE else flow_forms.RemarkForm
    return form(data)


def _take(action: Action, found: Any, request: Signed, form: Any) -> None:
    common: dict[str, Any] = {
        "flow_id": found.pk,
        "actor": request.acting.actor,
        "at": datetime.now(UTC),
    }
    if action == Action.DECLARE:
        services.declare(**common)
        return
    steps = {
        Action.APPROVE: services.approve,
        Action.RETURN: services.give_back,
        Action.REFUSE: services.refuse,
        Action.END: services.end,
    }
    steps[action](**common, remark=form.cleaned_data["remark"])


def _texts() -> dict[Action, str]:
    return {
        Action.DECLARE: _("The compliance officer decides next; until then it cannot be changed."),
        Action.APPROVE: _(
            "From now on the vehicles' policy lets it out, on the conditions that are named."
        ),
        Action.RETURN: _("Say what has to be changed; it is a draft again."),
        Action.REFUSE: _("Say why. Another version can be written."),
        Action.END: _("Say why. Nothing leaves over it any more once the policy is delivered."),
    }


def _done(action: Action, found: Any) -> str:
    return {
        Action.DECLARE: _("{number} is declared."),
        Action.APPROVE: _("{number} is approved."),
        Action.RETURN: _("{number} is given back."),
        Action.REFUSE: _("{number} is refused."),
        Action.END: _("{number} is ended."),
    }[action].format(number=found.number)


def _look(action: Action) -> str:
    if action in {Action.REFUSE, Action.END}:
        return "danger"
    return "primary" if action in {Action.DECLARE, Action.APPROVE} else ""


def _unenforceable(result: dict[str, Any]) -> str:
    """Return why the vehicle's filter cannot carry the flow out; nothing if it can."""
    told = result.get("filter", {})
    return _(told["message"]).format(**told["data"]) if told.get("message") else ""


def _owed(rows: Any) -> list[tuple[str, str]]:
    return [(row["rule_id"], localised(row["title"])) for row in rows]


def _facts(found: Any) -> list[tuple[Any, Any]]:
    item = found.item
    rows = [
        (_("Purpose"), words.PURPOSES[found.purpose]),
        (_("The purpose in words"), localised(found.purpose_words)),
        (_("Why less would not do"), localised(found.necessity)),
        (_("Legal ground"), words.GROUNDS[found.ground]),
        (_("From where"), words.PLACES[found.starts_in]),
        (_("Where it is processed"), words.PLACES[found.processed_in]),
        (_("Recipient"), localised(found.recipient.name) if found.recipient else ""),
        (_("Country"), words.country(found.recipient.country) if found.recipient else ""),
        (_("Where it is stored"), words.STORED[found.stored]),
        (_("Can be opened from"), ", ".join(map(words.country, found.opened_from))),
        (_("Deleted after"), _("{n} days").format(n=found.retention_days)),
        (_("A position leaves rounded to"), _metres(found.precision_metres)),
        (_("Anonymised"), words.ANONYMISED[found.anonymised] if found.anonymised else ""),
        (_("Persons in a year"), "" if found.persons is None else f"{found.persons:,}"),
        (_("Which persons"), found.population),
        (_("Way of export"), words.PATHS[found.path] if found.path != "none" else ""),
        (_("Number"), found.path_number),
        (_("Security assessment"), found.assessment.number if found.assessment else ""),
        (_("Version of the item"), str(item.number)),
    ]
    return [(name, value) for name, value in rows if value]


def _metres(metres: int | None) -> str:
    return "" if metres is None else _("{n} metres").format(n=metres)
