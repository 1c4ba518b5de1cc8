"""Another deployment as this one sees it: a card, and messages that its exchange key signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from roadworthy.domains.exchange import applying, identity, inbox, peering
from roadworthy.domains.exchange.files import Files
from roadworthy.domains.exchange.kinds import Registry
from roadworthy.domains.exchange.known import REGISTRY
from roadworthy.domains.exchange.models import Deployment, Incoming, Peer
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations.actors import PLATFORM
from roadworthy.domains.organisations.roles import Kind
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.trust import cards, certificates, messages, notes
from roadworthy.trust.keys import key_to_dict
from tests.world import ONLINE

FAR = "farlab"


@dataclass
class Far:
    """A deployment elsewhere, played by its keys alone."""

    at: datetime
    to: str
    name: str = FAR
    kind: Kind = Kind.INSTITUTION
    signer: CryptoSigner = field(default_factory=lambda: CryptoSigner(Ed25519PrivateKey.generate()))
    lines: dict[str, tuple[int, str]] = field(default_factory=dict)

    def card(self, url: str = "https://far.example:8020") -> bytes:
        issued = certificates.issue(self.name, ("far.example",), "x", at=self.at)
        self._ca = getattr(self, "_ca", issued)
        log = notes.NoteSigner("far.example/log", notes.Kind.ED25519, self.signer)
        witness = notes.NoteSigner("far.example/witness", notes.Kind.COSIGNATURE, self.signer)
        return cards.sign(
            cards.Card(
                name=self.name,
                organisation=cards.Organisation(
                    self.name, self.kind, {"zh-hans": "远方检测", "en": "Far Testing"}
                ),
                url=url,
                exchange_key=key_to_dict(self.signer.public_key),
                certificate=self._ca.ca.decode(),
                leaf_sha256=self._ca.leaf_sha256,
                log=str(log.verifier),
                witness=str(witness.verifier),
                keys=[],
                at=messages.instant(self.at),
            ),
            self.signer,
        )

    def message(
        self, matter: str, kind: str, body: Mapping[str, Any], *, version: int = 1, **other: Any
    ) -> messages.Message:
        """The next message of a line; ``other`` replaces parts of it."""
        last, digest = self.lines.get(matter, (0, ""))
        parts = {
            "sender": self.name, "to": self.to, "matter": matter, "sequence": last + 1,
            "previous": digest, "kind": kind, "version": version,
            "at": messages.instant(self.at), "body": body, **other,
        }  # fmt: skip
        made = messages.Message(**parts)
        if not other:
            self.lines[matter] = (made.sequence, sha256_hex(made.payload()))
        return made

    def seal(self, message: messages.Message) -> bytes:
        return messages.seal(message.payload(), messages.MESSAGE, self.signer)

    def say(self, matter: str, kind: str, body: Mapping[str, Any], **other: Any) -> bytes:
        return self.seal(self.message(matter, kind, body, **other))


def established(platform: Platform, name: str, *, at: datetime) -> Deployment:
    """Let this deployment take part, as the organisation of that name."""
    return identity.establish(
        platform, name=name, url="https://here.example:8020", passphrase=ONLINE, at=at
    )


def befriended(far: Far) -> Peer:
    """Enter and confirm the other's card."""
    entered = peering.enter(far.card(), actor=PLATFORM, at=far.at)
    return peering.confirm(
        name=far.name, fingerprint=entered.fingerprint, actor=PLATFORM, at=far.at
    )


def deliver(peer: Peer, *envelopes: bytes, to: str, at: datetime):
    """Hand messages to the inbox, as the server does."""
    return inbox.store(peer, envelopes, own_name=to, at=at)


def apply_all(platform: Platform, *, at: datetime, registry: Registry = REGISTRY) -> int:
    """Let what came take effect, as the exchange's loop does."""
    here = applying.Here(registry, platform, Files(platform))
    return applying.turn(here, at=lambda: at)


def letters(peer: Peer) -> list[Incoming]:
    return list(Incoming.objects.filter(line__peer=peer).order_by("pk"))
