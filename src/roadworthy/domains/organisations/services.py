"""What can be done to organisations, memberships and keys."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from roadworthy.domains.accounts import services as accounts
from roadworthy.domains.accounts.models import User
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.models import Client, Membership, Organisation, SigningKey
from roadworthy.domains.organisations.roles import (
    ATTESTED,
    IN_PLACE_OF,
    KIND_OF_ROLE,
    KeyPurpose,
    Kind,
    Role,
)
from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from roadworthy.trust.keys import Keystore

PURPOSES_OF_ROLE: Mapping[Role, frozenset[KeyPurpose]] = {
    Role.RELEASE_ENGINEER: frozenset({KeyPurpose.RELEASE}),
    Role.COMPLIANCE_OFFICER: frozenset(ATTESTED.values()),
    Role.MIIT_REVIEWER: frozenset(
        {
            KeyPurpose.RECEIPT,
            KeyPurpose.PRODUCT_CHANGE_PERMIT,
            KeyPurpose.ACCESS_PERMIT,
            KeyPurpose.WITNESS,
        }
    ),
    Role.SAMR_REVIEWER: frozenset({KeyPurpose.RECEIPT, KeyPurpose.RECALL_PLAN, KeyPurpose.WITNESS}),
    Role.TEST_ENGINEER: frozenset({KeyPurpose.TEST_REPORT}),
}


AUTHORITIES = frozenset({Kind.MIIT, Kind.SAMR})
# In whose place a manufacturer's key signs: its own, or an authority's that answers on paper.
_PLACES: Mapping[KeyPurpose, Kind] = {KeyPurpose.RELEASE: Kind.MANUFACTURER, **IN_PLACE_OF}


class NoSuchOrganisation(NotFound):
    code = "no-such-organisation"
    message = "There is no such organisation."


class OrganisationExists(Conflict):
    code = "organisation-exists"
    message = 'There is already an organisation "{slug}".'


class RoleDoesNotFit(Invalid):
    code = "role-does-not-fit"
    message = "An organisation of kind {kind} has no {role}."


class NoSuchSigningKey(NotFound):
    code = "no-such-signing-key"
    message = "There is no such signing key."


class MayNotHoldKey(Forbidden):
    code = "may-not-hold-key"
    message = "The holder has no role here that signs {purpose}."


class MachineHoldsNoKey(Forbidden):
    code = "machine-holds-no-key"
    message = "This is the account of another system. Only a person holds a key."


class ActsElsewhere(Conflict):
    code = "organisation-acts-elsewhere"
    message = "{organisation} acts at another deployment: its people and keys are made there."


class ActsNowhere(Conflict):
    code = "organisation-acts-nowhere"
    message = (
        "{organisation} is attested: it answers on paper and has no people or keys here. "
        "Let it join first."
    )


class OnlyAuthoritiesAttested(Invalid):
    code = "only-authorities-attested"
    message = "Only an authority can be attested; {organisation} is a {kind}."


class SignsInAnotherPlace(Forbidden):
    code = "signs-in-another-place"
    message = (
        "The holder has a key for {other} already. Who attests an authority's answer neither signs "
        "releases nor attests for the other authority."
    )


class KeyExists(Conflict):
    code = "key-exists"
    message = "{organisation} already has a key for {purpose}. Revoke it first."


@transaction.atomic
def create_organisation(
    *,
    slug: str,
    kind: Kind,
    name: Mapping[str, str],
    actor: ledger.Named,
    at: datetime,
    ddi_tenant: str | None = None,
    is_demo: bool = False,
    is_attested: bool = False,
) -> Organisation:
    """Enter an organisation; an attested one is an authority that answers on paper.

    Raises:
        OrganisationExists: the slug or the tenant is taken.
        OnlyAuthoritiesAttested.
    """
    if is_attested and kind not in AUTHORITIES:
        raise OnlyAuthoritiesAttested(organisation=slug, kind=kind)
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                slug=slug,
                kind=kind,
                name=dict(name),
                ddi_tenant=ddi_tenant,
                is_demo=is_demo,
                is_attested=is_attested,
            )
    except IntegrityError:
        raise OrganisationExists(slug=slug) from None
    ledger.record(
        event="organisation:entered",
        subject=f"organisation/{slug}",
        actor=actor,
        at=at,
        data={"kind": kind, "name": dict(name)} | ({"attested": True} if is_attested else {}),
    )
    return organisation


@transaction.atomic
def add_member(
    *, organisation_id: int, user_id: int, role: Role, actor: ledger.Named, at: datetime
) -> Membership:
    """Let a person act for an organisation in a role; doing it twice changes nothing.

    Raises:
        NoSuchOrganisation: nothing has that id.
        RoleDoesNotFit: that kind of organisation has no such role.
        ActsElsewhere, ActsNowhere: nobody here speaks for it.
    """
    organisation = own(organisation_id)
    if KIND_OF_ROLE.get(role) != organisation.kind:
        raise RoleDoesNotFit(kind=organisation.kind, role=role)
    membership, created = Membership.objects.get_or_create(
        user_id=user_id, organisation_id=organisation_id, role=role
    )
    if created:
        ledger.record(
            event="membership:given",
            subject=f"organisation/{organisation.slug}",
            actor=actor,
            at=at,
            data={"role": role},
        )
    return membership


@transaction.atomic
def create_key(
    *,
    organisation_id: int,
    holder_id: int,
    purpose: KeyPurpose,
    passphrase: str,
    keystore: Keystore,
    actor: ledger.Named,
    at: datetime,
) -> SigningKey:
    """Make a key that only its holder's passphrase opens.

    Raises:
        NoSuchOrganisation: nothing has that id.
        MayNotHoldKey: the holder has no role whose keys serve ``purpose``.
        MachineHoldsNoKey: the holder is another system.
        KeyExists: the organisation has a live key for that purpose.
        SignsInAnotherPlace: no person signs in the place of two.
        ActsElsewhere: its keys are made at its own deployment.
        ActsNowhere: it is attested and has none.
    """
    organisation = own(organisation_id)
    roles = Membership.objects.filter(
        user_id=holder_id, organisation_id=organisation_id
    ).values_list("role", flat=True)
    if not any(purpose in PURPOSES_OF_ROLE.get(Role(role), ()) for role in roles):
        raise MayNotHoldKey(purpose=purpose)
    if Client.objects.filter(account_id=holder_id).exists():
        raise MachineHoldsNoKey
    _check_place(organisation_id, holder_id, purpose)
    if SigningKey.objects.filter(
        organisation_id=organisation_id, purpose=purpose, revoked_at__isnull=True
    ).exists():
        raise KeyExists(organisation=organisation.slug, purpose=purpose)
    public = keystore.create(passphrase)
    key = SigningKey.objects.create(
        organisation_id=organisation_id,
        holder_id=holder_id,
        purpose=purpose,
        keyid=public.keyid,
        public=public.to_dict(),
        created_at=at,
    )
    ledger.record(
        event="key:created",
        subject=f"organisation/{organisation.slug}",
        actor=actor,
        at=at,
        data={"purpose": purpose, "keyid": public.keyid, "public": key.public},
    )
    return key


@transaction.atomic
def revoke_key(*, keyid: str, actor: ledger.Named, at: datetime) -> SigningKey:
    """Let a key sign nothing more; what it signed stays signed. Doing it twice changes nothing.

    Raises:
        NoSuchSigningKey: there is none of that id.
        ActsElsewhere: only its organisation's own deployment revokes it.
    """
    key = (
        SigningKey.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organisation")
        .filter(keyid=keyid)
        .first()
    )
    if key is None:
        raise NoSuchSigningKey
    if key.organisation.is_remote:
        raise ActsElsewhere(organisation=key.organisation.slug)
    return revoked(key, actor=actor, at=at)


def _check_place(organisation_id: int, holder_id: int, purpose: KeyPurpose) -> None:
    """Refuse a key by which one person would stand for two of those whom the law wants apart."""
    if purpose not in _PLACES:
        return
    held = SigningKey.objects.filter(
        organisation_id=organisation_id, holder_id=holder_id, revoked_at__isnull=True
    )
    for other in held.order_by("id").values_list("purpose", flat=True):
        if _PLACES.get(KeyPurpose(other), _PLACES[purpose]) != _PLACES[purpose]:
            raise SignsInAnotherPlace(other=other)


def revoked(key: SigningKey, *, actor: ledger.Named, at: datetime) -> SigningKey:
    """Do what ``revoke_key`` does to a key whose row is locked, in the caller's transaction."""
    if key.revoked_at is not None:
        return key
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    ledger.record(
        event="key:revoked",
        subject=f"organisation/{key.organisation.slug}",
        actor=actor,
        at=at,
        data={"purpose": key.purpose, "keyid": key.keyid},
    )
    return key


