"""One request and one response, as values: what the handlers see of HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import cbor2
import msgspec

from roadworthy.gateway import refusals

Headers = list[tuple[str, str]]

HAL = "application/hal+json"
JSON = "application/json"
CBOR = "application/cbor"
OFFERED = (HAL, JSON, CBOR)  # in the order of preference; hawkBit's
WILD = {"*/*", "application/*"}


class Scope(Protocol):
    """What the server says of a request (RSGI)."""

    proto: str
    client: str
    scheme: str
    method: str
    path: str
    authority: str | None

    @property
    def headers(self) -> Mapping[str, str]: ...


class Stream(Protocol):
    """Where the parts of an answer go."""

    async def send_bytes(self, data: bytes) -> None: ...


class Transport(Protocol):
    """Where a body comes from and an answer goes (RSGI)."""

    async def __call__(self) -> bytes: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_empty(self, status: int, headers: Headers) -> None: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...
    def response_file_range(
        self, status: int, headers: Headers, file: str, start: int, end: int
    ) -> None: ...
    def response_stream(self, status: int, headers: Headers) -> Stream: ...


class Request:
    __slots__ = ("_transport", "method", "path", "scope")

    def __init__(self, scope: Scope, transport: Transport) -> None:
        self.scope = scope
        self._transport = transport
        self.method = scope.method
        self.path = scope.path.split("/")  # starts with an empty part

    @property
    def tenant(self) -> str:
        return self.path[1]

    @property
    def controller_id(self) -> str:
        return self.path[4]

    @property
    def address(self) -> str:
        """Who is at the other end of the connection."""
        return self.scope.client.rpartition(":")[0]

    @property
    def asked(self) -> str:
        """The host that was asked, by its name and port."""
        return self.header("host") or self.scope.authority or ""

    def header(self, name: str) -> str:
        """Return a header, or an empty text."""
        return self.scope.headers.get(name) or ""

    async def body(self, *, most: int) -> bytes:
        """Return the whole body.

        Raises:
            TooLarge: it is longer than ``most``.
        """
        declared = self.header("content-length")
        if declared.isdigit():
            if int(declared) > most:
                raise refusals.TooLarge(most=most)
            return await self._transport()
        parts: list[bytes] = []
        size = 0
        async for part in self._transport:
            parts.append(part)
            size += len(part)
            if size > most:
                raise refusals.TooLarge(most=most)
        return b"".join(parts)


@dataclass(slots=True)
class Response:
    """A status, headers, and content: bytes, or pieces of a file. Bytes get their length added."""

    status: int
    headers: Headers
    body: bytes = b""
    file: Path | None = None
    pieces: Sequence[Piece] = ()
    tail: bytes = b""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to send first, then those of a file from ``first`` to ``last``."""

    before: bytes
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


DONE = Response(200, [])


@lru_cache(maxsize=256)
def media_type(accept: str) -> str:
    """Choose how to write an answer.

    Raises:
        NotAcceptable: the client takes nothing that we write.
    """
    wanted = {part.split(";")[0].strip().lower() for part in accept.split(",")}
    if not accept or wanted & WILD:
        return HAL
    for offered in OFFERED:
        if offered in wanted:
            return offered
    raise refusals.NotAcceptable


def answer(request: Request, content: bytes) -> Response:
    """Answer with JSON, in the form the client asked for, or with "you have that already"."""
    response = composed(media_type(request.header("accept")), content)
    known, etag = request.header("if-none-match"), response.headers[-1]
    return Response(304, [etag]) if known and matches(known, etag[1]) else response


def composed(media: str, content: bytes) -> Response:
    """Compose an answer with its ETag: hawkBit's, the digest of what is sent."""
    if media is CBOR:
        content = cbor2.dumps(msgspec.json.decode(content))
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return Response(200, [("content-type", media), ("etag", f'"0{digest}"')], content)


def matches(header: str, etag: str) -> bool:
    """Tell whether a list of ETags names this one, weakly compared."""
    known = {one.strip().removeprefix("W/") for one in header.split(",")}
    return etag in known or "*" in known


def decode(request: Request, body: bytes) -> Any:
    """Read a body that is JSON or CBOR.

    Raises:
        UnknownMediaType: it says it is something else.
        Unreadable: it is not what it says.
    """
    media = request.header("content-type").split(";")[0].strip().lower()
    try:
        if media == JSON:
            return msgspec.json.decode(body)
        if media == CBOR:
            return cbor2.loads(body)
    except (msgspec.DecodeError, cbor2.CBORDecodeError, ValueError, RecursionError) as wrong:
        raise refusals.Unreadable(reason=type(wrong).__name__) from None
    raise refusals.UnknownMediaType


def refusal(refused: refusals.Refusal) -> Response:
    """Write a refusal the way DDI clients know it."""
    headers: Headers = list(refused.headers)
    if not refused.code:
        return Response(refused.status, headers)
    content = msgspec.json.encode(
        {
            "exceptionClass": f"roadworthy.gateway.{refused.exception}",
            "errorCode": refused.code,
            "message": str(refused),
        }
    )
    if isinstance(refused, refusals.WrongMethod):
        headers.append(("allow", refused.data["allowed"]))
    headers.append(("content-type", JSON))
    return Response(refused.status, headers, content)
