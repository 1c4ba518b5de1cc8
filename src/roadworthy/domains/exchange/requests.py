"""A signed request: who asks whom, for what, when. Every call between deployments carries one.

The connection says which certificate calls; this says which exchange key. Both have to be those of
one confirmed peer, or the caller learns nothing, not even that there is something to learn.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta

import msgspec

from roadworthy.domains.exchange.errors import NoSuchPeer
from roadworthy.domains.exchange.identity import Identity
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.exchange.states import PeerState
from roadworthy.kernel.canonical import canonical, sha256_hex
from roadworthy.kernel.errors import DomainError
from roadworthy.trust import messages

HEADER = "Roadworthy-Request"
LATEST = timedelta(minutes=15)  # clocks of peers differ; a request does nothing twice anyway


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the caller signed."""

    sender: str = msgspec.field(name="from")
    to: str
    at: str
    method: str
    path: str
    sha256: str  # of the body


_requests = msgspec.json.Decoder(Request)


def signed(
    identity: Identity, *, to: str, method: str, path: str, body: bytes = b"", at: datetime
) -> str:
    """Return the value of the header."""
    request = Request(identity.name, to, messages.instant(at), method, path, sha256_hex(body))
    envelope = messages.seal(
        canonical(msgspec.to_builtins(request)), messages.REQUEST, identity.signer
    )
    return base64.urlsafe_b64encode(envelope).decode()


def caller(
    header: str,
    *,
    leaf_sha256: str,
    own_name: str,
    method: str,
    path: str,
    body: bytes,
    at: datetime,
) -> Peer:
    """Return who calls.

    Raises:
        NoSuchPeer: certificate and key are not those of one confirmed peer, or it did not ask this.
    """
    peer = Peer.objects.filter(leaf_sha256=leaf_sha256, state=PeerState.CONFIRMED).first()
    if peer is None:
        raise NoSuchPeer
    try:
        request = messages.decoded(
            messages.open_sealed(
                base64.b64decode(header, altchars=b"-_", validate=True),
                messages.REQUEST,
                messages.PublicKey.from_dict(peer.exchange_key),
            ).payload,
            _requests,
        )
        is_now = abs(messages.moment(request.at) - at) <= LATEST
    except (DomainError, binascii.Error, ValueError):
        raise NoSuchPeer from None
    asked = (request.sender, request.to, request.method, request.path, request.sha256)
    if not is_now or asked != (peer.name, own_name, method, path, sha256_hex(body)):
        raise NoSuchPeer
    return peer
