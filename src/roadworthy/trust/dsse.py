"""An attestation is an in-toto statement about digests, in a DSSE envelope that names its signers.

* The signed bytes are canonical JSON, so the same statement has the same bytes everywhere.
* A signature by an unknown key counts for nothing; one key counts once, whatever it is called.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import FormatError, VerificationError
from securesystemslib.signer import Key, Signer

from roadworthy.kernel.canonical import canonical
from roadworthy.kernel.errors import Forbidden, Invalid
from roadworthy.trust import keys as trust_keys

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_PREDICATES = "https://roadworthy.example/predicate/"
_HEX = frozenset("0123456789abcdef")


class PredicateType(StrEnum):
    TEST_REPORT = f"{_PREDICATES}test-report/v1"
    FILING_RECEIPT = f"{_PREDICATES}filing-receipt/v1"
    PRODUCT_CHANGE_PERMIT = f"{_PREDICATES}product-change-permit/v1"
    ACCESS_PERMIT = f"{_PREDICATES}access-permit/v1"
    RECALL_PLAN_ACCEPTANCE = f"{_PREDICATES}recall-plan-acceptance/v1"
    # A manufacturer's word that an authority has answered on paper; never the authority's own.
    ATTESTED_RECEIPT = f"{_PREDICATES}attested-filing-receipt/v1"
    EVALUATION = f"{_PREDICATES}evaluation/v1"
    INCIDENT_ACKNOWLEDGEMENT = f"{_PREDICATES}incident-acknowledgement/v1"
    DOSSIER_ARCHIVE = f"{_PREDICATES}dossier-archive/v1"


class EnvelopeMalformed(Invalid):
    code = "trust.envelope_malformed"
    message = "This is not a DSSE envelope with an in-toto statement: {reason}."


class NotAttested(Forbidden):
    code = "trust.not_attested"
    message = (
        "The envelope needs valid signatures by {threshold} of the expected keys; "
        "it has {valid} ({signed_by})."
    )


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said (predicate) about which bytes (subjects)."""

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {
            "_type": STATEMENT_TYPE,
            "subject": [
                {"name": subject.name, "digest": {"sha256": subject.sha256}}
                for subject in self.subjects
            ],
            "predicateType": str(self.predicate_type),
            "predicate": dict(self.predicate),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Statement:
        """Read a statement.

        Raises:
            EnvelopeMalformed: it is of another type or lacks a field.
        """
        try:
            if value["_type"] != STATEMENT_TYPE:
                raise EnvelopeMalformed(reason=f"statement type {value['_type']!r}")
            subjects = tuple(
                Subject(str(subject["name"]), _sha256(subject["digest"]["sha256"]))
                for subject in value["subject"]
            )
            statement = cls(subjects, str(value["predicateType"]), dict(value["predicate"]))
        except (KeyError, TypeError, ValueError) as error:
            raise EnvelopeMalformed(reason=repr(error)) from None
        if not subjects:
            raise EnvelopeMalformed(reason="a statement about nothing")
        return statement


def attest(statement: Statement, signer: Signer) -> bytes:
    """Sign a statement and return the envelope as canonical JSON.

    Raises:
        EnvelopeMalformed: the statement could not be read back.
    """
    Statement.from_dict(statement.to_dict())
    envelope = Envelope(canonical(statement.to_dict()), PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return canonical(envelope.to_dict())


def countersign(envelope: bytes, signer: Signer) -> bytes:
    """Add a signature over the same payload.

    Raises:
        EnvelopeMalformed: the bytes are no envelope.
    """
    parsed = _parse(envelope)
    parsed.sign(signer)
    return canonical(parsed.to_dict())


def open_envelope(envelope: bytes, keys: Iterable[Key], threshold: int = 1) -> Statement:
    """Return the statement if at least ``threshold`` distinct ``keys`` signed it.

    Raises:
        EnvelopeMalformed: the bytes are no envelope with a statement.
        NotAttested: too few of the keys signed these very bytes.
    """
    parsed = _parse(envelope)
    distinct = {trust_keys.material(key): key for key in keys}
    signed = _signed_by(parsed, distinct.values())
    if len(signed) < threshold:
        raise NotAttested(
            threshold=threshold, valid=len(signed), signed_by=", ".join(signed) or "none"
        )
    return _statement(parsed)


def unverified_statement(envelope: bytes) -> Statement:
    """Return what an envelope says without asking who says it; only for display and for routing.

    Raises:
        EnvelopeMalformed: the bytes are no envelope with a statement.
    """
    return _statement(_parse(envelope))


def signer_ids(envelope: bytes) -> tuple[str, ...]:
    """Name the key ids that the envelope claims to be signed by.

    Raises:
        EnvelopeMalformed: the bytes are no envelope.
    """
    return tuple(_parse(envelope).signatures)


def _signed_by(envelope: Envelope, keys: Iterable[Key]) -> list[str]:
    signed = []
    for key in keys:
        try:
            envelope.verify([key], 1)
        except VerificationError:
            continue
        signed.append(key.keyid)
    return signed


def _statement(envelope: Envelope) -> Statement:
    if envelope.payload_type != PAYLOAD_TYPE:
        raise EnvelopeMalformed(reason=f"payload type {envelope.payload_type!r}")
    try:
        value = json.loads(envelope.payload)
    except ValueError as error:
        raise EnvelopeMalformed(reason=str(error)) from None
    if not isinstance(value, dict):
        raise EnvelopeMalformed(reason="the payload is not an object")
    return Statement.from_dict(value)


def _parse(envelope: bytes) -> Envelope:
    try:
        parsed = Envelope.from_dict(json.loads(envelope))
        parsed.pae()  # from_dict() takes a payload type that is no text
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, FormatError) as error:
        raise EnvelopeMalformed(reason=repr(error)) from None
    return parsed


def _sha256(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 64 or not _HEX.issuperset(value):
        raise ValueError(f"not a SHA-256 digest: {value!r}")
    return value
