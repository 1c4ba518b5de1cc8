"""Bring to a peer what waits for it, batch by batch, until it has everything or cannot be reached.

One process at a time sends to a peer, whoever else runs: a lock in the database makes sure.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import connection

from roadworthy.domains.exchange import delivery
from roadworthy.domains.exchange.errors import PeerUnreachable
from roadworthy.domains.exchange.identity import Identity
from roadworthy.federation import calling
from roadworthy.kernel.errors import DomainError
from roadworthy.trust import messages

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Peer

logger = logging.getLogger(__name__)

LOCKS = 7302  # advisory locks of senders: this and the peer's number


def turn(identity: Identity, peer: Peer) -> int:
    """Send what waits for a peer; return how many messages it has now that it had not."""
    with only_here(peer) as is_ours:
        if not is_ours:
            return 0
        try:
            if len(delivery.waiting(peer)) < delivery.MOST:
                return _send_all(identity, peer, None)
            return _in_lanes(identity, peer)
        except DomainError as wrong:
            reason = str(wrong.data.get("reason", wrong))
            pause = delivery.failed(peer, reason, at=datetime.now(UTC))
            logger.info("%s; trying again in %.0f s", wrong, pause.total_seconds())
            return 0


def _in_lanes(identity: Identity, peer: Peer) -> int:
    """Send over several connections, so that nobody waits idly while the other side computes."""

    def lane(number: int) -> int:
        try:
            return _send_all(identity, peer, number)
        finally:
            connection.close()

    with ThreadPoolExecutor(delivery.LANES, "lane") as pool:
        return sum(pool.map(lane, range(delivery.LANES)))


def batch(identity: Identity, waiting: list[delivery.Waiting]) -> bytes:
    """Return messages as they travel: one envelope a line."""
    return b"\n".join(
        messages.seal(one.payload, messages.MESSAGE, identity.signer) for one in waiting
    )


def _send_all(identity: Identity, peer: Peer, lane: int | None) -> int:
    total = 0
    with calling.connected(identity, peer) as caller:
        while waiting := delivery.waiting(peer, lane=lane):
            answer = caller.post("/messages", batch(identity, waiting))
            kept = delivery.settle(
                peer, waiting, answer, own_name=identity.name, at=datetime.now(UTC)
            )
            total += kept
            if not kept and delivery.waiting(peer, lane=lane) == waiting:
                raise PeerUnreachable(name=peer.name, reason="it keeps nothing of what we send")
    return total


@contextmanager
def only_here(peer: Peer) -> Iterator[bool]:
    """Yield whether this thread is the one that sends to the peer now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, peer.pk])
        is_ours = cursor.fetchone()[0]
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, peer.pk])
