"""Byte ranges as DDI clients ask for them (hawkBit is stricter than RFC 9110)."""

from __future__ import annotations

import itertools
import re

from roadworthy.gateway.exchange import Headers, Piece

_FORM = re.compile(r"bytes=\d*-\d*(,\d*-\d*)*")
MOST_RANGES = 100
BOUNDARY = "THIS_STRING_SEPARATES_MULTIPART"
OCTETS = "application/octet-stream"


class Unsatisfiable(Exception):
    """The ranges do not fit the content."""


def parse(header: str, size: int) -> list[tuple[int, int]]:
    """Return first and last byte of each range, sorted.

    Raises:
        Unsatisfiable: malformed, outside the content, or overlapping.
    """
    if not _FORM.fullmatch(header) or header.count(",") >= MOST_RANGES:
        raise Unsatisfiable
    asked = header.removeprefix("bytes=").split(",")
    ranges = sorted(_range(one, size) for one in asked)
    for (_, last), (first, _) in itertools.pairwise(ranges):
        if first <= last:
            raise Unsatisfiable
    return ranges


def _range(one: str, size: int) -> tuple[int, int]:
    start, _, end = one.partition("-")
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


def content_range(first: int, last: int, size: int) -> str:
    return f"bytes {first}-{last}/{size}"


def multipart(ranges: list[tuple[int, int]], size: int) -> tuple[Headers, list[Piece], bytes]:
    """Lay out several ranges as one body: headers, pieces and what comes last."""
    pieces = []
    for place, (first, last) in enumerate(ranges):
        head = (
            f"--{BOUNDARY}\r\nContent-Type: {OCTETS}\r\n"
            f"Content-Range: {content_range(first, last, size)}\r\n\r\n"
        )
        pieces.append(Piece((head if place == 0 else "\r\n" + head).encode(), first, last))
    tail = f"\r\n--{BOUNDARY}--".encode()
    length = sum(len(piece.before) + piece.size for piece in pieces) + len(tail)
    headers = [
        ("content-type", f"multipart/byteranges; boundary={BOUNDARY}"),
        ("content-length", str(length)),
    ]
    return headers, pieces, tail
