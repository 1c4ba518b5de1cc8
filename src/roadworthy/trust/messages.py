"""What deployments say to each other: signed bytes that name sender, receiver, matter and place.

* Every message, answer and card is a DSSE envelope by the sender's exchange key; a signature over
  one payload type is worth nothing for another.
* A payload has one spelling (RFC 8785), so it has one digest, and the next message names it.
* Parsing is strict: an unknown field, a wrong type, something too long is refused before anybody
  looks at what it means.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.signer import Key, Signer

from roadworthy.kernel.canonical import canonical
from roadworthy.kernel.errors import Forbidden, Invalid
from roadworthy.trust import keys as trust_keys

MESSAGE = "application/vnd.roadworthy.message+json"
ANSWER = "application/vnd.roadworthy.answer+json"
REQUEST = "application/vnd.roadworthy.request+json"
CARD = "application/vnd.roadworthy.card+json"

LONGEST_MATTER = 120
LONGEST_KIND = 60
LARGEST_PAYLOAD = 4 * 1024 * 1024  # bytes
MOST_BLOBS = 1000
LARGEST_SEQUENCE = 2**53 - 1  # what JSON says exactly

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MATTER = re.compile(r"[a-z][a-z-]*/[A-Za-z0-9._~/:+-]+")
_KIND = re.compile(r"[a-z][a-z-]*(\.[a-z][a-z-]*)+")
_HEX = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", re.ASCII)

T = TypeVar("T")


class MessageMalformed(Invalid):
    code = "trust.message_malformed"
    message = "This is no message of a deployment: {reason}."


class MessageNotSigned(Forbidden):
    code = "trust.message_not_signed"
    message = "This message is not signed by the exchange key {keyid}."


class _Signature(msgspec.Struct, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    payload: str
    payload_type: str = msgspec.field(name="payloadType")
    signatures: list[_Signature]


class _Payload(msgspec.Struct, forbid_unknown_fields=True):
    """A message as it travels; the names are those of the JSON."""

    sender: str = msgspec.field(name="from")
    to: str
    matter: str
    sequence: int
    previous: str
    kind: str
    version: int
    at: str
    body: dict[str, Any]
    blobs: list[str]


_envelopes = msgspec.json.Decoder(_Envelope)
_payloads = msgspec.json.Decoder(_Payload)
_sorted = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a line; ``previous`` is the digest of the payload before it, or empty."""

    sender: str
    to: str
    matter: str
    sequence: int
    previous: str
    kind: str
    version: int
    at: str  # RFC 3339 in UTC with microseconds
    body: Mapping[str, Any]
    blobs: tuple[str, ...] = ()

    def payload(self) -> bytes:
        """Return the bytes that are signed and digested.

        Raises:
            MessageMalformed: nobody could read it back.
        """
        try:
            content = canonical(
                {
                    "from": self.sender,
                    "to": self.to,
                    "matter": self.matter,
                    "sequence": self.sequence,
                    "previous": self.previous,
                    "kind": self.kind,
                    "version": self.version,
                    "at": self.at,
                    "body": dict(self.body),
                    "blobs": list(self.blobs),
                }
            )
        except rfc8785.CanonicalizationError as error:
            raise MessageMalformed(reason=str(error)) from None
        _check(self, content)
        return content

    @classmethod
    def parse(cls, payload: bytes) -> Message:
        """Read a payload, strictly.

        Raises:
            MessageMalformed: it is not exactly what ``payload`` would have written.
        """
        told = decoded(payload, _payloads)
        message = cls(
            told.sender,
            told.to,
            told.matter,
            told.sequence,
            told.previous,
            told.kind,
            told.version,
            told.at,
            told.body,
            tuple(told.blobs),
        )
        _check(message, payload)
        return message


def instant(at: datetime) -> str:
    """Return a moment as messages write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def is_name(text: str) -> bool:
    """Tell whether a deployment may be called so."""
    return _NAME.fullmatch(text) is not None


def moment(text: str) -> datetime:
    """Read what ``instant`` wrote.

    Raises:
        MessageMalformed: it is not one.
    """
    if not _INSTANT.fullmatch(text):
        raise MessageMalformed(reason=f"{text!r} is not a moment")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise MessageMalformed(reason=str(error)) from None


@dataclass(frozen=True, slots=True)
class Opened:
    """A payload that the expected key signed, and the 64 bytes of its signature."""

    payload: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of an exchange key, ready to verify many messages."""

    keyid: str
    key: Ed25519PublicKey

    @classmethod
    def of(cls, key: Key) -> PublicKey:
        """Prepare a key.

        Raises:
            BadKey: it is not an Ed25519 key.
        """
        return cls(
            key.keyid, Ed25519PublicKey.from_public_bytes(trust_keys.ed25519_public_bytes(key))
        )

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> PublicKey:
        """Prepare a key as ``trust.keys.key_to_dict`` wrote it.

        Raises:
            BadKey: it is not an Ed25519 key.
        """
        return cls.of(trust_keys.key_from_dict(dict(value)))


