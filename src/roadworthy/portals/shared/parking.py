"""What somebody typed when their session ended is kept for them, and for nobody else.

A long form carries a ticket: who opened it, for which draft, signed by the platform. A form that
arrives without a session but with its ticket is kept beside the draft; its writer finds it there
after signing in again. The ticket opens nothing and shows nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from roadworthy.domains.filings import drafting
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.kernel.errors import DomainError

FIELD = "ticket"
_SALT = "roadworthy.parking"
_TWO_DAYS = 2 * 24 * 60 * 60
_OWN = frozenset({FIELD, "base", "csrfmiddlewaretoken", "draft"})
_LISTS = frozenset({"types"})


def ticket(actor: Actor, *, kind: str, release_id: int | None, draft_id: int | None) -> str:
    """Return the ticket for a form that this person has opened."""
    return signing.dumps(
        [actor.user_id, actor.organisation_id, kind, release_id, draft_id], salt=_SALT
    )


def keep(request: HttpRequest) -> str:
    """Keep a form that came without a session; return where its writer finds it, or nothing."""
    raw = request.POST.get(FIELD, "") if request.method == "POST" else ""
    if not raw:
        return ""
    try:
        user_id, organisation_id, kind, release_id, draft_id = signing.loads(
            raw, salt=_SALT, max_age=_TWO_DAYS
        )
    except (signing.BadSignature, ValueError):
        return ""
    actor, now = Actor(Role.HOMOLOGATION, user_id, organisation_id), datetime.now(UTC)
    try:
        if draft_id is None:
            draft_id = drafting.begin(
                kind=Kind(kind), details=typed(request), actor=actor, at=now, release_id=release_id
            ).pk
        else:
            drafting.park(
                draft_id=draft_id,
                base=int(request.POST.get("base") or 0),
                details=typed(request),
                user_id=user_id,
                at=now,
            )
        return reverse("m:draft", args=[draft_id])
    except (DomainError, NoReverseMatch, ValueError):
        return ""


def typed(request: HttpRequest) -> dict[str, Any]:
    """Return what was typed, field by field."""
    return {
        name: request.POST.getlist(name) if name in _LISTS else request.POST[name]
        for name in request.POST
        if name not in _OWN
    }
