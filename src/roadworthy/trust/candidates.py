"""A candidate is the next version of a role before it is signed: the exact bytes each party signs.

It is TUF metadata with an empty list of signatures. Nobody needs the repository to read or to
sign one, so an authority can do it on its own machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from securesystemslib.signer import Signature, Signer
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.api.serialization import DeserializationError, SerializationError

from roadworthy.kernel.errors import Invalid


class CandidateMalformed(Invalid):
    code = "trust.candidate_malformed"
    message = "This is not a candidate for a delegated role: {reason}."


@dataclass(frozen=True, slots=True)
class ReleaseTarget:
    """One image as a role publishes it."""

    path: str
    length: int
    hashes: Mapping[str, str]
    custom: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a candidate says, for the people who are asked to sign it."""

    version: int
    expires: datetime
    targets: Mapping[str, ReleaseTarget]


def read_candidate(content: bytes) -> Candidate:
    """Return what a candidate says.

    Raises:
        CandidateMalformed: it is not metadata of a delegated role.
    """
    targets = parse(content).signed
    images = {path: _release_target(path, file) for path, file in targets.targets.items()}
    return Candidate(targets.version, targets.expires, images)


def sign_payload(candidate: bytes, signer: Signer) -> Signature:
    """Sign a candidate; ``Signature.to_dict()`` and ``from_dict()`` carry the result about.

    Raises:
        CandidateMalformed: the bytes are something else; a key signs nothing by accident.
    """
    return signer.sign(parse(candidate).signed_bytes)


def parse(content: bytes) -> Metadata[Targets]:
    """Read a candidate as TUF metadata.

    Raises:
        CandidateMalformed: it is of another type, or delegates further, out of reach of the law.
    """
    try:
        metadata = Metadata[Targets].from_bytes(content)
    except DeserializationError as error:
        raise CandidateMalformed(reason=str(error.__cause__ or error)) from None
    if not isinstance(metadata.signed, Targets):
        raise CandidateMalformed(reason=f"it is {metadata.signed.type} metadata")
    if metadata.signed.delegations is not None:
        raise CandidateMalformed(reason="it delegates further")
    return metadata


def compose(targets: Targets) -> bytes:
    """Write a candidate.

    Raises:
        CandidateMalformed: it holds a value that TUF cannot sign, such as a float.
    """
    metadata = Metadata(targets)
    try:
        assert metadata.signed_bytes
        return metadata.to_bytes()
    except SerializationError as error:
        raise CandidateMalformed(reason=str(error.__cause__ or error)) from None


def target_file(target: ReleaseTarget) -> TargetFile:
    """Return the image as TUF writes it."""
    return TargetFile(
        target.length, dict(target.hashes), target.path, {"custom": dict(target.custom)}
    )


def _release_target(path: str, file: TargetFile) -> ReleaseTarget:
    custom = file.custom if isinstance(file.custom, dict) else {}
    return ReleaseTarget(path, file.length, dict(file.hashes), custom)
