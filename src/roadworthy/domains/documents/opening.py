"""The store of documents with the limits and the virus scanner that a deployment chose."""

from __future__ import annotations

import shlex
from pathlib import Path

from roadworthy.domains.documents.limits import MEGABYTE, Limits
from roadworthy.domains.documents.scanning import Scanner
from roadworthy.domains.documents.store import DocumentStore


def opened(
    home: Path,
    *,
    document_megabytes: int,
    archive_megabytes: int,
    archive_files: int,
    archive_ratio: int,
    scanner: str,
    scanner_seconds: int,
) -> DocumentStore:
    """Return the store below a data folder; ``scanner`` is its command line, empty for none."""
    limits = Limits(
        document=document_megabytes * MEGABYTE,
        unpacked=archive_megabytes * MEGABYTE,
        members=archive_files,
        ratio=archive_ratio,
    )
    examining = Scanner(tuple(shlex.split(scanner)), scanner_seconds) if scanner else None
    return DocumentStore(home / "documents", limits=limits, scanner=examining)
