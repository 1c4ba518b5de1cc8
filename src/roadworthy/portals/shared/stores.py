"""Where the portals find the bytes and the keys: below ``ROADWORTHY_HOME``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from roadworthy.domains.filings.platform import NotInitialised, Platform
from roadworthy.domains.software.images import ImageStore


def home() -> Path:
    """Return the data folder of this deployment."""
    folder: Path = settings.ROADWORTHY.home
    return folder


def images() -> ImageStore:
    """Return the store of images and evidence."""
    return ImageStore(home() / "images")


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
    return Platform.open(folder, passphrase)
