"""TUF metadata rests in PostgreSQL, in the transaction of the step that made it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from roadworthy.domains.filings.models import TufMetadata
from roadworthy.trust.metadata_store import NoSuchMetadata, VersionExists


class DatabaseMetadata:
    """The ``MetadataStore`` of ``roadworthy.trust`` over a table."""

    def get(self, role: str, version: int | None = None) -> bytes:
        """Return one version of a role's metadata, or the newest."""
        rows = TufMetadata.objects.filter(role=role)
        rows = rows.order_by("-version") if version is None else rows.filter(version=version)
        row = rows.first()
        if row is None:
            raise NoSuchMetadata(role=role, version=version or "any")
        return bytes(row.content)

    def put(self, role: str, version: int, content: bytes) -> None:
        """Keep a new version; of two that publish at once, one fails."""
        try:
            with transaction.atomic():
                TufMetadata.objects.create(
                    role=role, version=version, content=content, at=timezone.now()
                )
        except IntegrityError:
            raise VersionExists(role=role, version=version) from None
