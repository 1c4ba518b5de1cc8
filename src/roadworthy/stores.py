"""Where portals and API find the bytes and the keys of this deployment: below ``ROADWORTHY_HOME``.

One place for both, so that what is handed in either way meets the same limits and scanner.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from roadworthy.domains.documents import opening
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.exchange import identity
from roadworthy.domains.exchange.identity import Identity
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
    return opening.opened(
        chosen.home,
        document_megabytes=chosen.document_megabytes,
        archive_megabytes=chosen.archive_megabytes,
        archive_files=chosen.archive_files,
        archive_ratio=chosen.archive_ratio,
        scanner=chosen.virus_scanner,
        scanner_seconds=chosen.virus_scanner_seconds,
    )


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


def exchange() -> Identity:
    """Return the keys by which this deployment speaks to others, open.

    Raises:
        NoExchange, NotInitialised.
    """
    return _identity(home(), online_passphrase())


@lru_cache(maxsize=4)
def _identity(folder: Path, passphrase: str) -> Identity:
    return identity.open_identity(folder, passphrase)


@lru_cache(maxsize=4)
def _opened(folder: Path, passphrase: str) -> Platform:
    return Platform.open(folder, passphrase, documents=documents())
