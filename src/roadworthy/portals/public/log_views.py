"""Checkpoint, tiles and entry bundles of the log (C2SP tlog-tiles). Bytes only, no page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from roadworthy.domains.ledger import queries
from roadworthy.portals.shared.access import for_everybody
from roadworthy.trust.tiles import HASH_SIZE, TILE_WIDTH, entry_bundle

_FOREVER = "public, max-age=31536000, immutable"


@for_everybody
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Give the newest signed size and root of the tree."""
    latest = queries.latest_witnessed() or queries.latest_checkpoint()
    if latest is None:
        raise Http404
    response = HttpResponse(latest.note.encode(), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@for_everybody
def tile(request: HttpRequest, level: str, index: str, width: str | None = None) -> HttpResponse:
    """Give the hashes of a tile; a partial one only as wide as it was asked for."""
    wanted = _width(width)
    hashes = queries.tile(int(level), _number(index))
    if hashes is None or len(hashes) < wanted * HASH_SIZE:
        raise Http404
    return _raw(hashes[: wanted * HASH_SIZE])


@for_everybody
def entries(request: HttpRequest, index: str, width: str | None = None) -> HttpResponse:
    """Give a bundle of entries, each after its length in two bytes."""
    wanted = _width(width)
    bodies = queries.bodies(_number(index) * TILE_WIDTH, wanted)
    if len(bodies) < wanted:
        raise Http404
    return _raw(entry_bundle(bodies))


def _number(index: str) -> int:
    return int(index.replace("x", "").replace("/", ""))


def _width(width: str | None) -> int:
    wanted = int(width) if width else TILE_WIDTH
    if width and wanted >= TILE_WIDTH:
        raise Http404
    return wanted


def _raw(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Cache-Control"] = _FOREVER
    response["Access-Control-Allow-Origin"] = "*"
    return response
