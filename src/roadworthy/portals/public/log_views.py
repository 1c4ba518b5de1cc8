"""Checkpoint, tiles and entry bundles of the log (C2SP tlog-tiles). Bytes only, no page.

A hash never changes, so a tile may be kept for ever: a full one, and a partial one at its width.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from roadworthy.domains.ledger import queries
from roadworthy.portals.shared.access import for_everybody
from roadworthy.trust.tiles import HASH_SIZE, TILE_WIDTH, entry_bundle

_FOREVER = "public, max-age=31536000, immutable"
_PLAIN = "text/plain; charset=utf-8"


@for_everybody
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """Give the newest signed size and root of the tree, with the cosignatures that it has."""
    latest = queries.latest_checkpoint()
    return _missing() if latest is None else _raw(latest.note.encode(), _PLAIN, "no-cache")


@for_everybody
def tile(_request: HttpRequest, level: str, index: str, width: str | None = None) -> HttpResponse:
    """Give the hashes of a tile; a partial one only as wide as it was asked for."""
    wanted = _width(width) * HASH_SIZE
    hashes = queries.tile(int(level), _number(index)) or b""
    return _raw(hashes[:wanted]) if 0 < wanted <= len(hashes) else _missing()


@for_everybody
def entries(_request: HttpRequest, index: str, width: str | None = None) -> HttpResponse:
    """Give a bundle of entries, each after its length in two bytes."""
    wanted = _width(width)
    bodies = queries.bodies(_number(index) * TILE_WIDTH, wanted)
    return _raw(entry_bundle(bodies)) if 0 < wanted <= len(bodies) else _missing()


def _number(index: str) -> int:
    return int(index.replace("x", "").replace("/", ""))


def _width(width: str | None) -> int:
    """Return how many hashes are asked for; a partial tile is narrower than a full one."""
    if width is None:
        return TILE_WIDTH
    return int(width) if int(width) < TILE_WIDTH else 0


def _raw(
    content: bytes, kind: str = "application/octet-stream", caching: str = _FOREVER
) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = caching
    response["Access-Control-Allow-Origin"] = "*"  # nothing here belongs to anybody's session
    return response


def _missing() -> HttpResponse:
    """Answer without a page, and not to be kept: what is not there yet may come."""
    response = _raw(b"not found\n", _PLAIN, "no-store")
    response.status_code = 404
    return response
