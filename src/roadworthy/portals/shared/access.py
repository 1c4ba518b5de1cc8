"""Who may see a view: each view declares its roles, and a test walks them all.

* Nobody signed in: to the sign-in page, and back afterwards.
* Signed in, but not in one of the view's roles: 403.
* What belongs to another organisation: the query finds nothing, so 404.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from roadworthy.domains.organisations import queries
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.kernel.errors import Forbidden
from roadworthy.portals.shared import parking

SESSION_KEY = "membership"
MANUFACTURER = (
    Role.HOMOLOGATION,
    Role.RELEASE_ENGINEER,
    Role.COMPLIANCE_OFFICER,
    Role.MARKETING,
    Role.AFTER_SALES,
    Role.SAFETY,
    Role.RECALL,
    Role.DATA,
)
AUTHORITY = (Role.MIIT_REVIEWER, Role.SAMR_REVIEWER)


class NotYourRole(Forbidden):
    code = "not-your-role"
    message = "This page is for: {roles}. You act as {role}."


@dataclass(frozen=True, slots=True)
class Acting:
    """In whose name the person acts in this session."""

    membership_id: int
    person: str
    role: Role
    kind: Kind
    organisation_id: int
    slug: str
    name: Mapping[str, str]
    is_demo: bool
    actor: Actor


class Signed(HttpRequest):
    """A request that has passed ``for_roles``."""

    acting: Acting


class Page(Protocol):
    """A view that a reader with a role sees."""

    def __call__(self, request: Signed, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request."""


V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def all_of(request: HttpRequest) -> tuple[Acting, ...]:
    """Return everything the signed-in person may act as; asked once a request."""
    kept: tuple[Acting, ...] | None = getattr(request, "_memberships", None)
    if kept is None:
        user = request.user
        kept = tuple(map(_acting, queries.memberships_of(user))) if user.is_authenticated else ()
        request._memberships = kept  # type: ignore[attr-defined]  # noqa: SLF001
    return kept


def acting(request: HttpRequest) -> Acting | None:
    """Return what the person acts as: their choice, or the only thing they can be."""
    every = all_of(request)
    chosen = request.session.get(SESSION_KEY) if hasattr(request, "session") else None
    for one in every:
        if one.membership_id == chosen:
            return one
    return every[0] if len(every) == 1 else None


def for_roles(*roles: Role) -> Callable[[Page], Callable[..., HttpResponseBase]]:
    """Let only these roles see a view; its ``request.acting`` says who acts."""

    def decorate(view: Page) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to(request, "login", parking.keep(request))
            who = acting(request)
            if who is None:
                return _to(request, "choose")
            if who.role not in roles:
                raise NotYourRole(roles=roles, role=who.role)
            request.acting = who  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        checked.roles = roles  # type: ignore[attr-defined]
        return checked

    return decorate


def for_everybody(view: V) -> V:
    """Declare that a view asks for no account."""
    view.roles = ()  # type: ignore[attr-defined]
    return view


def _acting(membership: Any) -> Acting:
    organisation = membership.organisation
    role = Role(membership.role)
    return Acting(
        membership_id=membership.pk,
        person=membership.user.name,
        role=role,
        kind=Kind(organisation.kind),
        organisation_id=organisation.pk,
        slug=organisation.slug,
        name=organisation.name,
        is_demo=organisation.is_demo,
        actor=Actor(role=role, user_id=membership.user_id, organisation_id=organisation.pk),
    )


def _to(request: HttpRequest, name: str, kept_at: str = "") -> HttpResponse:
    target = f"{reverse(name)}?{urlencode({'next': kept_at or request.get_full_path()})}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
