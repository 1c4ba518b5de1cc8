"""Organisations that act at another deployment: known here by their names and their public keys.

* Nobody here is a member of one, and none of their keys is made here.
* A key counts from the moment at which a person here has confirmed it; a revocation counts at
  once. What a deployment tells of itself can take trust away, never give it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import services
from roadworthy.domains.organisations.actors import Witnessed
from roadworthy.domains.organisations.models import AnnouncedKey, Organisation, SigningKey
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, KeyPurpose, Kind, Role
from roadworthy.domains.organisations.services import (
    PURPOSES_OF_ROLE,
    ActsNowhere,
    KeyExists,
    NoSuchSigningKey,
    OrganisationExists,
)
from roadworthy.kernel.errors import Conflict, Invalid
from roadworthy.trust.keys import key_from_dict, key_to_dict


class AuthorityExists(Conflict):
    code = "authority-exists"
    message = "{kind} is known here already as {organisation}."


class PurposeDoesNotFit(Invalid):
    code = "purpose-does-not-fit"
    message = "A key of {organisation} cannot sign {purpose}."


class OtherKeyId(Invalid):
    code = "other-key-id"
    message = "The key {keyid} is not the key that it says it is: {found}."


class AnothersKey(Conflict):
    code = "anothers-key"
    message = "The key {keyid} is known here as another key already."


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key as its own deployment tells of it; instants in UTC."""

    purpose: KeyPurpose
    keyid: str
    public: Mapping[str, Any]
    is_revoked: bool = False


def enter(
    *,
    slug: str,
    kind: Kind,
    name: Mapping[str, str],
    deployment: str,
    actor: ledger.Named,
    at: datetime,
) -> Organisation:
    """Enter an organisation that acts at another deployment; again, take over its names.

    Raises:
        OrganisationExists: an organisation of that slug acts here, elsewhere, or is another kind.
        ActsNowhere: it is attested here; ``services.join`` says first that it acts there.
        AuthorityExists: there is an authority of that kind already.
    """
    found = Organisation.objects.select_for_update(no_key=True).filter(slug=slug).first()
    if found is None:
        return _entered(slug, kind, name, deployment, actor, at)
    if found.is_attested:
        raise ActsNowhere(organisation=slug)
    if (found.deployment, found.kind) != (deployment, kind):
        raise OrganisationExists(slug=slug)
    if found.name != dict(name):
        found.name = dict(name)
        found.save(update_fields=["name"])
    return found


def announce(
    *, organisation_id: int, keys: Iterable[PublicKey], actor: ledger.Named, at: datetime
) -> tuple[AnnouncedKey, ...]:
    """Note the keys of which a deployment tells, and revoke those that it has revoked.

    Returns what a person has to confirm. Inside the caller's transaction.

    Raises:
        NoSuchOrganisation, PurposeDoesNotFit, OtherKeyId.
        AnothersKey: it is known here for something else.
    """
    organisation = services.organisation_of(organisation_id)
    for key in keys:
        public = _checked(organisation, key)
        known = SigningKey.objects.select_for_update(no_key=True).filter(keyid=key.keyid).first()
        if known is not None and (known.organisation_id, known.purpose) != (
            organisation.pk,
            key.purpose,
        ):
            raise AnothersKey(keyid=key.keyid)
        if key.is_revoked:
            _revoke(known, key, actor, at)
        elif known is None:
            _note(organisation, key, public, actor, at)
    return tuple(announced(organisation.pk))


@transaction.atomic
def confirm(*, keyid: str, actor: ledger.Named, at: datetime) -> SigningKey:
    """Let an announced key count: a person has compared it with what its owner says of it.

    Raises:
        NoSuchSigningKey: none of that id waits.
        KeyExists: the organisation has a live key for that purpose; it has to revoke that first.
    """
    waiting = _waiting(keyid)
    organisation = services.organisation_of(waiting.organisation_id)
    live = SigningKey.objects.filter(
        organisation=organisation, purpose=waiting.purpose, revoked_at__isnull=True
    )
    if live.exists():
        raise KeyExists(organisation=organisation.slug, purpose=waiting.purpose)
    key = SigningKey.objects.create(
        organisation=organisation,
        purpose=waiting.purpose,
        keyid=waiting.keyid,
        public=waiting.public,
        created_at=at,
    )
    waiting.delete()
    ledger.record(
        event="key:confirmed",
        subject=f"organisation/{organisation.slug}",
        actor=actor,
        at=at,
        data={"purpose": key.purpose, "keyid": key.keyid, "public": key.public},
    )
    return key


