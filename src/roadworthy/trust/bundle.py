"""A proof bundle: everything that shows how one release came to be allowed, in one text file.

* One line is one piece of evidence: canonical JSON with a ``kind`` and a ``name``.
* The first line is the header. It lists the name and digest of every other line in order, and its
  own digest, so damage, omission, repetition and reordering are all told by name.
* The header is not signed: it finds accidents. Forgery is found by the signatures in the lines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root, Snapshot, Timestamp

from roadworthy.kernel.canonical import canonical, sha256_hex
from roadworthy.kernel.errors import Invalid
from roadworthy.trust import checkpoints, notes
from roadworthy.trust import keys as trust_keys
from roadworthy.trust.metadata_store import MetadataStore, replace_file
from roadworthy.trust.notes import Verifier

FORMAT = "roadworthy-proof/1"
INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


class EvidenceNotCanonical(Invalid):
    code = "trust.evidence_not_canonical"
    message = "{name} is not canonical JSON, so its digest would not be that of its content."


class EvidenceRepeated(Invalid):
    code = "trust.evidence_repeated"
    message = "The bundle already has a line {name}."


class AnchorsMalformed(Invalid):
    code = "trust.anchors_malformed"
    message = "These are not the keys to verify a bundle with: {reason}."


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One line of a bundle."""

    name: str


class LineDigest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    sha256: str


class HeaderLine(Line, frozen=True, tag="header"):
    format: str
    release: str
    created_at: str
    lines: list[LineDigest]
    digest: str


class AnchorsLine(Line, frozen=True, tag="anchors"):
    log: str
    witnesses: list[str]
    root_sha256: str
    parties: dict[str, dict[str, Any]]


class CheckpointLine(Line, frozen=True, tag="checkpoint"):
    note: str


class ConsistencyLine(Line, frozen=True, tag="consistency"):
    old_size: int
    size: int
    proof: list[bytes]


class EntryLine(Line, frozen=True, tag="entry"):
    index: int
    body: dict[str, Any]
    proof: list[bytes]


class EnvelopeLine(Line, frozen=True, tag="envelope"):
    party: str
    envelope: dict[str, Any]


class DossierLine(Line, frozen=True, tag="dossier"):
    content: dict[str, Any] | None  # None: withheld, for it is not the reader's business
    sha256: str


class EvaluationLine(Line, frozen=True, tag="evaluation"):
    content: dict[str, Any] | None
    sha256: str


class TufLine(Line, frozen=True, tag="tuf"):
    role: str
    version: int
    content: bytes


class TargetLine(Line, frozen=True, tag="target"):
    path: str
    length: int
    sha256: str
    content: bytes | None


AnyLine = (
    HeaderLine
    | AnchorsLine
    | CheckpointLine
    | ConsistencyLine
    | EntryLine
    | EnvelopeLine
    | DossierLine
    | EvaluationLine
    | TufLine
    | TargetLine
)


