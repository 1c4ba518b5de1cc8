"""The first message on a new connection: what the other side runs and which messages it reads.

Said again when that changes, so that nobody is sent a version that it cannot read.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import transaction

from roadworthy import __version__
from roadworthy.domains.exchange import identity, outbox
from roadworthy.domains.exchange.kinds import Kind, Received, Registry
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.exchange.states import PeerState
from roadworthy.kernel.canonical import digest

NAME = "deployment.greeting"


class Greeting(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """What a deployment says of itself."""

    software: str  # its version
    kinds: dict[str, list[int]]  # what it understands: name -> versions


def apply(received: Received[Greeting], at: datetime) -> None:  # noqa: ARG001 - as kinds do
    """Note what the peer understands."""
    Peer.objects.filter(pk=received.peer.pk).update(kinds=received.body.kinds)


KINDS = (Kind(NAME, 1, Greeting, apply),)


@transaction.atomic(durable=True)
def greet(registry: Registry, *, at: datetime) -> int:
    """Greet each confirmed peer that has not heard what we are now; return how many."""
    greeting = Greeting(__version__, registry.told())
    said = digest(msgspec.to_builtins(greeting))
    found = (
        Peer.objects.select_for_update(no_key=True)
        .filter(state=PeerState.CONFIRMED)
        .exclude(greeted=said)
        .order_by("pk")
    )
    for peer in found:
        outbox.send(
            to=peer, matter=f"deployment/{identity.own().name}", kind=NAME, body=greeting, at=at
        )
        Peer.objects.filter(pk=peer.pk).update(greeted=said)
    return len(found)
