"""Drafts as a page reads them; the manufacturer always comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from roadworthy.domains.filings.errors import NoSuchDraft
from roadworthy.domains.filings.models import Dossier, Draft, DraftAttachment, Filing
from roadworthy.domains.filings.states import DraftState, Kind
from roadworthy.domains.software.models import Release


def open_drafts(manufacturer_id: int) -> QuerySet[Draft]:
    """Return what a manufacturer has begun to write, last touched first."""
    attached = DraftAttachment.objects.filter(draft=OuterRef("pk")).order_by().values("draft")
    return (
        Draft.objects.select_related("release", "updated_by", "amends")
        .annotate(attached=Subquery(attached.annotate(n=Count("pk")).values("n")))
        .filter(manufacturer_id=manufacturer_id, state=DraftState.OPEN)
        .order_by("-updated_at", "-id")
    )


def next_of(filing: Filing) -> Draft | None:
    """Return the open draft of a filing's next version, if somebody has begun it."""
    return open_drafts(filing.manufacturer_id).filter(amends=filing).first()


def own(manufacturer_id: int, draft_id: int) -> Draft:
    """Return one of the manufacturer's open drafts.

    Raises:
        NoSuchDraft: there is none, it is another's, or it is closed.
    """
    found = Draft.objects.select_related(
        "release__manufacturer", "updated_by", "amends__authority", "amends__dossier"
    ).filter(manufacturer_id=manufacturer_id, pk=draft_id, state=DraftState.OPEN)
    draft = found.first()
    if draft is None:
        raise NoSuchDraft
    return draft


def attachment(draft: Draft, attachment_id: int) -> DraftAttachment:
    """Return a document of a draft.

    Raises:
        NoSuchDraft: there is none of that number.
    """
    found = DraftAttachment.objects.select_related("document").filter(draft=draft)
    one = found.filter(pk=attachment_id).first()
    if one is None:
        raise NoSuchDraft
    return one


def last_time(manufacturer_id: int, kind: Kind, release: Release | None) -> dict[str, Any]:
    """Return what was written the last time: for the same release, else for the kind at all."""
    of_kind = Dossier.objects.filter(manufacturer_id=manufacturer_id, kind=kind).order_by("-id")
    latest = of_kind.filter(release=release).first() or of_kind.first()
    return typed(latest.content) if latest else {}


def of_filing(filing: Filing) -> dict[str, Any]:
    """Return what a filing says, as it would have been typed."""
    return typed(filing.dossier.content)


def typed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of a dossier as texts for a form; what no form holds is left out."""
    found: dict[str, Any] = {}
    for name, value in content.get("details", {}).items():
        if name == "assessment" and isinstance(value, Mapping):
            found |= {f"assessment_{part}": str(one) for part, one in value.items()}
        elif isinstance(value, str | int):
            found[name] = str(value)
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            found[name] = list(value)
        elif name == "parameters" and isinstance(value, list):
            found[name] = "\n".join(
                f"{one.get('name', '')} | {one.get('approved', '')} | {one.get('filed', '')}"
                for one in value
                if isinstance(one, Mapping)
            )
    return found
