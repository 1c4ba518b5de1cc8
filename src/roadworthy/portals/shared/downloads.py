"""Files given back exactly as they came, never shown in place: a document may hold anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpResponse

from roadworthy import stores
from roadworthy.domains.software import reports


def of(document: Any) -> FileResponse:
    """Return the bytes of a document or of a part of a release, whichever it is, as a download.

    Raises:
        Http404: the bytes are not on this host.
    """
    if hasattr(document, "media_type"):
        return of_kept(document)
    return _given(stores.images().path(document.sha256), document)


def of_report(report: Any) -> FileResponse:
    """Return the document of a test report as a download.

    Raises:
        Http404: the bytes are not on this host.
    """
    return _given(reports.path_of(report, stores.documents(), stores.images()), report)


def of_kept(document: Any) -> FileResponse:
    """Return the bytes of a kept document as a download.

    Raises:
        Http404: the bytes are not on this host.
    """
    return _given(stores.documents().path(document.sha256), document)


def _given(path: Path, document: Any) -> FileResponse:
    if not path.is_file():
        raise Http404
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=document.filename,
        content_type="application/octet-stream",
    )
    response["ETag"] = f'"{document.sha256}"'
    return response


def envelope_of(report: Any) -> HttpResponse:
    """Return a report's signed statement as a download.

    Raises:
        Http404: nobody has signed it.
    """
    if not report.envelope:
        raise Http404
    name = f"{report.sha256[:12]}.dsse.json"
    return HttpResponse(
        report.envelope,
        content_type="application/vnd.dsse+json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
