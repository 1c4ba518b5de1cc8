"""Put a message on its line. It is sent when the transaction that wrote it has committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from roadworthy.domains.exchange.errors import NoExchange, PeerNotConfirmed
from roadworthy.domains.exchange.models import Blob, Deployment, Held, Line, Outgoing, Peer
from roadworthy.domains.exchange.states import PeerState
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.trust import messages

BELL = "exchange_out"  # the channel on which senders hear that something waits


def send(
    *,
    to: Peer,
    matter: str,
    kind: str,
    body: msgspec.Struct | Mapping[str, Any],
    blobs: Iterable[str] = (),
    at: datetime,
) -> Outgoing | None:
    """Append a message to the line of its matter, inside the caller's transaction.

    ``blobs`` are SHA-256 digests of files that the peer may fetch from here from now on. Returns
    None while the peer's lines are shut: the message gets its place when they open.

    Raises:
        NoExchange: this deployment has no name and key yet.
        PeerNotConfirmed: nobody has compared the peer's fingerprint, or it was ended.
        UnknownKind, MessageMalformed: the message could not be read by the peer.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a message belongs inside the transaction that it tells of")
    if to.state not in {PeerState.CONFIRMED, PeerState.SUSPENDED}:
        raise PeerNotConfirmed(name=to.name)
    told, named = msgspec.to_builtins(body), tuple(blobs)
    own = _own()
    if not _is_open(own, to):
        Held.objects.create(peer=to, matter=matter, kind=kind, body=told, blobs=list(named), at=at)
        return None
    return _append(own.name, _locked(to, matter), kind, told, named, at)


def is_open(peer: Peer) -> bool:
    """Say whether the peer's lines were compared since the last start."""
    return _is_open(_own(), peer)


def _is_open(own: Deployment, peer: Peer) -> bool:
    shut_since = own.shut_since
    return shut_since is None or (peer.opened_at is not None and peer.opened_at >= shut_since)


def _own() -> Deployment:
    """Return what a message needs of this deployment's row: many are said in one transaction."""
    rows = list(Deployment.objects.raw("SELECT * FROM exchange_deployment"))
    if not rows:
        raise NoExchange
    own: Deployment = rows[0]
    return own


def release(peer: Peer) -> int:
    """Give what was held for a peer its places, in the order in which it was said."""
    rows = list(Held.objects.select_for_update().filter(peer=peer).order_by("pk"))
    own = _own()
    for row in rows:
        line = _locked(peer, row.matter)
        _append(own.name, line, row.kind, row.body, tuple(row.blobs), row.at)
        row.delete()
    return len(rows)


_APPEND = """
WITH advanced AS (
    UPDATE exchange_line SET last = %(sequence)s, digest = %(sha256)s WHERE id = %(line_id)s
)
INSERT INTO exchange_outgoing (line_id, sequence, kind, payload, sha256, queued_at, refused)
VALUES (%(line_id)s, %(sequence)s, %(kind)s, %(payload)s, %(sha256)s, %(queued_at)s, '')
RETURNING id, pg_notify(%(bell)s, '')
"""


def _append(
    sender: str, line: Line, kind: str, body: Any, named: tuple[str, ...], at: datetime
) -> Outgoing:
    to, matter = line.peer, line.matter
    message = messages.Message(
        sender=sender,
        to=to.name,
        matter=matter,
        sequence=line.last + 1,
        previous=line.digest,
        kind=kind,
        version=_version(to, kind),
        at=messages.instant(at),
        body=body,
        blobs=named,
    )
    payload = message.payload()
    line.last, line.digest = message.sequence, sha256_hex(payload)
    if named:
        _name(to, named, at)
    made = Outgoing(
        line=line,
        sequence=message.sequence,
        kind=kind,
        payload=payload,
        sha256=line.digest,
        queued_at=at,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND,
            {
                "line_id": line.pk,
                "sequence": made.sequence,
                "kind": kind,
                "payload": payload,
                "sha256": made.sha256,
                "queued_at": at,
                "bell": BELL,
            },
        )
        made.pk = cursor.fetchone()[0]
    return made


def ring() -> None:
    """Tell the senders, when this transaction commits, that something waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [BELL])


def queued(peer: Peer) -> int:
    """Count what the peer has not acknowledged."""
    return Outgoing.objects.filter(line__peer=peer, acknowledged_at__isnull=True).count()


def _version(peer: Peer, kind: str) -> int:
    """Choose the newest version that both sides know; before a peer has said, our newest."""
    from roadworthy.domains.exchange.known import REGISTRY  # noqa: PLC0415 - kinds send, too

    ours = REGISTRY.versions(kind)
    return max([one for one in ours if one in peer.kinds.get(kind, ())] or ours)


_LOCK = """
SELECT * FROM exchange_line WHERE peer_id = %s AND direction = 'out' AND matter = %s
FOR NO KEY UPDATE
"""


def _locked(peer: Peer, matter: str) -> Line:
    """Lock the line, and begin it if this is the first that is said about its matter."""
    place = [peer.pk, matter]
    found = list(Line.objects.raw(_LOCK, place))
    if not found:
        Line.objects.bulk_create(
            [Line(peer=peer, direction=Line.OUT, matter=matter)], ignore_conflicts=True
        )
        found = list(Line.objects.raw(_LOCK, place))
    line: Line = found[0]
    line.peer = peer
    return line


def _name(peer: Peer, blobs: Iterable[str], at: datetime) -> None:
    Blob.objects.bulk_create(
        [
            Blob(peer=peer, direction=Line.OUT, sha256=sha256, named_at=at)
            for sha256 in dict.fromkeys(blobs)
        ],
        ignore_conflicts=True,
    )
