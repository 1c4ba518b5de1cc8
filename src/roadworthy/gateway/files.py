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
    media: bytes = OCTETS
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def etag(self) -> bytes:
        return f'"{self.tag}"'.encode()


def respond(request: Request, kept: Kept) -> Response:
    """Send a file whole, in part, or not at all if the client has it.

    Raises:
        NoMatch: the client wanted another version (``If-Match``).
    """
    wanted = request.headers.get(b"if-match")
    # hawkBit compares without quotes, the standard says with: both are understood.
    if wanted is not None and not _names(wanted, kept):
        raise refusals.NoMatch
    headers: Headers = [
        (b"etag", kept.etag),
        (b"last-modified", formatdate(kept.modified_at, usegmt=True).encode()),
        (b"accept-ranges", b"bytes"),
        (b"x-content-type-options", b"nosniff"),
        *kept.headers,
    ]
    known = request.headers.get(b"if-none-match")
    if known is not None and exchange.matches(known, kept.etag):
        return Response(304, headers)
    asked = request.headers.get(b"range")
    if asked is None or request.method == "HEAD" or not _is_unchanged(request, kept):
        return _whole(kept, headers)
    return _partial(asked, kept, headers)


def is_whole(response: Response) -> bool:
    """Tell whether the client gets all of a file."""
    return response.status == 200 and response.file is not None


def _names(wanted: bytes, kept: Kept) -> bool:
    names = {one.strip().strip(b'"') for one in wanted.split(b",")}
    return kept.tag.encode() in names or b"*" in names


def _is_unchanged(request: Request, kept: Kept) -> bool:
    """Decide by ``If-Range`` whether the client may go on with what it has."""
    condition = request.headers.get(b"if-range")
    if condition is None or condition == kept.etag:
        return True
    try:
        since = parsedate_to_datetime(condition.decode("latin-1"))
    except ValueError:
        return False
    return since.timestamp() >= int(kept.modified_at)


def _whole(kept: Kept, headers: Headers) -> Response:
    headers += [(b"content-type", kept.media), (b"content-length", b"%d" % kept.size)]
    pieces = (Piece(b"", 0, kept.size - 1),) if kept.size else ()
    return Response(200, headers, file=kept.path, pieces=pieces)


def _partial(asked: bytes, kept: Kept, headers: Headers) -> Response:
    try:
        wanted = ranges.parse(asked, kept.size)
    except ranges.Unsatisfiable:
        headers += [(b"content-range", b"bytes */%d" % kept.size), (b"content-length", b"0")]
        return Response(416, headers)
    if len(wanted) > 1:
        layout, pieces, tail = ranges.multipart(wanted, kept.size)
        return Response(206, headers + layout, file=kept.path, pieces=tuple(pieces), tail=tail)
    first, last = wanted[0]
    headers += [
        (b"content-type", kept.media),
        (b"content-range", ranges.content_range(first, last, kept.size)),
        (b"content-length", b"%d" % (last - first + 1)),
    ]
    return Response(206, headers, file=kept.path, pieces=(Piece(b"", first, last),))
