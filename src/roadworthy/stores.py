"""Where portals and API find the bytes and the keys of this deployment: below ``ROADWORTHY_HOME``.

One place for both, so that what is handed in either way meets the same limits and scanner.
"""

from __future__ import annotations

import shlex
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from roadworthy.domains.documents.limits import MEGABYTE, Limits
from roadworthy.domains.documents.scanning import Scanner
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.filings.platform import NotInitialised, Platform
from roadworthy.domains.software.images import ImageStore
from roadworthy.trust.keys import Keystore


def home() -> Path:
    """Return the data folder of this deployment."""
    folder: Path = settings.ROADWORTHY.home
    return folder


def images() -> ImageStore:
    """Return the store of images and evidence."""
    return ImageStore(home() / "images")


def documents() -> DocumentStore:
    """Return the store of documents, with this deployment's limits and virus scanner."""
    chosen = settings.ROADWORTHY
    limits = Limits(
        document=chosen.document_megabytes * MEGABYTE,
        unpacked=chosen.archive_megabytes * MEGABYTE,
        members=chosen.archive_files,
        ratio=chosen.archive_ratio,
    )
    scanner = None
    if chosen.virus_scanner:
        scanner = Scanner(tuple(shlex.split(chosen.virus_scanner)), chosen.virus_scanner_seconds)
    return DocumentStore(home() / "documents", limits=limits, scanner=scanner)


def keystore() -> Keystore:
    """Return the keys of people; each opens with its holder's passphrase only."""
    return Keystore(home() / "keys")


def platform() -> Platform:
    """Return the platform with its online keys open.

    Raises:
        NotInitialised: this deployment has no platform keys yet.
    """
    return _opened(home(), online_passphrase())


def online_passphrase() -> str:
    """Return what opens the online keys.

    Raises:
        NotInitialised: this process was started without it.
    """
    passphrase = settings.ROADWORTHY.online_key_passphrase
    if passphrase is None:
        raise NotInitialised
    return str(passphrase.reveal())


@lru_cache(maxsize=4)
def _opened(folder: Path, passphrase: str) -> Platform:
    return Platform.open(folder, passphrase, documents=documents())
