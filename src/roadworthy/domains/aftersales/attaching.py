"""Files that belong to a complaint."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from roadworthy.domains.aftersales import queries, records
from roadworthy.domains.aftersales.models import Attachment
from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.organisations.actors import Actor


def attach(
    *,
    complaint_id: int,
    filename: str,
    content: BinaryIO,
    store: DocumentStore,
    actor: Actor,
    at: datetime,
) -> Attachment:
    """Keep a file with a complaint; the file is examined before any row is locked.

    Raises:
        NoSuchComplaint, NotAMember.
        BadDocumentName, EmptyDocument, DocumentTooLarge, NotThatType, BrokenDocument,
        ArchiveTooLarge, DocumentRefused, ScannerFailed: nothing is kept.
    """
    found = queries.complaint(actor, complaint_id)
    document = documents.keep(
        organisation_id=found.manufacturer_id,
        filename=filename,
        content=content,
        store=store,
        actor=actor,
        at=at,
    )
    with transaction.atomic(durable=True):
        complaint, by = records.locked(complaint_id, actor)
        made, is_new = Attachment.objects.get_or_create(
            complaint=complaint, document=document, defaults={"at": at}
        )
        if is_new:
            records.log("complaint:file-attached", complaint, by, at)
    return made
