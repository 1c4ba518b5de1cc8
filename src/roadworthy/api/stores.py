"""Where the API finds the bytes and the keys: below ``ROADWORTHY_HOME``, as the portals do."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from roadworthy.domains.documents import opening
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings.platform import NotInitialised, Platform
from roadworthy.domains.software.images import ImageStore


def images() -> ImageStore:
    """Return the store of images and evidence."""
    return ImageStore(settings.ROADWORTHY.home / "images")


def documents() -> DocumentStore:
    """Return the store of documents, with this deployment's limits and virus scanner."""
    chosen = settings.ROADWORTHY
    return opening.opened(
        chosen.home,
        document_megabytes=chosen.document_megabytes,
        archive_megabytes=chosen.archive_megabytes,
        archive_files=chosen.archive_files,
        archive_ratio=chosen.archive_ratio,
        scanner=chosen.virus_scanner,
        scanner_seconds=chosen.virus_scanner_seconds,
    )


def platform() -> Platform:
    """Return the platform with its online keys open.

    Raises:
        NotInitialised: there are no platform keys yet, or this process may not open them.
    """
    passphrase = settings.ROADWORTHY.online_key_passphrase
    if passphrase is None:
        raise NotInitialised
    return _opened(settings.ROADWORTHY.home, str(passphrase.reveal()))


@lru_cache(maxsize=4)
def _opened(folder: Path, passphrase: str) -> Platform:
    return Platform.open(folder, passphrase, documents=documents())
