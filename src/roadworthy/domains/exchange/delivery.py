"""What the sender of messages reads and notes: the next to go, the peer's answer, a failure.

A message counts as delivered when the peer's signed answer names its digest, and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from roadworthy.domains.exchange import answers, outbox
from roadworthy.domains.exchange.answers import Problem, Refused
from roadworthy.domains.exchange.models import Answer, Line, Outgoing, Peer
from roadworthy.domains.exchange.pausing import pause
from roadworthy.domains.exchange.states import Halt, PeerState
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.trust import messages

MOST = 500  # messages in one request
LARGEST = 16 * 1024 * 1024  # bytes of payload in one request
LANES = 2  # requests on their way to one peer at a time, under load
LONGEST_ERROR = 200
SOON = timedelta(seconds=1)  # a moment that is shown need not be newer


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits to be sent."""

    id: int
    line_id: int
    matter: str
    sequence: int
    payload: bytes
    sha256: str


def due(at: datetime) -> list[Peer]:
    """Return the confirmed peers for which messages wait and whose pause is over."""
    waiting = Outgoing.objects.filter(acknowledged_at__isnull=True, line__halted="")
    found = Peer.objects.filter(state=PeerState.CONFIRMED).exclude(next_at__gt=at)
    return [
        peer for peer in found if outbox.is_open(peer) and waiting.filter(line__peer=peer).exists()
    ]


# Half the lines are of a lane, the planner guesses by CASE. By an equation it guesses one in 200,
# and reads the whole queue for each request.
_WAITING = """
SELECT id, line_id, matter, sequence, payload, sha256
FROM (
    SELECT *, row_number() OVER oldest AS place, sum(length(payload)) OVER oldest AS total
    FROM (
        SELECT message.id, line_id, matter, sequence, payload, sha256
        FROM exchange_outgoing AS message JOIN exchange_line AS line ON line.id = line_id
        WHERE acknowledged_at IS NULL AND peer_id = %(peer)s AND halted = ''
            AND (%(lane)s::int IS NULL
                OR CASE line_id %% %(lanes)s WHEN %(lane)s THEN true ELSE false END)
        ORDER BY message.id LIMIT %(most)s
    ) AS unsent
    WINDOW oldest AS (ORDER BY id)
) AS counted
WHERE place = 1 OR total <= %(largest)s
ORDER BY line_id, sequence
"""


def waiting(
    peer: Peer, *, lane: int | None = None, most: int = MOST, largest: int = LARGEST
) -> list[Waiting]:
    """Return the next messages for a peer, oldest first; a line's own in their order.

    All messages of a line are in one lane of ``LANES``; None stands for all of them.
    """
    chosen = {"peer": peer.pk, "lane": lane, "lanes": LANES, "most": most, "largest": largest}
    with connection.cursor() as cursor:
        # A line that was restored has rows that are newer than what they come before.
        cursor.execute(_WAITING, chosen)
        return [Waiting(*row) for row in cursor.fetchall()]


@transaction.atomic(durable=True)
def settle(
    peer: Peer, sent: Sequence[Waiting], envelope: bytes, *, own_name: str, at: datetime
) -> int:
    """Note what the peer answered; return how many of the messages it has now.

    Raises:
        MessageMalformed, MessageNotSigned: it is not the peer's answer to us.
    """
    key = messages.PublicKey.from_dict(peer.exchange_key)
    answer = answers.opened(envelope, sender=peer.name, to=own_name, key=key)
    by_place = {(one.matter, one.sequence): one for one in sent}
    kept = [
        found.id
        for one in answer.stored
        if (found := by_place.get((one.matter, one.sequence))) and found.sha256 == one.sha256
    ]
    if kept:
        row = Answer.objects.create(peer=peer, envelope=envelope, at=at)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE exchange_outgoing SET acknowledged_at = %s, answer_id = %s, refused = '' "
                "WHERE id = ANY(%s)",
                [at, row.pk, kept],
            )
    for one in answer.refused:
        if 0 <= one.position < len(sent):
            _refused(peer, sent[one.position], one, at)
    reached(peer, at)
    return len(kept)


@transaction.atomic(durable=True)
def failed(peer: Peer, reason: str, *, at: datetime) -> timedelta:
    """Note that the peer could not be reached; return how long to leave it alone."""
    row = Peer.objects.select_for_update(no_key=True).get(pk=peer.pk)
    row.attempts += 1
    wait = pause(row.attempts)
    row.next_at, row.last_error = at + wait, reason[:LONGEST_ERROR]
    row.save(update_fields=["attempts", "next_at", "last_error"])
    return wait


def reached(peer: Peer, at: datetime) -> None:
    """Note that a peer has answered, now and then: two requests at a time wait for the row else."""
    old = Q(reached_at__isnull=True) | Q(reached_at__lt=at - SOON) | Q(attempts__gt=0)
    Peer.objects.filter(old, pk=peer.pk).update(
        attempts=0, next_at=None, last_error="", reached_at=at
    )


def _refused(peer: Peer, sent: Waiting, told: Refused, at: datetime) -> None:
    line = Line.objects.select_for_update(no_key=True).get(pk=sent.line_id)
    if told.problem is Problem.GAP:
        # It was restored, or something was lost there: from the one that is missing, again.
        Outgoing.objects.filter(line=line, sequence__gte=max(told.expected, 1)).update(
            acknowledged_at=None
        )
        return
    reasons = {Problem.CONFLICT: Halt.CONFLICT, Problem.HALTED: Halt.HALTED_THERE}
    line.halted, line.halted_at = reasons.get(told.problem, Halt.REFUSED_THERE), at
    line.save(update_fields=["halted", "halted_at"])
    Outgoing.objects.filter(pk=sent.id).update(refused=told.code or told.problem)
    ledger.record(
        event="exchange:line:halted",
        subject=f"peer/{peer.name}",
        actor=witnessed(PLATFORM),
        at=at,
        data={
            "matter": line.matter,
            "sequence": sent.sequence,
            "sha256": sent.sha256,
            "reason": line.halted,
        },
    )
