"""Other systems of an organisation: the list, letting one in, a new secret, shutting one out.

Every portal has these pages under ``clients/`` for whoever answers for its systems. A secret is
in the answer to the request that made it and nowhere else: not in the session, not in a cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.cache import never_cache

from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations import clients
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.organisations.scopes import MEANING, Scope, roles_of
from roadworthy.kernel.errors import DomainError
from roadworthy.portals.shared import errors, stories, words
from roadworthy.portals.shared.access import Signed, for_roles
from roadworthy.portals.shared.forms import Choice, Form
from roadworthy.portals.shared.listing import Empty, FilterForm, Search, listing
from roadworthy.portals.shared.shapes import Ask, Button, Chip, Crumb, Tone

_HISTORY = 20
OVERLAPS = (
    ("0", _later("At once")),
    ("1", _later("After one day")),
    ("7", _later("After seven days")),
    ("30", _later("After thirty days")),
)


class ClientFilter(FilterForm):
    search = Search(label=_later("Name or client id"))


class AdmitForm(Form):
    """Which system, in which role, with what."""

    name = forms.CharField(
        max_length=80, label=_later("Name"), help_text=_later("For example: PLM, build server")
    )
    role = Choice(label=_later("Acts as"), choices=())
    scopes = forms.MultipleChoiceField(
        label=_later("May do"), choices=(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, roles: Sequence[Role]) -> None:
        super().__init__(data)
        self.fields["role"].choices = [(str(one), words.ROLES[one]) for one in roles]  # type: ignore[attr-defined]
        known = [
            scope for scope in Scope if any(scope in clients.scopes_of(role) for role in roles)
        ]
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (str(one), self._told(one, roles)) for one in known
        ]

    @staticmethod
    def _told(scope: Scope, roles: Sequence[Role]) -> str:
        may = [role for role in roles if scope in clients.scopes_of(role)]
        if len(may) == len(roles):
            return _(MEANING[scope])
        only = _("only as {roles}").format(roles=", ".join(str(words.ROLES[one]) for one in may))
        return f"{_(MEANING[scope])} ({only})"


class RotateForm(Form):
    """How long the old secret stays good."""

    overlap = Choice(label=_later("The old secret ends"), choices=OVERLAPS)


def urls(*roles: Role, base: str) -> list[URLPattern]:
    """Return the addresses of these pages for one portal."""
    pages = _Pages(base)
    guard = for_roles(*roles)
    return [
        path("clients/", guard(pages.systems), name="clients"),
        path("clients/admit/", guard(never_cache(pages.admit)), name="client-admit"),
        path("clients/<int:client_pk>/", guard(pages.system), name="client"),
        path(
            "clients/<int:client_pk>/rotate/",
            guard(never_cache(pages.rotate)),
            name="client-rotate",
        ),
        path("clients/<int:client_pk>/revoke/", guard(pages.revoke), name="client-revoke"),
    ]


class _Pages:
    """The five pages, written on one portal's frame."""

    def __init__(self, base: str) -> None:
        self.base = base

    def systems(self, request: Signed) -> HttpResponseBase:
        """List the organisation's systems."""
        mine = request.acting.organisation_id
        found = listing(
            request,
            lambda **filters: clients.of_organisation(mine, **filters),
            nothing=Empty(
                _("No other system has been let in"),
                _("A PLM or a build server can read and write drafts here. People sign."),
                (Button(_("Let a system in"), _to(request, "client-admit")),),
            ),
            form=ClientFilter(request),
        )
        rows = [(one, _to(request, "client", one.pk), _chip(one), _role(one)) for one in found.page]
        context = {"listing": found, "rows": rows, "admit": _to(request, "client-admit")}
        return self._page(request, "shared/clients.html", context)

    def admit(self, request: Signed) -> HttpResponseBase:
        """Let a system in, and show its secret this once."""
        form = AdmitForm(request.POST or None, roles=roles_of(request.acting.kind))
        if form.is_bound and form.is_valid():
            try:
                made = clients.admit(
                    organisation_id=request.acting.organisation_id,
                    name=form.cleaned_data["name"],
                    role=Role(form.cleaned_data["role"]),
                    scopes=form.cleaned_data["scopes"],
                    actor=request.acting.actor,
                    at=datetime.now(UTC),
                )
            except DomainError as error:
                errors.on_form(
                    form, error, {"scope-does-not-fit": "scopes", "client-name-missing": "name"}
                )
            else:
                return self._secret(request, made)
        context = {
            "form": form,
            "crumbs": _crumbs(request, _("Let a system in")),
            "heading": _("Let a system in"),
            "lead": _("It gets an account of its own. What needs a passphrase stays with people."),
            "back": _to(request, "clients"),
        }
        return self._page(request, "shared/form.html", context, 422 if form.errors else 200)

    def system(self, request: Signed, client_pk: int) -> HttpResponseBase:
        """Show one system: what it may, its secrets, what was done about it."""
        found = clients.client(request.acting.organisation_id, client_pk)
        context = {
            "client": found,
            "chip": _chip(found),
            "role": _role(found),
            "crumbs": _crumbs(request, found.name),
            "scopes": [(one, _(MEANING[Scope(one)])) for one in found.scopes],
            "events": stories.events(ledger.latest_about(f"client/{found.client_id}", _HISTORY)),
            "rotate": _to(request, "client-rotate", found.pk),
            "revoke": _to(request, "client-revoke", found.pk),
        }
        return self._page(request, "shared/client.html", context)

    def rotate(self, request: Signed, client_pk: int) -> HttpResponseBase:
        """Make a new secret, and show it this once."""
        found = clients.client(request.acting.organisation_id, client_pk)
        form = RotateForm(request.POST or None)
        if form.is_bound and form.is_valid():
            try:
                made = clients.rotate(
                    client_pk=found.pk,
                    overlap=timedelta(days=int(form.cleaned_data["overlap"])),
                    actor=request.acting.actor,
                    at=datetime.now(UTC),
                )
            except DomainError as error:
                errors.on_form(form, error)
            else:
                return self._secret(request, made)
        ask = Ask(
            id="rotate",
            title=_("New secret for {name}?").format(name=found.name),
            text=_("You see the new secret once. Until the old one ends, both are good."),
            href=_to(request, "client-rotate", found.pk),
            confirm=_("Make a new secret"),
            cancel=_("Not yet"),
            facts=[(_("Client id"), found.client_id)],
            form=form,
            back=_to(request, "client", found.pk),
        )
        return self._page(request, "shared/confirm.html", {"ask": ask}, 422 if form.errors else 200)

    def revoke(self, request: Signed, client_pk: int) -> HttpResponseBase:
        """Shut a system out for good."""
        found = clients.client(request.acting.organisation_id, client_pk)
        if request.method == "POST":
            clients.revoke(client_pk=found.pk, actor=request.acting.actor, at=datetime.now(UTC))
            messages.success(request, _("{name} is shut out.").format(name=found.name))
            return HttpResponseRedirect(_to(request, "client", found.pk))
        ask = Ask(
            id="revoke",
            title=_("Shut {name} out?").format(name=found.name),
            text=_("Its secrets and tokens are worth nothing at once. What it did stays."),
            href=_to(request, "client-revoke", found.pk),
            confirm=_("Shut it out"),
            cancel=_("Not yet"),
            look="danger",
            facts=[(_("Client id"), found.client_id)],
            back=_to(request, "client", found.pk),
        )
        return self._page(request, "shared/confirm.html", {"ask": ask})

    def _secret(self, request: Signed, made: clients.Admitted) -> HttpResponse:
        context = {
            "admitted": made,
            "crumbs": _crumbs(request, made.client.name),
            "onward": _to(request, "client", made.client.pk),
            "token_url": request.build_absolute_uri("/api/v1/oauth/token"),
        }
        return self._page(request, "shared/client_secret.html", context)

    def _page(
        self, request: Signed, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        return render(request, template, context | {"base": self.base}, status=status)


def _to(request: Signed, name: str, *args: Any) -> str:
    assert request.resolver_match is not None
    return reverse(f"{request.resolver_match.namespace}:{name}", args=args)


def _crumbs(request: Signed, here: str) -> list[Crumb]:
    return [Crumb(_("Other systems"), _to(request, "clients")), Crumb(here)]


def _chip(client: Any) -> Chip:
    if client.revoked_at is not None:
        return Chip(Tone.BROKEN, _("Shut out"))
    return Chip(Tone.MET, _("Let in")) if client.last_used_at else Chip(Tone.IDLE, _("Not used"))


def _role(client: Any) -> Any:
    return words.ROLES[Role(client.role)]
