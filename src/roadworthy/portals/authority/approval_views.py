"""Approvals before the authority: the list, one of them, and suspending, resuming, revoking it."""

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
from roadworthy.domains.access import queries
from roadworthy.domains.access.states import APPROVAL, Action, State
from roadworthy.domains.campaigns import standing
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import approval_page, errors
from roadworthy.portals.shared.access import AUTHORITY, Signed, for_roles
from roadworthy.portals.shared.approved import APPROVAL as CHIPS
from roadworthy.portals.shared.forms import Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Ask, Button, Crumb

TEXTS = {
    Action.SUSPEND: _later("Suspend"),
    Action.RESUME: _later("Put back into force"),
    Action.REVOKE: _later("Revoke"),
}


class ApprovalFilter(FilterForm):
    search = Search(label=_later("Number, type or manufacturer"))
    state = forms.ChoiceField(label=_later("State"))


class EndForm(Form):
    reason = forms.CharField(
        label=_later("Reason"),
        help_text=_later("It stands on the public page of the approval"),
        widget=forms.Textarea({"rows": 4}),
    )


@for_roles(*AUTHORITY)
def index(request: Signed) -> HttpResponse:
    """List the approvals: those of all manufacturers, which are public."""
    choices = {"state": [(str(key), chip.text) for key, chip in CHIPS.items()]}
    nothing = Empty(
        _("Nothing is approved here yet"), _("An accepted application makes an approval.")
    )
    found = listing(
        request,
        lambda **filters: queries.searched(queries.published(), **filters),
        nothing=nothing,
        form=ApprovalFilter(request, choices),
    )
    rows = [(one, CHIPS[State(one.state)]) for one in found.page]
    return render(request, "authority/approvals.html", {"listing": found, "rows": rows})


@for_roles(*AUTHORITY)
def approval(request: Signed, number: str) -> HttpResponse:
    """Show an approval with its versions and conditions; who granted it may also end it."""
    found = queries.one(number)
    mine = found.authority_id == request.acting.organisation_id
    # Of the authorities, who granted it and who supervises conformity read everything.
    everything = mine or request.acting.kind == Kind.SAMR
    context = approval_page.context(found, request.GET, public=not everything)
    acts = APPROVAL.available(State(found.state), request.acting.role) if mine else ()
    context |= {
        "crumbs": [Crumb(_("Approvals"), reverse("a:approvals")), Crumb(found.number)],
        "acts": [_button(found, action) for action in acts],
        "answers": (),
        "public": not everything,
        "file_view": "a:condition-file" if everything else "",
    }
    return render(request, "authority/approval.html", context)


@for_roles(*AUTHORITY)
def condition_file(request: Signed, number: str, key: str) -> FileResponse:
    """Give back what shows that a condition is fulfilled, to who granted or supervises."""
    found = queries.one(number)
    mine = found.authority_id == request.acting.organisation_id
    if not mine and request.acting.kind != Kind.SAMR:
        raise Http404
    return approval_page.document_of(queries.condition(found.pk, key))


@for_roles(Role.MIIT_REVIEWER)
def act(request: Signed, number: str, action: str) -> HttpResponse:
    """Suspend, resume or revoke, with the reason that is published."""
    found = queries.granted(request.acting.organisation_id, number)
    if action not in set(APPROVAL.available(State(found.state), request.acting.role)):
        raise Http404
    form = EndForm(request.POST or None)
    if form.stay_or():
        try:
            standing.move(
                number=found.number,
                action=Action(action),
                reason=form.cleaned_data["reason"],
                platform=stores.platform(),
                actor=request.acting.actor,
                at=datetime.now(UTC),
            )
        except DomainError as error:
            errors.on_form(form, error)
        else:
            messages.success(request, _said(Action(action)).format(number=found.number))
            return HttpResponseRedirect(reverse("a:approval", args=[found.number]))
    context = {"ask": _ask(found, Action(action), form), "base": "authority/base.html"}
    return render(request, "shared/confirm.html", context, status=422 if form.errors else 200)


def _button(found: Any, action: Action) -> Button:
    look = "" if action == Action.RESUME else "danger"
    return Button(TEXTS[action], reverse("a:approval-act", args=[found.number, action]), look)


def _said(action: Action) -> str:
    return {
        Action.SUSPEND: _("{number} is suspended."),
        Action.RESUME: _("{number} is in force again."),
        Action.REVOKE: _("{number} is revoked."),
    }[action]


def _ask(found: Any, action: Action, form: EndForm) -> Ask:
    titles = {
        Action.SUSPEND: _("Suspend {number}?"),
        Action.RESUME: _("Put {number} back into force?"),
        Action.REVOKE: _("Revoke {number} for good?"),
    }
    texts = {
        Action.SUSPEND: _(
            "No release of the type passes the gate until it is in force again. Its campaigns are "
            "stopped at once; the manufacturer lets them go on afterwards."
        ),
        Action.RESUME: _(
            "Releases of the type at which nothing else is missing pass the gate now."
        ),
        Action.REVOKE: _(
            "No release of the type passes the gate any more, and its campaigns are stopped at "
            "once. This is final."
        ),
    }
    return Ask(
        id="act",
        title=titles[action].format(number=found.number),
        text=texts[action],
        href=reverse("a:approval-act", args=[found.number, action]),
        confirm=TEXTS[action],
        cancel=_("Not yet"),
        look="primary" if action == Action.RESUME else "danger",
        form=form,
        back=reverse("a:approval", args=[found.number]),
    )
