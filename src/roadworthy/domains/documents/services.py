"""Keep a file that somebody handed in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import PurePath
from typing import BinaryIO

from django.db import transaction

from roadworthy.domains.documents.errors import BadDocumentName, NoSuchDocument
from roadworthy.domains.documents.formats import MEDIA_TYPES
from roadworthy.domains.documents.models import Document
from roadworthy.domains.documents.store import DocumentStore, Stored
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, witnessed

NAME_LENGTH = 120


def keep(
    *,
    organisation_id: int,
    filename: str,
    content: BinaryIO,
    store: DocumentStore,
    actor: Actor,
    at: datetime,
    accept: Collection[str] = MEDIA_TYPES,
) -> Document:
    """Check a file, store its bytes and note whose it is; the same bytes again are the same row.

    The file is read and examined before the transaction begins: a slow scanner holds no lock.

    Raises:
        NotAMember, NoSuchDocument, BadDocumentName.
        EmptyDocument, DocumentTooLarge, NotThatType, BrokenDocument, ArchiveTooLarge,
        DocumentRefused, ScannerFailed: nothing is kept.
    """
    _check_owner(organisation_id, actor)
    name = clean_name(filename)
    stored = store.add(content, name, accept)
    with transaction.atomic(durable=True):
        return _note(organisation_id, name, stored, actor, at)


def kept(
    *,
    organisation_id: int,
    filename: str,
    content: BinaryIO,
    store: DocumentStore,
    actor: Actor,
    at: datetime,
    accept: Collection[str] = MEDIA_TYPES,
) -> Document:
    """Do what ``keep`` does, inside the caller's transaction."""
    _check_owner(organisation_id, actor)
    name = clean_name(filename)
    return _note(organisation_id, name, store.add(content, name, accept), actor, at)


def clean_name(filename: str) -> str:
    """Return the last part of a name, as a browser may send a whole path.

    Raises:
        BadDocumentName: nothing usable is left of it.
    """
    name = PurePath(filename.replace("\\", "/")).name.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise BadDocumentName(filename=filename[:NAME_LENGTH], most=NAME_LENGTH)
    return name


def _check_owner(organisation_id: int, actor: Actor) -> None:
    witnessed(actor)
    if actor.organisation_id != organisation_id:
        raise NoSuchDocument


def _note(
    organisation_id: int, filename: str, stored: Stored, actor: Actor, at: datetime
) -> Document:
    document, is_new = Document.objects.get_or_create(
        organisation_id=organisation_id,
        sha256=stored.sha256,
        defaults={
            "filename": filename,
            "media_type": stored.media_type,
            "length": stored.length,
            "added_at": at,
            "added_by_id": actor.person_id,
        },
    )
    if is_new:
        # Not its name: people call files after people.
        ledger.record(
            event="document:kept",
            subject=f"document/{document.pk}",
            actor=witnessed(actor),
            at=at,
            data={
                "sha256": stored.sha256,
                "media_type": stored.media_type,
                "length": stored.length,
            },
        )
    return document
