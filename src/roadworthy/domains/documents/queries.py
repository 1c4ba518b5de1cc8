"""What can be asked about documents; whose they are always comes first."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from roadworthy.domains.documents.errors import NoSuchDocument
from roadworthy.domains.documents.models import Document


def of_organisation(organisation_id: int) -> QuerySet[Document]:
    """Return what an organisation handed in, newest first."""
    return Document.objects.filter(organisation_id=organisation_id).order_by("-id")


def document(organisation_id: int, sha256: str) -> Document:
    """Return an organisation's document of that digest.

    Raises:
        NoSuchDocument: there is none, or it is another's.
    """
    found = of_organisation(organisation_id).filter(sha256=sha256).first()
    if found is None:
        raise NoSuchDocument
    return found


def by_digest(organisation_id: int, digests: Collection[str]) -> Mapping[str, Document]:
    """Return those of an organisation's documents that have one of these digests."""
    found = of_organisation(organisation_id).filter(sha256__in=digests)
    return {one.sha256: one for one in found}
