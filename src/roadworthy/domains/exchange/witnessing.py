"""Checkpoints of each log, cosigned by the witnesses of the other deployments.

* A witness cosigns what continues the last checkpoint that it has seen, and remembers it in the
  same transaction. Anything else is a dead letter there: nobody signs a log that was rewritten or
  cut short, and a person is told.
* A cosignature counts when it verifies by the key on the peer's confirmed card; then it stands
  under the checkpoint's own note.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from django.db import transaction
from django.db.models import Q

from roadworthy.domains.exchange import identity, outbox
from roadworthy.domains.exchange.errors import NoExchange, WrongMatter
from roadworthy.domains.exchange.kinds import Kind, Received
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.exchange.states import PeerState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger import sequencing
from roadworthy.domains.ledger.models import Checkpoint
from roadworthy.trust import checkpoints, notes

MATTER: Final = "checkpoint"
PERIOD: Final = timedelta(minutes=1)  # between two checkpoints that one peer is told of


class Published(msgspec.Struct):
    """A checkpoint, and the proof that it continues the one of ``old_size``."""

    note: str
    old_size: int
    proof: list[str]  # hexadecimal


class Cosigned(msgspec.Struct):
    """A witness's line for under a checkpoint."""

    origin: str
    size: int
    line: str


class Wanted(msgspec.Struct):
    """A witness needs the proof from another size: from the last that it has seen."""

    origin: str
    size: int


def matter(origin: str) -> str:
    """Name the matter of a log."""
    return f"{MATTER}/{origin}"


@transaction.atomic(durable=True)
def publish(*, at: datetime) -> int:
    """Tell each peer of the newest checkpoint, if it has not heard of it; return how many were."""
    newest = ledger.latest_checkpoint()
    own = identity.find()
    if newest is None or own is None:
        return 0
    origin = notes.Verifier.parse(own.log).name
    ready = Q(told_at__isnull=True) | Q(told_at__lte=at - PERIOD)
    behind = Peer.objects.select_for_update(no_key=True).filter(
        ready, state=PeerState.CONFIRMED, told_size__lt=newest.size
    )
    found = [peer for peer in behind.order_by("pk") if outbox.is_open(peer)]
    for peer in found:
        _tell(peer, newest, origin, at)
    return len(found)


def _tell(peer: Peer, newest: Checkpoint, origin: str, at: datetime) -> None:
    # A log that was restored to less than the witness saw has no such proof; it says so there.
    old_size = min(peer.cosigned_size, newest.size)
    proof = sequencing.log(newest.size).prove_consistency(old_size)
    outbox.send(
        to=peer,
        matter=matter(origin),
        kind="checkpoint.published",
        body=Published(newest.note, old_size, [one.hex() for one in proof]),
        at=at,
    )
    Peer.objects.filter(pk=peer.pk).update(told_size=newest.size, told_at=at)


def published(received: Received[Published], at: datetime) -> None:
    """Cosign a peer's checkpoint, as the continuation of the last that this witness saw."""
    if received.identity is None:
        raise NoExchange
    log, told = notes.Verifier.parse(received.peer.log), received.body
    if received.matter != matter(log.name):
        raise WrongMatter(kind=received.kind, matter=received.matter)
    memory = sequencing.memory(str(received.identity.witness.verifier))
    clerk = checkpoints.Witness(received.identity.witness, logs=[log], memory=memory)
    reply: msgspec.Struct
    try:
        proof = [bytes.fromhex(one) for one in told.proof]
        line = clerk.cosign(told.note.encode(), old_size=told.old_size, proof=proof, at=at)
    except checkpoints.WitnessAhead:
        kind, reply = "checkpoint.wanted", Wanted(log.name, clerk.last_size(log.name))
    except ValueError:
        raise checkpoints.CheckpointMalformed(reason="its proof is not hexadecimal") from None
    else:
        size = checkpoints.open_checkpoint(told.note.encode(), log).checkpoint.size
        kind, reply = "checkpoint.cosigned", Cosigned(log.name, size, line)
    outbox.send(to=received.peer, matter=received.matter, kind=kind, body=reply, at=at)


def cosigned(received: Received[Cosigned], at: datetime) -> None:
    """Put a peer's cosignature under our checkpoint."""
    told, peer = received.body, received.peer
    _require_ours(received, told.origin)
    sequencing.add_cosignature(
        size=told.size, line=told.line, witness=notes.Verifier.parse(peer.witness), at=at
    )
    Peer.objects.filter(pk=peer.pk, cosigned_size__lt=told.size).update(cosigned_size=told.size)


def wanted(received: Received[Wanted], at: datetime) -> None:  # noqa: ARG001 - as kinds do
    """Prove from the size that the witness has seen, the next time."""
    _require_ours(received, received.body.origin)
    Peer.objects.filter(pk=received.peer.pk).update(cosigned_size=received.body.size, told_size=0)


def _require_ours(received: Received[Cosigned] | Received[Wanted], origin: str) -> None:
    own = notes.Verifier.parse(identity.own().log).name
    if origin != own or received.matter != matter(own):
        raise WrongMatter(kind=received.kind, matter=received.matter)


KINDS: Final = (
    Kind("checkpoint.published", 1, Published, published),
    Kind("checkpoint.cosigned", 1, Cosigned, cosigned),
    Kind("checkpoint.wanted", 1, Wanted, wanted),
)
