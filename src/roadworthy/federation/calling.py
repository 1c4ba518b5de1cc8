"""Call a peer: one connection kept open, each request signed, the certificate compared first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from roadworthy.domains.exchange import requests
from roadworthy.domains.exchange.errors import FileTooLarge, PeerUnreachable
from roadworthy.domains.exchange.identity import Identity
from roadworthy.federation import tls

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Peer

PREFIX = "/exchange/v1"
TIMEOUT = httpx.Timeout(60, connect=10)
_BLOCK = 1 << 18


@dataclass(frozen=True)
class Caller:
    """A connection to one peer."""

    identity: Identity
    peer: Peer
    client: httpx.Client
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def post(self, path: str, body: bytes) -> bytes:
        """Send a signed request; return the body of the answer.

        Raises:
            PeerUnreachable: it does not answer, or not as that peer.
        """
        with self._asking("POST", path, body) as response:
            return response.read()

    def fetch(self, sha256: str, partial: Path, *, largest: int) -> None:
        """Fetch a file, going on where an earlier attempt stopped.

        Raises:
            PeerUnreachable, FileTooLarge.
        """
        have = partial.stat().st_size if partial.exists() else 0
        extra = {"Range": f"bytes={have}-"} if have else {}
        with self._asking("GET", f"/blobs/{sha256}", b"", **extra) as response:
            goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
            total = have if goes_on else 0
            with partial.open("ab" if goes_on else "wb") as file:
                for block in response.iter_bytes(_BLOCK):
                    total += len(block)
                    if total > largest:
                        raise FileTooLarge(sha256=sha256, bytes=largest)
                    file.write(block)

    @contextmanager
    def _asking(
        self, method: str, path: str, body: bytes, **extra: str
    ) -> Iterator[httpx.Response]:
        path = PREFIX + path
        signed = requests.signed(
            self.identity, to=self.peer.name, method=method, path=path, body=body, at=self.now()
        )
        headers = {requests.HEADER: signed, **extra}
        try:
            with self.client.stream(method, path, content=body, headers=headers) as response:
                self._require_peer(response)
                yield response
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as wrong:
            reason = str(wrong) or type(wrong).__name__
            raise PeerUnreachable(name=self.peer.name, reason=reason) from None

    def _require_peer(self, response: httpx.Response) -> None:
        stream: Any = response.extensions["network_stream"]
        if tls.leaf_sha256(stream.get_extra_info("ssl_object")) != self.peer.leaf_sha256:
            raise PeerUnreachable(name=self.peer.name, reason="another certificate answers there")
        if response.status_code == httpx.codes.NOT_FOUND:
            raise PeerUnreachable(
                name=self.peer.name,
                reason="it does not take us for a confirmed peer, or has not that",
            )
        if response.status_code not in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
            raise PeerUnreachable(name=self.peer.name, reason=f"it answered {response.status_code}")


@contextmanager
def connected(identity: Identity, peer: Peer) -> Iterator[Caller]:
    """Open a connection to a peer; nothing is said over it before something is asked."""
    with httpx.Client(
        base_url=peer.url,
        verify=tls.client_context(identity, peer),
        timeout=TIMEOUT,
        trust_env=False,
    ) as client:
        yield Caller(identity, peer, client)
