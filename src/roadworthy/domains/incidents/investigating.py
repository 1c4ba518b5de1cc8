"""The lines of an investigation: what happened when, what was found, why, what is done about it.

A line is never changed. A wrong one is followed by one that corrects it, and both are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from django.db import transaction

from roadworthy.domains.documents import services as documents
from roadworthy.domains.documents.models import Document
from roadworthy.domains.documents.store import DocumentStore
from roadworthy.domains.incidents import assessing, errors, likeness, queries, records
from roadworthy.domains.incidents.models import Entry, Incident
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role


class Sort(StrEnum):
    """What a line says. A note is a reason that somebody gave for a step."""

    TIMELINE = "timeline"
    FINDING = "finding"
    ROOT_CAUSE = "root-cause"
    MEASURE = "measure"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with a line."""

    filename: str
    content: BinaryIO
    store: DocumentStore


WRITTEN = (Sort.TIMELINE, Sort.FINDING, Sort.ROOT_CAUSE, Sort.MEASURE)


def write(
    *,
    incident_id: int,
    sort: Sort,
    text: str,
    happened_at: datetime | None = None,
    corrects: int | None = None,
    attached: Attached | None = None,
    actor: Actor,
    at: datetime,
) -> Entry:
    """Add a line, with a file if there is one; the file is examined before any row is locked.

    Raises:
        NoSuchIncident, NotAMember, NotYours, WordsMissing, TooManyWords.
        BadDocumentName, EmptyDocument, DocumentTooLarge, NotThatType, BrokenDocument,
        ArchiveTooLarge, DocumentRefused, ScannerFailed: nothing is kept.
    """
    found = queries.incident(actor, incident_id)
    if actor.role != Role.SAFETY or sort not in WRITTEN:
        raise errors.NotYours(roles=Role.SAFETY)
    words = records.said(text)
    document: Document | None = None
    if attached is not None:
        document = documents.keep(
            organisation_id=found.manufacturer_id,
            filename=attached.filename,
            content=attached.content,
            store=attached.store,
            actor=actor,
            at=at,
        )
    return _add(found.pk, sort, words, happened_at, corrects, document, actor, at)


def lines(incident: Incident) -> Sequence[Entry]:
    """Return the lines of an investigation in the order in which they were written."""
    found = Entry.objects.filter(incident=incident).select_related("by", "document")
    return list(found.order_by("pk"))


@transaction.atomic(durable=True)
def _add(
    incident_id: int,
    sort: Sort,
    words: str,
    happened_at: datetime | None,
    corrects: int | None,
    document: Document | None,
    actor: Actor,
    at: datetime,
) -> Entry:
    incident, by = records.locked(incident_id, actor)
    wrong = Entry.objects.filter(pk=corrects, incident=incident).first() if corrects else None
    made = Entry.objects.create(
        incident=incident,
        sort=sort,
        text=words,
        happened_at=happened_at,
        corrects=wrong,
        document=document,
        at=at,
        by_id=actor.person_id,
    )
    records.log(
        "incident:investigated",
        incident,
        by,
        at,
        sort=sort,
        words=records.commitment_to(incident, words),
        **({"document_sha256": document.sha256} if document else {}),
    )
    likeness.keep(incident)
    assessing.reckon(incident, at)
    return made
