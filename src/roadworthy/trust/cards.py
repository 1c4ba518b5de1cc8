"""A card is how a deployment introduces itself: who it serves, where it is, its public keys.

It is signed by the exchange key that it names, so nobody can change a part of it. Whether that key
is really theirs, no signature says: two people compare the fingerprint over another channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from securesystemslib.signer import Key, Signer

from roadworthy.kernel.canonical import canonical, digest
from roadworthy.kernel.errors import Invalid
from roadworthy.trust import certificates, messages, notes
from roadworthy.trust import keys as trust_keys

LARGEST = 256 * 1024  # bytes


class CardMalformed(Invalid):
    code = "trust.card_malformed"
    message = "This is not the card of a deployment: {reason}."


class Organisation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the deployment serves."""

    slug: str
    kind: str
    name: dict[str, str]


class SigningKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A live key of the organisation, by which people there sign."""

    purpose: str
    keyid: str
    public: dict[str, Any]


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a deployment says of itself."""

    name: str
    organisation: Organisation
    url: str
    exchange_key: dict[str, Any]
    certificate: str  # PEM of its CA
    leaf_sha256: str
    log: str  # verifier key of its log
    witness: str  # verifier key of its witness
    keys: list[SigningKey]
    at: str

    @property
    def key(self) -> Key:
        """Return the exchange key, its id computed.

        Raises:
            BadKey: it cannot be read.
        """
        return trust_keys.key_from_dict(self.exchange_key)

    @property
    def fingerprint(self) -> str:
        """Digest of what must never change without people comparing anew: 64 hex digits.

        Not the address, and not the keys of people: those are signed by what is in here.
        """
        return digest(
            {
                "name": self.name,
                "organisation": [self.organisation.slug, self.organisation.kind],
                "exchange_key": self.key.keyid,
                "certificate": certificates.check_ca(self.certificate),
                "leaf": self.leaf_sha256,
                "log": self.log,
                "witness": self.witness,
            }
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A card that its own key signed, and the bytes as they came."""

    card: Card
    envelope: bytes


_cards = msgspec.json.Decoder(Card)


def sign(card: Card, signer: Signer) -> bytes:
    """Return the card in its envelope."""
    return messages.seal(canonical(msgspec.to_builtins(card)), messages.CARD, signer)


def open_card(content: bytes) -> Opened:
    """Read a card.

    Raises:
        CardMalformed: it is none, or its parts do not fit together.
        MessageNotSigned: somebody has changed it.
    """
    if len(content) > LARGEST:
        raise CardMalformed(reason="it is too large")
    try:
        sealed = messages.unverified(content.strip(), messages.CARD)
        card = messages.decoded(sealed.payload, _cards)
        key = card.key
        _check(card)
    except (messages.MessageMalformed, trust_keys.BadKey, notes.BadVerifierKey) as error:
        raise CardMalformed(reason=str(error)) from None
    messages.open_sealed(content.strip(), messages.CARD, messages.PublicKey.of(key))
    return Opened(card, content.strip())


def shown(fingerprint: str) -> str:
    """Return a fingerprint in groups of four digits, as people read it out."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def spoken(text: str) -> str:
    """Return a fingerprint that a person typed, in its plain form."""
    return "".join(text.split()).lower()


def _check(card: Card) -> None:
    if not messages.is_name(card.name):
        raise messages.MessageMalformed(reason=f"{card.name[:60]!r} is no name of a deployment")
    if not messages.is_name(card.organisation.slug):
        raise messages.MessageMalformed(reason="its organisation has no short name")
    if not card.url.startswith("https://") or len(card.url) > 200:
        raise messages.MessageMalformed(reason="its address does not begin with https://")
    messages.moment(card.at)
    try:
        certificates.check_ca(card.certificate)
    except certificates.BadCertificate as error:
        raise messages.MessageMalformed(reason=str(error)) from None
    for verifier in (card.log, card.witness):
        notes.Verifier.parse(verifier)
    for one in card.keys:
        if trust_keys.key_from_dict(dict(one.public)).keyid != one.keyid:
            raise messages.MessageMalformed(reason=f"key {one.keyid[:64]} has another id")
