"""Give messages of a line to the peer that lacks them, and take back what we had sent ourselves.

A peer keeps what we sent it, with our signature. After our database was restored from an earlier
day, that is where our own words are; they take their old places again, nothing new gets those, and
what they say holds again (``regaining``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from roadworthy.domains.exchange import regaining
from roadworthy.domains.exchange.identity import Identity
from roadworthy.domains.exchange.models import Blob, Incoming, Line, Outgoing, Peer
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.trust import messages
from roadworthy.trust.messages import Message

MOST = 500  # messages in one answer
LARGEST = 16 * 1024 * 1024  # bytes of payload in one answer


def copies(identity: Identity, peer: Peer, *, matter: str, sender: str, first: int) -> list[bytes]:
    """Return envelopes of a line from a number on: ours, or those that the peer had sent us."""
    total = 0
    found: list[bytes] = []
    if sender == identity.name:
        sent = Outgoing.objects.filter(
            line__peer=peer, line__matter=matter, sequence__gte=first
        ).order_by("sequence")
        envelopes = (
            messages.seal(bytes(one.payload), messages.MESSAGE, identity.signer)
            for one in sent[:MOST].iterator()
        )
    else:
        came = Incoming.objects.filter(
            line__peer=peer, line__matter=matter, sequence__gte=first
        ).order_by("sequence")
        envelopes = (
            messages.envelope(bytes(one.payload), messages.MESSAGE, one.keyid, bytes(one.signature))
            for one in came[:MOST].iterator()
        )
    for envelope in envelopes:
        total += len(envelope)
        if found and total > LARGEST:
            break
        found.append(envelope)
    return found


@transaction.atomic(durable=True)
def take_back(identity: Identity, peer: Peer, envelopes: Sequence[bytes], *, at: datetime) -> int:
    """Put our own messages, which a peer gave back, into their old places; return how many.

    Raises:
        MessageMalformed, MessageNotSigned: one is not ours, or does not continue the line.
    """
    count = 0
    for envelope in envelopes:
        opened = messages.open_sealed(envelope, messages.MESSAGE, identity.key)
        message = Message.parse(opened.payload)
        if (message.sender, message.to) != (identity.name, peer.name):
            raise messages.MessageMalformed(reason="it was not for that peer")
        count += _place(peer, message, opened.payload, at)
    if count:
        ledger.record(
            event="exchange:taken-back",
            subject=f"peer/{peer.name}",
            actor=witnessed(PLATFORM),
            at=at,
            data={"messages": count},
        )
    return count


def _place(peer: Peer, message: Message, payload: bytes, at: datetime) -> int:
    Line.objects.bulk_create(
        [Line(peer=peer, direction=Line.OUT, matter=message.matter)], ignore_conflicts=True
    )
    line = Line.objects.select_for_update(no_key=True).get(
        peer=peer, direction=Line.OUT, matter=message.matter
    )
    if message.sequence <= line.last:
        return 0
    if (message.sequence, message.previous) != (line.last + 1, line.digest):
        raise messages.MessageMalformed(reason="it does not continue the line as it is here")
    line.last, line.digest = message.sequence, sha256_hex(payload)
    line.save(update_fields=["last", "digest"])
    sent = Outgoing.objects.create(
        line=line,
        sequence=message.sequence,
        kind=message.kind,
        payload=payload,
        sha256=line.digest,
        queued_at=messages.moment(message.at),
        acknowledged_at=at,  # the peer has just shown that it has it
    )
    regaining.begin(sent, at=at)
    Blob.objects.bulk_create(
        [
            Blob(peer=peer, direction=Line.OUT, sha256=sha256, named_at=at)
            for sha256 in message.blobs
        ],
        ignore_conflicts=True,
    )
    return 1
