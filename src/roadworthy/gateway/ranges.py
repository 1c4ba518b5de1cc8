"""Byte ranges as DDI clients ask for them (hawkBit is stricter than RFC 9110)."""

from __future__ import annotations

import itertools
import re

from roadworthy.gateway.exchange import Headers, Piece

_FORM = re.compile(rb"bytes=\d*-\d*(,\d*-\d*)*")
MOST_RANGES = 100
BOUNDARY = b"THIS_STRING_SEPARATES_MULTIPART"
OCTETS = b"application/octet-stream"


class Unsatisfiable(Exception):
    """The ranges do not fit the content."""


def parse(header: bytes, size: int) -> list[tuple[int, int]]:
    """Return first and last byte of each range, sorted.

    Raises:
        Unsatisfiable: malformed, outside the content, or overlapping.
    """
    if not _FORM.fullmatch(header) or header.count(b",") >= MOST_RANGES:
        raise Unsatisfiable
    asked = header.removeprefix(b"bytes=").split(b",")
    ranges = sorted(_range(one, size) for one in asked)
    for (_, last), (first, _) in itertools.pairwise(ranges):
        if first <= last:
            raise Unsatisfiable
    return ranges


def _range(one: bytes, size: int) -> tuple[int, int]:
    start, _, end = one.partition(b"-")
    if start:
        first, last = int(start), min(int(end), size - 1) if end else size - 1
        if end and int(end) < first:
            raise Unsatisfiable
    elif end and 0 < int(end) <= size:
        first, last = size - int(end), size - 1
    else:
        raise Unsatisfiable
    if first >= size:
        raise Unsatisfiable
    return first, last


def content_range(first: int, last: int, size: int) -> bytes:
    return b"bytes %d-%d/%d" % (first, last, size)


def multipart(ranges: list[tuple[int, int]], size: int) -> tuple[Headers, list[Piece], bytes]:
    """Lay out several ranges as one body: headers, pieces and what comes last."""
    pieces = []
    for place, (first, last) in enumerate(ranges):
        head = b"--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n" % (
            BOUNDARY, OCTETS, content_range(first, last, size),
        )  # fmt: skip
        pieces.append(Piece(head if place == 0 else b"\r\n" + head, first, last))
    tail = b"\r\n--%s--" % BOUNDARY
    length = sum(len(piece.before) + piece.size for piece in pieces) + len(tail)
    headers = [
        (b"content-type", b"multipart/byteranges; boundary=" + BOUNDARY),
        (b"content-length", b"%d" % length),
    ]
    return headers, pieces, tail