@transaction.atomic
def set_gateway_token(*, organisation_id: int, actor: ledger.Named, at: datetime) -> str:
    """Make a new gateway token for a manufacturer's vehicles and return it, this once.

    Raises:
        NoSuchOrganisation: nothing has that id.
    """
    organisation = own(organisation_id)
    token = secrets.token_urlsafe()
    organisation.gateway_token_sha256 = hashlib.sha256(token.encode()).hexdigest()
    organisation.save(update_fields=["gateway_token_sha256"])
    ledger.record(
        event="gateway-token:set",
        subject=f"organisation/{organisation.slug}",
        actor=actor,
        at=at,
        data={},
    )
    return token


@transaction.atomic
def hire(
    *,
    organisation_id: int,
    email: str,
    name: str,
    password: str,
    role: Role,
    actor: ledger.Named,
    at: datetime,
    language: str = "zh-hans",
) -> User:
    """Open an account and give it one role in one organisation."""
    user = accounts.create_user(
        email=email, name=name, password=password, language=language, actor=actor, at=at
    )
    add_member(organisation_id=organisation_id, user_id=user.pk, role=role, actor=actor, at=at)
    return user


def own(organisation_id: int) -> Organisation:
    """Return an organisation that acts here, with its row locked.

    Raises:
        NoSuchOrganisation, ActsElsewhere, ActsNowhere.
    """
    organisation = organisation_of(organisation_id)
    if organisation.is_remote:
        raise ActsElsewhere(organisation=organisation.slug)
    if organisation.is_attested:
        raise ActsNowhere(organisation=organisation.slug)
    return organisation


def organisation_of(organisation_id: int) -> Organisation:
    """Return an organisation with its row locked, inside the caller's transaction.

    Raises:
        NoSuchOrganisation: nothing has that id.
    """
    try:
        return Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    except Organisation.DoesNotExist:
        raise NoSuchOrganisation from None
