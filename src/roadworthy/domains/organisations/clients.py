"""Other systems of an organisation: who lets them in, with what, until when (RFC 6749, 4.4).

* A client acts in one role, under an account of its own that has no password and holds no key;
  what it does stands in the ledger under that account, apart from every person's.
* Of secrets and tokens only digests are kept; they are random, so a digest gives nothing away.
* A secret is shown once. While a new one takes over, the old one stays good for a chosen time.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from roadworthy.domains.accounts import services as accounts
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations import services
from roadworthy.domains.organisations.actors import Actor, Witnessed, witnessed
from roadworthy.domains.organisations.models import AccessToken, Client, ClientSecret
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.organisations.scopes import MANAGERS, SCOPES_OF_ROLE, Scope, roles_of
from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound

SECRET_BYTES = 32
HINT_LENGTH = 4
TOKEN_LIFE = timedelta(minutes=15)
# Written down once a minute at most: a read need not become a write.
USED_EVERY = timedelta(minutes=1)
LONGEST_OVERLAP = timedelta(days=30)
_ABSENT = hashlib.sha256(b"").hexdigest()


class NoSuchClient(NotFound):
    code = "no-such-client"
    message = "There is no such system."


class NotYourSystems(Forbidden):
    code = "not-your-systems"
    message = "Only the {role} lets other systems of the organisation in."


class ClientNameMissing(Invalid):
    code = "client-name-missing"
    message = "Name the system, so that your colleagues know it again."


class RoleHasNoSystems(Invalid):
    code = "role-has-no-systems"
    message = "No system of your organisation can act as {role}."


class ScopeDoesNotFit(Invalid):
    code = "scope-does-not-fit"
    message = "{role} may not have: {scopes}."


class OverlapTooLong(Invalid):
    code = "overlap-too-long"
    message = "An old secret stays good for {days} days at most."


class ClientRevoked(Conflict):
    code = "client-revoked"
    message = "This system has been shut out already."


class NotAdmitted(Forbidden):
    """Deliberately says nothing more: whoever asks may be guessing."""

    code = "not-admitted"
    message = "The client id or its secret is wrong, or the system has been shut out."


class TokenNotGood(Forbidden):
    code = "token-not-good"
    message = "The access token is unknown, or its time is over. Ask for a new one."


@dataclass(frozen=True, slots=True)
class Admitted:
    """A client and its secret, which is told this once."""

    client: Client
    secret: str


@dataclass(frozen=True, slots=True)
class Granted:
    """A token and how long it is good, in seconds."""

    token: str
    seconds: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """The client behind a token, as one who acts."""

    client_pk: int
    client_id: str
    kind: Kind
    slug: str
    actor: Actor
    scopes: frozenset[str]

    @property
    def organisation_id(self) -> int:
        """Return whose system it is."""
        assert self.actor.organisation_id is not None
        return self.actor.organisation_id


@transaction.atomic(durable=True)
def admit(
    *,
    organisation_id: int,
    name: str,
    role: Role,
    scopes: Collection[str],
    actor: Actor,
    at: datetime,
) -> Admitted:
    """Let a system in, in one role, with some of the scopes that the role allows.

    Raises:
        NotAMember, NotYourSystems: the actor may not.
        ClientNameMissing, RoleHasNoSystems, ScopeDoesNotFit.
    """
    by, kind = _manager(organisation_id, actor)
    if not name.strip():
        raise ClientNameMissing
    if role not in roles_of(kind):
        raise RoleHasNoSystems(role=role)
    beyond = sorted(set(scopes) - SCOPES_OF_ROLE[role])
    if beyond or not scopes:
        raise ScopeDoesNotFit(role=role, scopes=", ".join(beyond) or "-")
    account = accounts.open_for_machine(name=name.strip(), actor=by, at=at)
    services.add_member(
        organisation_id=organisation_id, user_id=account.pk, role=role, actor=by, at=at
    )
    client = Client.objects.create(
        organisation_id=organisation_id,
        account=account,
        role=role,
        name=name.strip(),
        client_id=f"rw-{secrets.token_hex(8)}",
        scopes=sorted(scopes),
        created_at=at,
        created_by_id=actor.person_id,
    )
    secret = _new_secret(client, at)
    _log("client:admitted", client, by, at, role=role, scopes=client.scopes)
    return Admitted(client, secret)


@transaction.atomic(durable=True)
def rotate(*, client_pk: int, overlap: timedelta, actor: Actor, at: datetime) -> Admitted:
    """Give a client a new secret; those it had stay good for ``overlap``.

    Raises:
        NoSuchClient, NotAMember, NotYourSystems, ClientRevoked, OverlapTooLong.
    """
    client, by = _locked(client_pk, actor)
    if client.revoked_at is not None:
        raise ClientRevoked
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise OverlapTooLong(days=LONGEST_OVERLAP.days)
    ends_at = at + overlap
    client.secrets.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=ends_at)).update(ends_at=ends_at)
    if not overlap:  # the old secret may have been stolen, and a token with it
        AccessToken.objects.filter(client=client).delete()
    secret = _new_secret(client, at)
    _log("client:secret:rotated", client, by, at, old_ends_at=ledger.instant(ends_at))
    return Admitted(client, secret)


@transaction.atomic(durable=True)
def revoke(*, client_pk: int, actor: Actor, at: datetime) -> Client:
    """Shut a client out for good: its secrets and tokens are worth nothing from now on.

    Raises:
        NoSuchClient, NotAMember, NotYourSystems, ClientRevoked.
    """
    client, by = _locked(client_pk, actor)
    if client.revoked_at is not None:
        raise ClientRevoked
    client.revoked_at = at
    client.save(update_fields=["revoked_at"])
    client.secrets.all().delete()
    AccessToken.objects.filter(client=client).delete()
    accounts.close(client.account_id)
    _log("client:revoked", client, by, at)
    return client


@transaction.atomic(durable=True)
def grant(*, client_id: str, secret: str, scopes: Collection[str], at: datetime) -> Granted:
    """Give a token for a secret; without named scopes, for all that the client has.

    Raises:
        NotAdmitted: client or secret is wrong; it takes as long whichever it is.
        ScopeDoesNotFit: a scope was asked for that the client does not have.
    """
    client = Client.objects.filter(client_id=client_id, revoked_at__isnull=True).first()
    live = ClientSecret.objects.filter(client=client).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    )
    good = _matches(secret, [one.sha256 for one in live] if client else [])
    if client is None or not good:
        raise NotAdmitted
    beyond = sorted(set(scopes) - set(client.scopes))
    if beyond:
        raise ScopeDoesNotFit(role=client.role, scopes=", ".join(beyond))
    token = f"rwt_{secrets.token_urlsafe(SECRET_BYTES)}"
    given = tuple(sorted(scopes or client.scopes))
    AccessToken.objects.filter(client=client, ends_at__lte=at).delete()
    AccessToken.objects.create(
        client=client, sha256=_digest(token), scopes=given, ends_at=at + TOKEN_LIFE
    )
    return Granted(token, int(TOKEN_LIFE.total_seconds()), given)


def machine(token: str, *, at: datetime) -> Machine:
    """Return the client that a token was given to.

    Raises:
        TokenNotGood: nobody has that token, its time is over, or its client was shut out.
    """
    found = (
        AccessToken.objects.select_related("client__organisation")
        .filter(sha256=_digest(token), ends_at__gt=at, client__revoked_at__isnull=True)
        .first()
    )
    if found is None:
        raise TokenNotGood
    client = found.client
    if client.last_used_at is None or at - client.last_used_at >= USED_EVERY:
        Client.objects.filter(pk=client.pk).update(last_used_at=at)
    role = Role(client.role)
    return Machine(
        client_pk=client.pk,
        client_id=client.client_id,
        kind=Kind(client.organisation.kind),
        slug=client.organisation.slug,
        actor=Actor(role, client.account_id, client.organisation_id),
        # What a role may have can shrink after a client was let in.
        scopes=frozenset(found.scopes) & SCOPES_OF_ROLE[role],
    )


def of_organisation(organisation_id: int, *, search: str = "") -> QuerySet[Client]:
    """Return the systems of an organisation, newest first, their secrets with them."""
    found = Client.objects.filter(organisation_id=organisation_id)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(client_id__icontains=search))
    newest = ClientSecret.objects.order_by("-id")
    return (
        found.select_related("created_by")
        .prefetch_related(Prefetch("secrets", queryset=newest))
        .order_by("-id")
    )


def client(organisation_id: int, client_pk: int) -> Client:
    """Return one system of an organisation.

    Raises:
        NoSuchClient: there is none, or it is another's.
    """
    found = of_organisation(organisation_id).filter(pk=client_pk).first()
    if found is None:
        raise NoSuchClient
    return found


def _manager(organisation_id: int, actor: Actor) -> tuple[Witnessed, Kind]:
    by = witnessed(actor)
    organisation = services.organisation_of(organisation_id)
    kind = Kind(organisation.kind)
    if actor.organisation_id != organisation_id or actor.role != MANAGERS[kind]:
        raise NotYourSystems(role=MANAGERS[kind])
    return by, kind


def _locked(client_pk: int, actor: Actor) -> tuple[Client, Witnessed]:
    by, _ = _manager(actor.organisation_id or 0, actor)
    found = (
        Client.objects.select_for_update(no_key=True)
        .filter(pk=client_pk, organisation_id=actor.organisation_id or 0)
        .first()
    )
    if found is None:
        raise NoSuchClient
    return found, by


def _new_secret(client: Client, at: datetime) -> str:
    secret = f"rws_{secrets.token_urlsafe(SECRET_BYTES)}"
    ClientSecret.objects.create(
        client=client, sha256=_digest(secret), hint=secret[-HINT_LENGTH:], created_at=at
    )
    return secret


def _matches(secret: str, digests: Collection[str]) -> bool:
    """Compare in constant time, and at least once: an unknown client takes no less time."""
    given, good = _digest(secret), False
    for kept in digests or [_ABSENT]:
        good |= secrets.compare_digest(given, kept)
    return good and bool(digests)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def scopes_of(role: Role) -> tuple[Scope, ...]:
    """Return what a client in that role can be allowed, in order."""
    return tuple(scope for scope in Scope if scope in SCOPES_OF_ROLE.get(role, ()))


def _log(event: str, client: Client, by: ledger.Named, at: datetime, **data: object) -> None:
    ledger.record(
        event=event,
        subject=f"client/{client.client_id}",
        actor=by,
        at=at,
        data={"client": client.client_id, **data},
    )
