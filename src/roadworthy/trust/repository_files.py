"""A repository as files that any web server can serve and any TUF client can read.

``metadata/`` holds ``VERSION.ROLE.json``; ``targets/`` holds each image under its digest,
``FOLDER/SHA256.NAME``. Images are written before the metadata that names them and the timestamp
last, so a client that reads while files are written sees the old state or the new one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from securesystemslib.signer import Signature
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from roadworthy.kernel.errors import NotFound
from roadworthy.trust import candidates
from roadworthy.trust.metadata_store import (
    DirectoryMetadata,
    MemoryMetadata,
    MetadataStore,
    VersionExists,
)
from roadworthy.trust.online import Lifetimes, OnlineSigners, announce


class NoSuchContent(NotFound):
    code = "trust.no_such_content"
    message = "There is no image with the SHA-256 digest {sha256}."


class TargetContents(Protocol):
    """Where the images themselves rest, by digest."""

    def open(self, sha256: str) -> BinaryIO:
        """Open an image for reading.

        Raises:
            NoSuchContent: there is none with that digest.
        """


def export(store: MetadataStore, contents: TargetContents, directory: Path) -> None:
    """Write the repository's present state below ``directory``; what is there already stays.

    Raises:
        NoSuchContent: an image that a role publishes is missing.
    """
    timestamp = Metadata[Timestamp].from_bytes(store.get("timestamp")).signed
    snapshot_version = timestamp.snapshot_meta.version
    snapshot = Metadata[Snapshot].from_bytes(store.get("snapshot", snapshot_version)).signed
    published = {
        name.removesuffix(".json"): meta.version for name, meta in sorted(snapshot.meta.items())
    }
    written = DirectoryMetadata(directory / "metadata")
    newest_root = Metadata[Root].from_bytes(store.get("root")).signed.version
    for version in range(1, newest_root + 1):  # a client walks through every root
        _keep(written, "root", version, store.get("root", version))
    for role, version in published.items():
        content = store.get(role, version)
        for target in Metadata[Targets].from_bytes(content).signed.targets.values():
            _write_target(target, contents, directory / "targets")
        _keep(written, role, version, content)
    _keep(written, "snapshot", snapshot_version, store.get("snapshot", snapshot_version))
    _keep(written, "timestamp", timestamp.version, store.get("timestamp", timestamp.version))


def under_signed_copy(
    store: MetadataStore,
    contents: TargetContents,
    directory: Path,
    *,
    role: str,
    candidate: bytes,
    signatures: Iterable[Signature],
    online: OnlineSigners,
    at: datetime,
) -> None:
    """Write what a dishonest server could write: the candidate without its missing signatures.

    The store stays as it is. Everything that a server can sign is signed, so a client that
    refuses the copy does so for want of the parties' signatures and for nothing else. Show it
    to a client without a history: its versions run ahead of the true repository's.

    Raises:
        CandidateMalformed: the bytes are no candidate.
        NoSuchContent: an image is missing.
    """
    metadata = candidates.parse(candidate)
    metadata.signatures = {signature.keyid: signature for signature in signatures}
    copy = MemoryMetadata(beneath=store)
    copy.put(role, metadata.signed.version, metadata.to_bytes())
    announce(copy, [role], lifetimes=Lifetimes(), online=online, at=at)
    export(copy, contents, directory)


def _keep(written: DirectoryMetadata, role: str, version: int, content: bytes) -> None:
    try:
        written.put(role, version, content)
    except VersionExists:
        # Written by an earlier export; a version never changes.
        if written.get(role, version) != content:
            raise


def _write_target(target: TargetFile, contents: TargetContents, directory: Path) -> None:
    for prefixed in target.get_prefixed_paths():
        destination = directory / prefixed
        if destination.exists() and destination.stat().st_size == target.length:
            continue  # the name is a digest of the content
        destination.parent.mkdir(parents=True, exist_ok=True)
        temporary = destination.with_name(f".{destination.name}")
        with contents.open(target.hashes["sha256"]) as source, temporary.open("wb") as file:
            shutil.copyfileobj(source, file)
        temporary.replace(destination)
