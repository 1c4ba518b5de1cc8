"""A person here decides whether a key counts of which a peer's deployment has told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from roadworthy.domains.exchange import identity, peering
from roadworthy.domains.exchange.errors import NoSuchPeer
from roadworthy.domains.exchange.states import ANSWERABLE
from roadworthy.domains.organisations import remote, services
from roadworthy.domains.organisations.actors import Actor, NotAMember, witnessed


@transaction.atomic(durable=True)
def settle_key(*, name: str, keyid: str, counts: bool, actor: Actor, at: datetime) -> None:
    """Let an announced key of a peer's organisation count, or refuse it.

    Raises:
        NotAMember, NoSuchPeer, NoSuchSigningKey, KeyExists.
    """
    by = witnessed(actor)
    if actor.role not in ANSWERABLE:
        raise NotAMember(role=actor.role)
    peer = peering.living().filter(name=name).first()
    if peer is None or actor.organisation_id != identity.own().organisation_id:
        raise NoSuchPeer
    if not remote.announced(peer.organisation_id).filter(keyid=keyid).exists():
        raise services.NoSuchSigningKey
    if counts:
        remote.confirm(keyid=keyid, actor=by, at=at)
    else:
        remote.refuse(keyid=keyid, actor=by, at=at)
