"""What somebody hands in at a form becomes a document of their organisation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from roadworthy import stores
from roadworthy.domains.documents import services as documents
from roadworthy.portals.shared.access import Signed


def kept(request: Signed, file: Any) -> Any:
    """Keep an uploaded file and return the document.

    Raises:
        What ``documents.keep`` raises: nothing is kept.
    """
    who = request.acting
    return documents.keep(
        organisation_id=who.organisation_id,
        filename=file.name or "",
        content=file,
        store=stores.documents(),
        actor=who.actor,
        at=datetime.now(UTC),
    )


def digest_of(request: Signed, file: Any) -> str:
    """Keep an uploaded file and return its SHA-256; the empty text where none was handed in."""
    return "" if file is None else str(kept(request, file).sha256)
