"""C2SP signed notes: a short text and under it one line for each signature.

* A text counts only once a known key has signed it; signatures by strangers are ignored.
* A known key whose signature is wrong spoils the whole note.
* A plain signature (type 1) is over the text. A cosignature (type 4, by a witness) is over the
  text with a time before it, and says: this is the largest consistent log I have seen by then.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.signer import Signer

from roadworthy.kernel.errors import Forbidden, Invalid
from roadworthy.trust import keys as trust_keys

_MARK = "— "  # em dash, space
_MOST_SIGNATURES = 100
_KEY_NAME = re.compile(r"[^\s+]+")
_HEX_ID = re.compile(r"[0-9a-f]{8}")
_ED25519_SIZE = 32


class NoteMalformed(Invalid):
    code = "trust.note_malformed"
    message = "This is not a signed note: {reason}."


class NoteNotSigned(Forbidden):
    code = "trust.note_not_signed"
    message = "The note carries no signature by {expected}."


class NoteSignatureWrong(Forbidden):
    code = "trust.note_signature_wrong"
    message = "The signature of {name} does not fit the text of the note."


class BadVerifierKey(Invalid):
    code = "trust.bad_verifier_key"
    message = "This is not a verifier key: {reason}."


class Kind(IntEnum):
    """What a signature is over; the type byte of the C2SP specifications."""

    ED25519 = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name under which it signs; its text form is ``name+id+key``."""

    name: str
    kind: Kind
    public: bytes

    @property
    def key_id(self) -> bytes:
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_encode(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read the text form.

        Raises:
            BadVerifierKey: it is not one, its id does not belong to it, or its type is unknown.
        """
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        content = _decode(encoded)
        if not _KEY_NAME.fullmatch(name) or not _HEX_ID.fullmatch(key_id) or content is None:
            raise BadVerifierKey(reason="it is not name+id+key")
        if len(content) != 1 + _ED25519_SIZE or content[0] not in set(Kind):
            raise BadVerifierKey(reason="it is not an Ed25519 key of a known type")
        verifier = cls(name, Kind(content[0]), content[1:])
        if verifier.key_id.hex() != key_id:
            raise BadVerifierKey(reason="the id does not belong to the key")
        return verifier

    def accepts(self, text: str, signature: bytes) -> bool:
        """Tell whether ``signature`` (after the key id) is this key's over ``text``."""
        if self.kind is Kind.COSIGNATURE:
            if len(signature) < _TIME.size:
                return False
            message = _cosigned(text, _TIME.unpack(signature[: _TIME.size])[0])
            signature = signature[_TIME.size :]
        else:
            message = text.encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


_TIME = struct.Struct(">Q")


@dataclass(frozen=True)
class NoteSigner:
    """A signer with the name under which it signs notes."""

    name: str
    kind: Kind
    signer: Signer

    @property
    def verifier(self) -> Verifier:
        """Return the public half.

        Raises:
            BadKey: the signer's key is not an Ed25519 key.
        """
        return Verifier(
            self.name, self.kind, trust_keys.ed25519_public_bytes(self.signer.public_key)
        )

    def line(self, text: str, *, at: datetime) -> str:
        """Sign a text; return the line, with its newline, that goes under it."""
        stamp = b""
        message = text.encode()
        if self.kind is Kind.COSIGNATURE:
            seconds = int(at.timestamp())
            stamp, message = _TIME.pack(seconds), _cosigned(text, seconds)
        signature = bytes.fromhex(self.signer.sign(message).signature)
        return f"{_MARK}{self.name} {_encode(self.verifier.key_id + stamp + signature)}\n"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line under a note: who claims to have signed, and what follows the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def cosigned_at(self) -> datetime:
        """Return the time that a cosignature states; only for one that was verified."""
        return datetime.fromtimestamp(_TIME.unpack(self.signature[: _TIME.size])[0], UTC)


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it, not yet verified."""

    text: str
    signatures: tuple[NoteSignature, ...]


def sign(text: str, signers: Iterable[NoteSigner], *, at: datetime) -> bytes:
    """Return a signed note.

    Raises:
        NoteMalformed: the text could not be read back.
    """
    note = (text + "\n" + "".join(signer.line(text, at=at) for signer in signers)).encode()
    if parse(note).text != text:
        raise NoteMalformed(reason="the text does not survive being signed")
    return note


def add_line(note: bytes, line: str) -> bytes:
    """Put one more signature line under a note.

    Raises:
        NoteMalformed: the result is no note.
    """
    longer = note + line.encode()
    parse(longer)
    return longer


def parse(note: bytes) -> Note:
    """Split a note into text and signatures, without believing either.

    Raises:
        NoteMalformed: it has not the form of a note.
    """
    try:
        content = note.decode()
    except UnicodeDecodeError:
        raise NoteMalformed(reason="it is not UTF-8") from None
    if any(ord(character) < 0x20 and character != "\n" for character in content):
        raise NoteMalformed(reason="it holds control characters")
    text, blank, below = content.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise NoteMalformed(reason="there are no signature lines after an empty line")
    lines = below[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise NoteMalformed(reason="it has too many signatures")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> tuple[Note, tuple[NoteSignature, ...]]:
    """Return the note and those of its signatures that are by the given keys and right.

    Raises:
        NoteMalformed: it has not the form of a note.
        NoteSignatureWrong: a signature by one of the keys does not fit the text.
        NoteNotSigned: none of the keys has signed.
    """
    parsed = parse(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified = []
    for signature in parsed.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.accepts(parsed.text, signature.signature):
            raise NoteSignatureWrong(name=signature.name)
        verified.append(signature)
    if not verified:
        raise NoteNotSigned(expected=" or ".join(sorted(name for name, _ in known)))
    return parsed, tuple(verified)


def _signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_MARK).partition(" ")
    content = _decode(encoded)
    if not line.startswith(_MARK) or not _KEY_NAME.fullmatch(name) or content is None:
        raise NoteMalformed(reason=f"{line!r} is not a signature line")
    if len(content) <= 4:
        raise NoteMalformed(reason=f"the signature of {name} is too short")
    return NoteSignature(name, content[:4], content[4:])


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decode(text: str) -> bytes | None:
    """Decode strictly: two spellings of one signature would be two notes."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if _encode(content) == text else None