@transaction.atomic
def refuse(*, keyid: str, actor: ledger.Named, at: datetime) -> None:
    """Forget an announced key that is not its owner's.

    Raises:
        NoSuchSigningKey: none of that id waits.
    """
    waiting = _waiting(keyid)
    ledger.record(
        event="key:refused",
        subject=f"organisation/{waiting.organisation.slug}",
        actor=actor,
        at=at,
        data={"purpose": waiting.purpose, "keyid": waiting.keyid},
    )
    waiting.delete()


def announced(organisation_id: int | None = None) -> QuerySet[AnnouncedKey]:
    """Return the keys that wait for a person, oldest first; of one organisation, or of all."""
    found = AnnouncedKey.objects.select_related("organisation").order_by("announced_at", "id")
    return found if organisation_id is None else found.filter(organisation_id=organisation_id)


def published(organisation_id: int) -> tuple[PublicKey, ...]:
    """Return every key of an organisation as other deployments are told of it, oldest first."""
    return tuple(
        PublicKey(KeyPurpose(one.purpose), one.keyid, one.public, one.revoked_at is not None)
        for one in SigningKey.objects.filter(organisation_id=organisation_id).order_by("id")
    )


def named(organisation: Organisation, role: Role) -> Witnessed:
    """Name who acted at another deployment as the ledger does: by role, never by a person."""
    return Witnessed(role, organisation.slug, None)


def purposes_of(kind: Kind) -> frozenset[KeyPurpose]:
    """Return what the keys of such an organisation may sign."""
    return frozenset(
        purpose
        for role, purposes in PURPOSES_OF_ROLE.items()
        if KIND_OF_ROLE[role] == kind
        for purpose in purposes
    )


def _entered(
    slug: str,
    kind: Kind,
    name: Mapping[str, str],
    deployment: str,
    actor: ledger.Named,
    at: datetime,
) -> Organisation:
    if kind in {Kind.MIIT, Kind.SAMR}:
        other = Organisation.objects.filter(kind=kind).first()
        if other is not None:
            raise AuthorityExists(kind=kind.upper(), organisation=other.slug)
    organisation = Organisation.objects.create(
        slug=slug, kind=kind, name=dict(name), deployment=deployment
    )
    ledger.record(
        event="organisation:entered",
        subject=f"organisation/{slug}",
        actor=actor,
        at=at,
        data={"kind": kind, "name": dict(name), "deployment": deployment},
    )
    return organisation


def _waiting(keyid: str) -> AnnouncedKey:
    found = (
        AnnouncedKey.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(keyid=keyid)
        .first()
    )
    if found is None:
        raise NoSuchSigningKey
    return found


def _checked(organisation: Organisation, key: PublicKey) -> dict[str, Any]:
    """Return the public key as it is kept here: its id is computed, never believed."""
    if key.purpose not in purposes_of(Kind(organisation.kind)):
        raise PurposeDoesNotFit(organisation=organisation.slug, purpose=key.purpose)
    public = key_from_dict(dict(key.public))
    if public.keyid != key.keyid:
        raise OtherKeyId(keyid=key.keyid, found=public.keyid)
    return key_to_dict(public)


def _note(
    organisation: Organisation,
    key: PublicKey,
    public: dict[str, Any],
    actor: ledger.Named,
    at: datetime,
) -> None:
    row, is_new = AnnouncedKey.objects.get_or_create(
        keyid=key.keyid,
        defaults={
            "organisation": organisation,
            "purpose": key.purpose,
            "public": public,
            "announced_at": at,
        },
    )
    if (row.organisation_id, row.purpose) != (organisation.pk, key.purpose):
        raise AnothersKey(keyid=key.keyid)
    if is_new:
        ledger.record(
            event="key:announced",
            subject=f"organisation/{organisation.slug}",
            actor=actor,
            at=at,
            data={"purpose": key.purpose, "keyid": key.keyid, "public": public},
        )


def _revoke(known: SigningKey | None, key: PublicKey, actor: ledger.Named, at: datetime) -> None:
    AnnouncedKey.objects.filter(keyid=key.keyid).delete()
    if known is not None:
        services.revoked(known, actor=actor, at=at)
