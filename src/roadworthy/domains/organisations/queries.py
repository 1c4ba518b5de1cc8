"""What can be asked about organisations."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from roadworthy.domains.accounts.models import User
from roadworthy.domains.organisations.actors import Actor, NotAMember
from roadworthy.domains.organisations.models import (
    Client,
    Membership,
    Organisation,
    SigningKey,
)
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role


def memberships_of(user: User) -> tuple[Membership, ...]:
    """Return what a person may act as, organisations in order of their slugs."""
    return tuple(
        Membership.objects.select_related("organisation", "user")
        .filter(user=user, user__is_active=True)
        .order_by("organisation__slug", "role")
    )


def people(organisation_id: int, roles: Iterable[Role]) -> QuerySet[Membership]:
    """Return the people who act for an organisation in one of the roles; other systems do not."""
    return Membership.objects.filter(
        organisation_id=organisation_id, role__in=list(roles), user__is_active=True
    ).exclude(user__in=Client.objects.values("account"))


def authority(kind: Kind) -> Organisation | None:
    """Return the authority of that kind on this deployment."""
    return Organisation.objects.filter(kind=kind).order_by("id").first()


def by_slug(slug: str) -> Organisation | None:
    """Return the organisation of that name."""
    return Organisation.objects.filter(slug=slug).first()


def of_kind(kind: Kind) -> tuple[Organisation, ...]:
    """Return every organisation of a kind, in order of their slugs."""
    return tuple(Organisation.objects.filter(kind=kind).order_by("slug"))


def has_makers_elsewhere() -> bool:
    """Say whether a manufacturer has a deployment of its own."""
    found = Organisation.objects.filter(kind=Kind.MANUFACTURER).exclude(deployment="")
    return found.exists()


def live_key(organisation_id: int, purpose: KeyPurpose) -> SigningKey | None:
    """Return the key with which the organisation now signs for that purpose."""
    return (
        SigningKey.objects.select_related("organisation", "holder")
        .filter(organisation_id=organisation_id, purpose=purpose, revoked_at__isnull=True)
        .first()
    )


def key(keyid: str) -> SigningKey | None:
    """Return the public key of that id, revoked ones too: what they signed stays signed."""
    return SigningKey.objects.select_related("organisation").filter(keyid=keyid).first()


def live_keys_of(user_id: int) -> tuple[SigningKey, ...]:
    """Return the keys that a person holds."""
    return tuple(
        SigningKey.objects.select_related("organisation")
        .filter(holder_id=user_id, revoked_at__isnull=True)
        .order_by("organisation__slug", "purpose")
    )


def live_keys(purpose: KeyPurpose) -> tuple[SigningKey, ...]:
    """Return every organisation's key for one purpose."""
    return tuple(
        SigningKey.objects.select_related("organisation")
        .filter(purpose=purpose, revoked_at__isnull=True)
        .order_by("organisation__slug")
    )


def actor_of(email: str) -> Actor:
    """Return a person as the actor of their first membership; for the command line.

    Raises:
        NotAMember: there is no such person, or they act for nobody.
    """
    membership = (
        Membership.objects.filter(user__email__iexact=email).order_by("organisation_id").first()
    )
    if membership is None:
        raise NotAMember(role=email)
    return Actor(Role(membership.role), membership.user_id, membership.organisation_id)
