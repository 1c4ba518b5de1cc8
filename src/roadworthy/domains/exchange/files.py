"""Files that messages name: whom we hand which, and what we still have to fetch.

A peer gets a file only if a message to that very peer names it. What is fetched is what its digest
says, or it is not kept.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from roadworthy.domains.exchange import applying
from roadworthy.domains.exchange.errors import FileOther, NotYet
from roadworthy.domains.exchange.models import Blob, Line, Peer
from roadworthy.domains.exchange.pausing import pause
from roadworthy.domains.exchange.states import PeerState
from roadworthy.domains.filings.platform import Platform

LONGEST_ERROR = 200


@dataclass(frozen=True, slots=True)
class Files:
    """Where the bytes of a digest lie: what people handed in here, and what was fetched."""

    platform: Platform

    @property
    def fetched(self) -> Path:
        """Return the folder of what was fetched from peers."""
        return self.platform.home / "exchange" / "files"

    def place(self, sha256: str) -> Path:
        """Return where a fetched file lies, or would lie."""
        return self.fetched / sha256[:2] / sha256

    def find(self, sha256: str) -> Path | None:
        """Return the file of that digest, if it is here."""
        candidates = (
            self.place(sha256),
            self.platform.documents.path(sha256),
            self.platform.images.path(sha256),
        )
        return next((path for path in candidates if path.is_file()), None)

    def __call__(self, sha256: str) -> Path:
        """Return the file of that digest.

        Raises:
            NotYet: it is not here yet.
        """
        found = self.find(sha256)
        if found is None:
            raise NotYet("file-missing", sha256=sha256)
        return found


def may_have(peer: Peer, sha256: str) -> bool:
    """Say whether a message to that peer names that file."""
    return Blob.objects.filter(peer=peer, direction=Line.OUT, sha256=sha256).exists()


def wanted(at: datetime) -> Iterable[Blob]:
    """Return files that are to be fetched now, oldest first."""
    return (
        Blob.objects.select_related("peer")
        .filter(direction=Line.IN, next_at__lte=at, peer__state=PeerState.CONFIRMED)
        .order_by("next_at", "pk")[:100]
    )


def take_in(files: Files, sha256: str, partial: Path) -> int:
    """Move a file that was fetched to its place, if it is what its digest says; return its size.

    Raises:
        FileOther: it is not; it is removed.
    """
    with partial.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    if found != sha256:
        partial.unlink()
        raise FileOther(sha256=sha256, found=found)
    place = files.place(sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(place)
    handle = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return place.stat().st_size


@transaction.atomic(durable=True)
def note_fetched(blob: Blob, length: int, *, at: datetime) -> None:
    """Note that a file is here, and let what waited for it go on."""
    Blob.objects.filter(pk=blob.pk).update(
        length=length, fetched_at=at, next_at=None, last_error=""
    )
    applying.wake(at)


@transaction.atomic(durable=True)
def note_failed(blob: Blob, reason: str, *, at: datetime) -> None:
    """Note that a file could not be fetched, and when to try again."""
    row = Blob.objects.select_for_update(no_key=True).get(pk=blob.pk)
    row.attempts += 1
    row.next_at, row.last_error = at + pause(row.attempts), reason[:LONGEST_ERROR]
    row.save(update_fields=["attempts", "next_at", "last_error"])
