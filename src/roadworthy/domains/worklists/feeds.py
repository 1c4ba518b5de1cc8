"""The private address of a person's calendar. The token opens it; only its hash is kept.

Making a new one ends the old one; what leads nowhere and what was ended look the same.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.actors import Actor, NotAMember, witnessed
from roadworthy.domains.organisations.models import Membership, Organisation
from roadworthy.domains.organisations.roles import Kind as Party
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import queries, table
from roadworthy.domains.worklists.errors import NoSuchLink
from roadworthy.domains.worklists.items import WorkItem
from roadworthy.domains.worklists.models import CalendarFeed

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Agenda:
    """What one person has to do for one organisation."""

    user_id: int
    email: str
    person: str
    language: str
    slug: str
    organisation: dict[str, str]
    party: Party
    items: tuple[WorkItem, ...]


@transaction.atomic(durable=True)
def renew(*, actor: Actor, at: datetime) -> str:
    """Make a new address for the actor's calendar and return its token, this once.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
    """
    user_id, organisation_id = member(actor)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.objects.update_or_create(
        user_id=user_id,
        organisation_id=organisation_id,
        defaults={"token_sha256": _hash(token), "made_at": at},
    )
    return token


@transaction.atomic(durable=True)
def revoke(*, actor: Actor) -> None:
    """End the actor's calendar address, if there is one.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
    """
    user_id, organisation_id = member(actor)
    CalendarFeed.objects.filter(user_id=user_id, organisation_id=organisation_id).delete()


def made_at(actor: Actor) -> datetime | None:
    """Return since when the actor's calendar has its address; None without one."""
    user_id, organisation_id = member(actor)
    found = CalendarFeed.objects.filter(user_id=user_id, organisation_id=organisation_id)
    return found.values_list("made_at", flat=True).first()


def opened(token: str, *, today: date) -> Agenda:
    """Return what the holder of a token has to do.

    Raises:
        NoSuchLink: it opens nothing, or nothing any more.
    """
    asked = _hash(token)
    feed = CalendarFeed.objects.filter(token_sha256=asked).first()
    # The index compares hashes, not tokens; the last word is a comparison in constant time.
    if feed is None or not hmac.compare_digest(feed.token_sha256, asked):
        raise NoSuchLink
    try:
        return agenda(feed.user_id, feed.organisation_id, today=today)
    except NotAMember:
        raise NoSuchLink from None


def agenda(user_id: int, organisation_id: int, *, today: date) -> Agenda:
    """Return what a person has to do for an organisation, in all their roles there.

    Raises:
        NotAMember: the person has no role there any more, or their account is closed.
    """
    held = Membership.objects.filter(
        user_id=user_id, organisation_id=organisation_id, user__is_active=True
    ).values_list("role", flat=True)
    roles = [Role(role) for role in held]
    if not roles:
        raise NotAMember(role="")
    user = User.objects.get(pk=user_id)
    organisation = Organisation.objects.get(pk=organisation_id)
    party = Party(organisation.kind)
    theirs = table.open_to(user_id, roles)
    every = queries.work(organisation_id, party, today=today)
    return Agenda(
        user_id=user_id,
        email=user.email,
        person=user.name,
        language=user.language,
        slug=organisation.slug,
        organisation=organisation.name,
        party=party,
        items=tuple(every.only(theirs)[:]),
    )


def member(actor: Actor) -> tuple[int, int]:
    """Return the person and the organisation, once the membership is checked.

    Raises:
        NotAMember: the actor does not hold the membership they act under.
    """
    witnessed(actor)
    if actor.organisation_id is None:
        raise NotAMember(role=actor.role)
    return actor.person_id, actor.organisation_id


def narrowed(found: Agenda, items: tuple[WorkItem, ...]) -> Agenda:
    """Return an agenda with only these items."""
    return replace(found, items=items)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