@dataclass(frozen=True)
class Anchors:
    """What a verifier must know beforehand, from another source than the bundle."""

    log: Verifier
    witnesses: tuple[Verifier, ...]
    root_sha256: str  # of the TUF root that vehicles are built with
    parties: Mapping[str, Key] = field(default_factory=dict)  # whom no TUF role names

    def to_dict(self) -> dict[str, Any]:
        return {
            "log": str(self.log),
            "witnesses": [str(witness) for witness in self.witnesses],
            "root_sha256": self.root_sha256,
            "parties": {name: trust_keys.key_to_dict(key) for name, key in self.parties.items()},
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Anchors:
        """Read what :meth:`to_dict` wrote.

        Raises:
            AnchorsMalformed: a part is missing or is no key.
        """
        try:
            return cls(
                Verifier.parse(value["log"]),
                tuple(Verifier.parse(witness) for witness in value["witnesses"]),
                str(value["root_sha256"]),
                {
                    name: trust_keys.key_from_dict(key)
                    for name, key in value.get("parties", {}).items()
                },
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise AnchorsMalformed(reason=repr(error)) from None
        except (notes.BadVerifierKey, trust_keys.BadKey) as error:
            raise AnchorsMalformed(reason=str(error)) from None


class BundleBuilder:
    """Writes a bundle, line by line in the order of the calls."""

    def __init__(self, *, release: str, created_at: datetime, anchors: Anchors) -> None:
        self._release = release
        self._created_at = created_at
        self._lines: dict[str, bytes] = {}
        self._add(AnchorsLine("anchors", **anchors.to_dict()))

    def checkpoint(self, note: bytes) -> None:
        """Add a checkpoint with its cosignatures.

        Raises:
            NoteMalformed: it is none.
            CheckpointMalformed: it is a note about something else.
        """
        size = checkpoints.Checkpoint.parse(notes.parse(note).text).size
        self._add(CheckpointLine(f"checkpoint/{size}", note.decode()))

    def consistency(self, old_size: int, size: int, proof: Sequence[bytes]) -> None:
        """Add the proof that one checkpoint continues another."""
        self._add(ConsistencyLine(f"consistency/{old_size}-{size}", old_size, size, list(proof)))

    def entry(self, index: int, body: bytes, proof: Sequence[bytes]) -> None:
        """Add an entry of the ledger, with its proof under the largest checkpoint.

        Raises:
            EvidenceNotCanonical: the body would change its bytes in the bundle.
        """
        name = f"entry/{index}"
        self._add(EntryLine(name, index, _canonical_object(name, body), list(proof)))

    def envelope(self, name: str, party: str, envelope: bytes) -> None:
        """Add an attestation and say whose it is.

        Raises:
            EvidenceNotCanonical: the envelope would change its bytes in the bundle.
        """
        name = f"envelope/{name}"
        self._add(EnvelopeLine(name, party, _canonical_object(name, envelope)))

    def dossier(self, name: str, content: Mapping[str, Any], *, withheld: bool = False) -> None:
        """Add what was filed, or its digest only: every other proof still holds on to that."""
        digest = sha256_hex(canonical(dict(content)))
        self._add(DossierLine(f"dossier/{name}", None if withheld else dict(content), digest))

    def evaluation(self, name: str, content: Mapping[str, Any], *, withheld: bool = False) -> None:
        """Add what the rulebook found, or its digest only."""
        digest = sha256_hex(canonical(dict(content)))
        self._add(EvaluationLine(f"evaluation/{name}", None if withheld else dict(content), digest))

    def repository(self, store: MetadataStore, role: str) -> None:
        """Add the TUF metadata that vouches for the release: from every root to its role.

        Raises:
            NoSuchMetadata: the role has published nothing.
        """
        newest = Metadata[Root].from_bytes(store.get("root")).signed.version
        for version in range(1, newest + 1):
            self._tuf("root", version, store.get("root", version))
        content = store.get("timestamp")
        timestamp = Metadata[Timestamp].from_bytes(content).signed
        self._tuf("timestamp", timestamp.version, content)
        content = store.get("snapshot", timestamp.snapshot_meta.version)
        self._tuf("snapshot", timestamp.snapshot_meta.version, content)
        published = Metadata[Snapshot].from_bytes(content).signed.meta
        for name in ("targets", role):
            meta = published.get(f"{name}.json")
            content = store.get(name, meta.version if meta else None)
            self._tuf(name, Metadata[Root].from_bytes(content).signed.version, content)

    def target(self, path: str, length: int, sha256: str, content: bytes | None = None) -> None:
        """Add an image, by its digest or in full."""
        self._add(TargetLine(f"target/{path}", path, length, sha256, content))

    def to_bytes(self) -> bytes:
        """Return the whole file."""
        header = HeaderLine(
            name="header",
            format=FORMAT,
            release=self._release,
            created_at=self._created_at.astimezone(UTC).strftime(INSTANT),
            lines=[LineDigest(name, sha256_hex(line)) for name, line in self._lines.items()],
            digest="",
        )
        header = msgspec.structs.replace(header, digest=header_digest(header))
        return b"".join(line + b"\n" for line in (encode(header), *self._lines.values()))

    def write(self, path: Path) -> None:
        """Write the file; a reader never sees half of it."""
        replace_file(path, self.to_bytes())

    def _tuf(self, role: str, version: int, content: bytes) -> None:
        self._add(TufLine(f"tuf/{version}.{role}", role, version, content))

    def _add(self, line: Line) -> None:
        if line.name in self._lines:
            raise EvidenceRepeated(name=line.name)
        self._lines[line.name] = encode(line)


def encode(line: Line) -> bytes:
    """Return the one way to write a line."""
    return canonical(msgspec.to_builtins(line))


def header_digest(header: HeaderLine) -> str:
    """Return the digest that a header states of itself."""
    return sha256_hex(encode(msgspec.structs.replace(header, digest="")))


def _canonical_object(name: str, content: bytes) -> dict[str, Any]:
    value = json.loads(content)
    if not isinstance(value, dict) or canonical(value) != content:
        raise EvidenceNotCanonical(name=name)
    return value
