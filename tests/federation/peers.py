"""One deployment's own credentials in the hands of somebody who says what they like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

from roadworthy.domains.exchange import answers
from roadworthy.domains.exchange.answers import Answer
from roadworthy.domains.exchange.identity import Identity, open_identity
from roadworthy.federation import calling
from roadworthy.federation.calling import Caller
from roadworthy.trust import messages
from tests.federation.networks import Network


@dataclass
class Mouth:
    """Speaks to one deployment with the certificate and the exchange key of another."""

    identity: Identity
    caller: Caller
    there: messages.PublicKey

    def say(self, payloads: Sequence[bytes]) -> Answer:
        """Send messages, signed as their deployment signs; return the peer's signed answer."""
        return self.send([self.sealed(one) for one in payloads])

    def sealed(self, payload: bytes) -> bytes:
        return messages.seal(payload, messages.MESSAGE, self.identity.signer)

    def send(self, envelopes: Sequence[bytes]) -> Answer:
        body = self.caller.post("/messages", b"\n".join(envelopes))
        return answers.opened(
            body, sender=self.caller.peer.name, to=self.identity.name, key=self.there
        )


@contextmanager
def speaking(network: Network, sender: str, receiver: str) -> Iterator[Mouth]:
    """Speak as ``sender`` to ``receiver``, both by their names as parties."""
    home = network[sender].home
    passphrase = (home / "secrets" / "online-key-passphrase").read_text().strip()
    ((name, url, certificate, leaf, key),) = network.sql(
        sender,
        "SELECT name, url, certificate, leaf_sha256, exchange_key FROM exchange_peer "
        "WHERE name = %s",
        network[receiver].name,
    )
    peer = SimpleNamespace(name=name, url=url, certificate=certificate, leaf_sha256=leaf)
    identity = open_identity(home, passphrase)
    with calling.connected(identity, peer) as caller:  # type: ignore[arg-type]
        yield Mouth(identity, caller, messages.PublicKey.from_dict(key))


def sent(network: Network, sender: str, receiver: str) -> list[bytes]:
    """Return everything that was ever sent from one to the other, oldest first."""
    rows = network.sql(
        sender,
        "SELECT o.payload FROM exchange_outgoing o JOIN exchange_line l ON l.id = o.line_id "
        "JOIN exchange_peer p ON p.id = l.peer_id WHERE p.name = %s ORDER BY o.id",
        network[receiver].name,
    )
    return [bytes(payload) for (payload,) in rows]
