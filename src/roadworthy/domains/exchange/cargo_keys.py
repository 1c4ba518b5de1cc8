"""What travels about keys: that an organisation has made one, or revoked one.

A revocation counts at once; a new key waits here until a person has confirmed it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from roadworthy.domains.exchange import identity
from roadworthy.domains.exchange.errors import BodyUnreadable, WrongMatter
from roadworthy.domains.exchange.kinds import Kind, Received, Said
from roadworthy.domains.organisations import remote, services
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KeyPurpose

MATTER: Final = "keys"


class PublicKey(msgspec.Struct):
    purpose: str
    keyid: str
    public: dict[str, Any]
    revoked: bool


class Changed(msgspec.Struct):
    """Every key that the organisation has or had."""

    organisation: str
    keys: list[PublicKey]


def matter(slug: str) -> str:
    """Name the matter of an organisation's keys."""
    return f"{MATTER}/{slug}"


def told(organisation: Organisation) -> Changed:
    """Return what others are told of an organisation's keys."""
    return Changed(
        organisation.slug,
        [
            PublicKey(str(one.purpose), one.keyid, dict(one.public), one.is_revoked)
            for one in remote.published(organisation.pk)
        ],
    )


def changed(received: Received[Changed], at: datetime) -> None:
    """Take in what keys a peer's organisation has; its own, and nobody else's."""
    told, owner = received.body, received.peer.organisation
    if told.organisation != owner.slug or received.matter != matter(owner.slug):
        raise WrongMatter(kind=received.kind, matter=received.matter)
    try:
        keys = [
            remote.PublicKey(KeyPurpose(one.purpose), one.keyid, one.public, one.revoked)
            for one in told.keys
        ]
    except ValueError as error:
        raise BodyUnreadable(kind=received.kind, reason=str(error)) from None
    remote.announce(organisation_id=owner.pk, keys=keys, actor=witnessed(PLATFORM), at=at)


def revoked_again(said: Said[Changed], at: datetime) -> None:
    """Let a key that we had revoked sign nothing any more."""
    own = {one.keyid: one for one in remote.published(identity.own().organisation.pk)}
    for one in said.body.keys:
        if one.revoked and one.keyid in own and not own[one.keyid].is_revoked:
            services.revoke_key(keyid=one.keyid, actor=witnessed(PLATFORM), at=at)


KINDS: Final = (Kind("keys.changed", 1, Changed, changed, revoked_again),)
