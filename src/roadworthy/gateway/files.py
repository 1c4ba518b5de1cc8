"""Answer with a file, or the parts of it that were asked for.

A file here never changes under its ETag: images are named by their digest, metadata by version.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

from roadworthy.gateway import exchange, ranges, refusals
from roadworthy.gateway.exchange import Headers, Piece, Request, Response
from roadworthy.gateway.ranges import OCTETS


@dataclass(frozen=True, slots=True)
class Kept:
    """A file to send: where it is, how long, since when, and its strong ETag without quotes."""

    path: Path
    size: int
    modified_at: float
    tag: str
    media: str = OCTETS
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def etag(self) -> str:
        return f'"{self.tag}"'


def respond(request: Request, kept: Kept) -> Response:
    """Send a file whole, in part, or not at all if the client has it.

    Raises:
        NoMatch: the client wanted another version (``If-Match``).
    """
    wanted = request.header("if-match")
    # hawkBit compares without quotes, the standard says with: both are understood.
    if wanted and not _names(wanted, kept):
        raise refusals.NoMatch
    headers: Headers = [
        ("etag", kept.etag),
        ("last-modified", formatdate(kept.modified_at, usegmt=True)),
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
        *kept.headers,
    ]
    known = request.header("if-none-match")
    if known and exchange.matches(known, kept.etag):
        return Response(304, headers)
    asked = request.header("range")
    if not asked or request.method == "HEAD" or not _is_unchanged(request, kept):
        return _whole(kept, headers)
    return _partial(asked, kept, headers)


def is_whole(response: Response) -> bool:
    """Tell whether the client gets all of a file."""
    return response.status == 200 and response.file is not None


def _names(wanted: str, kept: Kept) -> bool:
    names = {one.strip().strip('"') for one in wanted.split(",")}
    return kept.tag in names or "*" in names


def _is_unchanged(request: Request, kept: Kept) -> bool:
    """Decide by ``If-Range`` whether the client may go on with what it has."""
    condition = request.header("if-range")
    if not condition or condition == kept.etag:
        return True
    try:
        since = parsedate_to_datetime(condition)
    except ValueError:
        return False
    return since.timestamp() >= int(kept.modified_at)


def _whole(kept: Kept, headers: Headers) -> Response:
    headers += [("content-type", kept.media), ("content-length", str(kept.size))]
    pieces = (Piece(b"", 0, kept.size - 1),) if kept.size else ()
    return Response(200, headers, file=kept.path, pieces=pieces)


def _partial(asked: str, kept: Kept, headers: Headers) -> Response:
    try:
        wanted = ranges.parse(asked, kept.size)
    except ranges.Unsatisfiable:
        headers.append(("content-range", f"bytes */{kept.size}"))
        return Response(416, headers)
    if len(wanted) > 1:
        layout, pieces, tail = ranges.multipart(wanted, kept.size)
        return Response(206, headers + layout, file=kept.path, pieces=tuple(pieces), tail=tail)
    first, last = wanted[0]
    headers += [
        ("content-type", kept.media),
        ("content-range", ranges.content_range(first, last, kept.size)),
        ("content-length", str(last - first + 1)),
    ]
    return Response(206, headers, file=kept.path, pieces=(Piece(b"", first, last),))
