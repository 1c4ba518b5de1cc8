"""Snapshot and timestamp: a server orders and dates what others signed, and can do no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, MetaFile, Root, Signed, Snapshot, Targets, Timestamp

from roadworthy.kernel.canonical import sha256_hex
from roadworthy.kernel.errors import Forbidden
from roadworthy.trust.metadata_store import MetadataStore, NoSuchMetadata

S = TypeVar("S", Snapshot, Timestamp)
T = TypeVar("T", Root, Snapshot, Targets, Timestamp)


class OnlineKeyNotAppointed(Forbidden):
    code = "trust.online_key_not_appointed"
    message = "The root appoints another key for {role} than {keyid}."


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long each kind of metadata is valid; a vehicle refuses it afterwards."""

    root: timedelta = timedelta(days=365)
    targets: timedelta = timedelta(days=365)
    role: timedelta = timedelta(days=365)
    snapshot: timedelta = timedelta(days=7)
    timestamp: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OnlineSigners:
    """The two keys that a server holds."""

    snapshot: Signer
    timestamp: Signer


def announce(
    store: MetadataStore,
    changed: Iterable[str],
    *,
    lifetimes: Lifetimes,
    online: OnlineSigners,
    at: datetime,
) -> None:
    """Write the next snapshot and timestamp; the timestamp last, for it is what clients see.

    ``targets`` is always looked at again, so a run that broke off is repaired by the next.

    Raises:
        OnlineKeyNotAppointed: no vehicle would accept what these signers sign.
    """
    root = Metadata[Root].from_bytes(store.get("root")).signed
    for role, signer in (("snapshot", online.snapshot), ("timestamp", online.timestamp)):
        if signer.public_key.keyid not in root.roles[role].keyids:
            raise OnlineKeyNotAppointed(role=role, keyid=signer.public_key.keyid)
    snapshot = _following(store, "snapshot", Snapshot(version=1, meta={}))
    for role in ("targets", *changed):
        snapshot.meta[f"{role}.json"] = _meta_file(store.get(role))
    snapshot.expires = until(at, lifetimes.snapshot)
    content = signed(snapshot, [online.snapshot])
    timestamp = _following(store, "timestamp", Timestamp(version=1))
    timestamp.snapshot_meta = _meta_file(content)
    timestamp.expires = until(at, lifetimes.timestamp)
    store.put("snapshot", snapshot.version, content)
    store.put("timestamp", timestamp.version, signed(timestamp, [online.timestamp]))


def until(at: datetime, lifetime: timedelta) -> datetime:
    """Return an expiry as TUF wants it: UTC, whole seconds."""
    return (at.astimezone(UTC) + lifetime).replace(microsecond=0)


def signed(part: T, signers: Sequence[Signer]) -> bytes:
    """Return metadata with one signature by each signer."""
    metadata: Metadata[T] = Metadata(part)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def expiry(content: bytes) -> datetime:
    """Return when a piece of metadata expires."""
    part: Signed = Metadata[Targets].from_bytes(content).signed
    return part.expires


def _following(store: MetadataStore, role: str, first: S) -> S:
    try:
        following = Metadata[S].from_bytes(store.get(role)).signed
    except NoSuchMetadata:
        return first
    following.version += 1
    return following


def _meta_file(content: bytes) -> MetaFile:
    version = Metadata[Targets].from_bytes(content).signed.version
    return MetaFile(version, len(content), {"sha256": sha256_hex(content)})