def seal(payload: bytes, payload_type: str, signer: Signer) -> bytes:
    """Sign a payload; return the envelope as one line of JSON."""
    signature = bytes.fromhex(signer.sign(_pae(payload, payload_type)).signature)
    return envelope(payload, payload_type, signer.public_key.keyid, signature)


def envelope(payload: bytes, payload_type: str, keyid: str, signature: bytes) -> bytes:
    """Return the envelope of a payload that was signed before."""
    return _sorted.encode(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}],
        }
    )


def open_sealed(line: bytes, payload_type: str, key: PublicKey) -> Opened:
    """Return the payload that ``key`` signed for this use.

    Raises:
        MessageMalformed: it is no envelope with one signature, or one for another use.
        MessageNotSigned: another key signed it, or other bytes.
    """
    sealed = unverified(line, payload_type)
    if sealed.keyid != key.keyid:
        raise MessageNotSigned(keyid=key.keyid)
    if not is_signed(sealed.payload, sealed.signature, payload_type, key):
        raise MessageNotSigned(keyid=key.keyid)
    return Opened(sealed.payload, sealed.signature)


def is_signed(payload: bytes, signature: bytes, payload_type: str, key: PublicKey) -> bool:
    """Tell whether ``key`` signed these bytes for this use."""
    try:
        key.key.verify(signature, _pae(payload, payload_type))
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Sealed:
    """The parts of an envelope, not verified."""

    payload: bytes
    keyid: str
    signature: bytes


def unverified(line: bytes, payload_type: str) -> Sealed:
    """Take an envelope apart, believing nothing.

    Raises:
        MessageMalformed: it is no envelope with one signature, or one for another use.
    """
    if len(line) > 2 * LARGEST_PAYLOAD:
        raise MessageMalformed(reason="it is too long")
    told = decoded(line, _envelopes)
    if told.payload_type != payload_type:
        raise MessageMalformed(reason=f"payload type {told.payload_type!r}")
    if len(told.signatures) != 1:
        raise MessageMalformed(reason="it has not one signature")
    try:
        payload = base64.b64decode(told.payload, validate=True)
        signature = base64.b64decode(told.signatures[0].sig, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MessageMalformed(reason=str(error)) from None
    return Sealed(payload, told.signatures[0].keyid, signature)


def decoded(content: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode strictly.

    Raises:
        MessageMalformed: it is not JSON of that shape.
    """
    try:
        return decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MessageMalformed(reason=str(error)) from None


def require_canonical(content: bytes) -> None:
    """Refuse a second spelling of the same JSON value: it would have a second digest.

    Raises:
        MessageMalformed: it is not RFC 8785.
    """
    try:
        value = msgspec.json.decode(content)
        # The fast encoder writes what RFC 8785 writes, but for rare numbers and names.
        if _sorted.encode(value) != content and canonical(value) != content:
            raise MessageMalformed(reason="it is not written in the one canonical form")
    except (msgspec.DecodeError, rfc8785.CanonicalizationError, RecursionError) as error:
        raise MessageMalformed(reason=str(error)) from None


def _check(message: Message, content: bytes) -> None:
    if len(content) > LARGEST_PAYLOAD:
        raise MessageMalformed(reason=f"it is larger than {LARGEST_PAYLOAD} bytes")
    require_canonical(content)
    moment(message.at)
    for name in (message.sender, message.to):
        _require(_NAME, name, "name of a deployment", 40)
    _require(_MATTER, message.matter, "matter", LONGEST_MATTER)
    _require(_KIND, message.kind, "kind of message", LONGEST_KIND)
    if not 1 <= message.sequence <= LARGEST_SEQUENCE or message.version < 1:
        raise MessageMalformed(reason=f"sequence {message.sequence}, version {message.version}")
    if bool(message.previous) != (message.sequence > 1):
        raise MessageMalformed(reason="only the first message follows none")
    _require_digests([message.previous] if message.previous else [])
    if len(message.blobs) > MOST_BLOBS:
        raise MessageMalformed(reason=f"it names more than {MOST_BLOBS} files")
    _require_digests(message.blobs)


def _require(pattern: re.Pattern[str], text: str, what: str, longest: int) -> None:
    if len(text) > longest or not pattern.fullmatch(text):
        raise MessageMalformed(reason=f"{text[:longest]!r} is no {what}")


def _require_digests(digests: Sequence[str]) -> None:
    for one in digests:
        if not _HEX.fullmatch(one):
            raise MessageMalformed(reason=f"{one[:64]!r} is not a SHA-256 digest")


def _pae(payload: bytes, payload_type: str) -> bytes:
    """DSSE v1: lengths stand before texts, so that no two inputs give the same bytes."""
    return b"DSSEv1 %d %s %d %s" % (
        len(payload_type),
        payload_type.encode(),
        len(payload),
        payload,
    )
