"""What goes with the text of a draft: its documents, what it amends; and the whole, to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from roadworthy.domains.documents import queries as documents
from roadworthy.domains.filings import dossiers, preparing
from roadworthy.domains.filings.dossiers import Amendment, Attached
from roadworthy.domains.filings.errors import AmendmentReasonMissing
from roadworthy.domains.filings.models import Draft, DraftAttachment, Filing
from roadworthy.domains.filings.states import Kind, State

REASON = "amendment_reason"  # the one field that every amendment has besides its kind's own


def previewed(draft: Draft, details: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the content that a draft would be filed with, and its digest; nothing is written.

    Raises:
        DetailMissing, NothingToFile, NothingToReport, AmendmentReasonMissing, NotAmendable.
    """
    enclosed = enclosure(draft, details)
    amendment = enclosed.amendment
    if amendment is not None and draft.amends is not None:
        amendment = replace(
            amendment, number=draft.amends.number, dossier_sha256=draft.amends.dossier.sha256
        )
    content = dossiers.compose(
        Kind(draft.kind),
        draft.manufacturer,
        draft.release,
        {name: value for name, value in details.items() if name != REASON},
        attachments=enclosed.attachments,
        amendment=amendment,
    )
    return content, dossiers.sha256(content)


def enclosure(draft: Draft, details: Mapping[str, Any]) -> preparing.Enclosed:
    """Return what goes with the details of a draft: its documents, and what it amends.

    Raises:
        AmendmentReasonMissing.
    """
    attached = tuple(
        Attached(
            one.title,
            one.document.filename,
            one.document.sha256,
            one.document.length,
            one.document.media_type,
        )
        for one in attachments(draft)
    )
    amendment, follows_id = None, None
    if draft.amends is not None and draft.amends.state == State.RETURNED:
        follows_id = draft.amends.pk
    elif draft.amends is not None:
        reason = str(details.get(REASON, "")).strip()
        if not reason:
            raise AmendmentReasonMissing
        amendment = Amendment(draft.amends.pk, reason)
    return preparing.Enclosed(attached, amendment, follows_id)


def enclose_again(draft: Draft, before: Filing) -> None:
    """Put to a next version the documents of the last; inside the step that begins it."""
    titles = {one["sha256"]: one["title"] for one in before.dossier.content.get("attachments", ())}
    kept = documents.by_digest(draft.manufacturer_id, titles)
    DraftAttachment.objects.bulk_create(
        DraftAttachment(draft=draft, document=one, title=titles[sha256])
        for sha256, one in kept.items()
    )


def attachments(draft: Draft) -> QuerySet[DraftAttachment]:
    """Return a draft's documents by their names."""
    found = DraftAttachment.objects.select_related("document").filter(draft=draft)
    return found.order_by("document__filename", "id")
