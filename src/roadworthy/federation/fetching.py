"""Fetch the files that messages name."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from roadworthy.domains.exchange import files as exchange_files
from roadworthy.domains.exchange.files import Files
from roadworthy.domains.exchange.identity import Identity
from roadworthy.federation import calling
from roadworthy.kernel.errors import DomainError

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Blob

logger = logging.getLogger(__name__)


def turn(identity: Identity, files: Files, *, largest: int) -> int:
    """Fetch what is wanted now; return how many files came. ``largest`` is in bytes."""
    return sum(
        _fetch(identity, files, blob, largest) for blob in exchange_files.wanted(datetime.now(UTC))
    )


def _fetch(identity: Identity, files: Files, blob: Blob, largest: int) -> bool:
    found = files.find(blob.sha256)
    if found is None:
        try:
            length = _download(identity, files, blob, largest)
        except DomainError as wrong:
            reason = str(wrong.data.get("reason", wrong))
            exchange_files.note_failed(blob, reason, at=datetime.now(UTC))
            logger.info("File %s of %s: %s", blob.sha256, blob.peer.name, wrong)
            return False
    else:
        length = found.stat().st_size
    exchange_files.note_fetched(blob, length, at=datetime.now(UTC))
    return True


def _download(identity: Identity, files: Files, blob: Blob, largest: int) -> int:
    partial = files.fetched / f".{blob.peer.name}-{blob.sha256}"
    partial.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with calling.connected(identity, blob.peer) as caller:
        caller.fetch(blob.sha256, partial, largest=largest)
    return exchange_files.take_in(files, blob.sha256, partial)
