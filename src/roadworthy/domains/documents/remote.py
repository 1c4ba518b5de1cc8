"""Documents that came from the deployment of their owner, whose bytes are here already."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from roadworthy.domains.documents import formats
from roadworthy.domains.documents.errors import BadDocumentName, NotThatType
from roadworthy.domains.documents.models import Document
from roadworthy.domains.documents.services import clean_name
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.ledger import services as ledger

_UNKNOWN = "application/octet-stream"


def keep(
    *,
    organisation_id: int,
    filename: str,
    sha256: str,
    path: Path,
    store: DocumentStore,
    actor: ledger.Named,
    at: datetime,
) -> Document:
    """Keep the bytes at ``path``, which have that digest, as a document of an organisation.

    Again changes nothing. Inside the caller's transaction.

    Raises:
        DocumentTooLarge, BrokenDocument, ArchiveTooLarge, DocumentRefused, ScannerFailed.
    """
    name = _name(filename, sha256)
    store.adopt(path, sha256, name)
    document, is_new = Document.objects.get_or_create(
        organisation_id=organisation_id,
        sha256=sha256,
        defaults={
            "filename": name,
            "media_type": _media_type(name),
            "length": path.stat().st_size,
            "added_at": at,
        },
    )
    if is_new:
        ledger.record(
            event="document:received",
            subject=f"document/{document.pk}",
            actor=actor,
            at=at,
            data={
                "sha256": sha256,
                "media_type": document.media_type,
                "length": document.length,
            },
        )
    return document


def _name(filename: str, sha256: str) -> str:
    try:
        return clean_name(filename)
    except BadDocumentName:
        return sha256


def _media_type(filename: str) -> str:
    try:
        return formats.claimed(filename, formats.MEDIA_TYPES)
    except NotThatType:
        return _UNKNOWN
