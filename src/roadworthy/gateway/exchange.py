"""One request and one response, as values: what the handlers see of HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cbor2
import msgspec

from roadworthy.gateway import refusals

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

HAL = b"application/hal+json"
JSON = b"application/json"
CBOR = b"application/cbor"
OFFERED = (HAL, JSON, CBOR)  # in the order of preference; hawkBit's
WILD = {b"*/*", b"application/*"}


class Request:
    __slots__ = ("_receive", "headers", "method", "path", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self._receive = receive
        self.method: str = scope["method"]
        self.path: list[str] = scope["path"].split("/")  # starts with an empty part
        self.headers: dict[bytes, bytes] = dict(scope["headers"])

    @property
    def tenant(self) -> str:
        return self.path[1]

    @property
    def controller_id(self) -> str:
        return self.path[4]

    @property
    def address(self) -> str:
        """Who is at the other end of the connection."""
        client = self.scope.get("client")
        return client[0] if client else ""

    async def body(self, *, most: int) -> bytes:
        """Return the whole body.

        Raises:
            TooLarge: it is longer than ``most``.
        """
        declared = self.headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > most:
            raise refusals.TooLarge(most=most)
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                break
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > most:
                raise refusals.TooLarge(most=most)
            more = message.get("more_body", False)
        return b"".join(parts)


@dataclass(slots=True)
class Response:
    """A status, headers, and content: bytes, or pieces of a file."""

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


DONE = Response(200, [(b"content-length", b"0")])


@lru_cache(maxsize=256)
def media_type(accept: bytes) -> bytes:
    """Choose how to write an answer.

    Raises:
        NotAcceptable: the client takes nothing that we write.
    """
    wanted = {part.split(b";")[0].strip().lower() for part in accept.split(b",")}
    if not accept or wanted & WILD:
        return HAL
    for offered in OFFERED:
        if offered in wanted:
            return offered
    raise refusals.NotAcceptable


def answer(request: Request, content: bytes) -> Response:
    """Answer with JSON, in the form the client asked for, or with "you have that already"."""
    media = media_type(request.headers.get(b"accept", b""))
    return unless_known(request, composed(media, content))


def composed(media: bytes, content: bytes) -> Response:
    """Compose an answer with its ETag: hawkBit's, the digest of what is sent."""
    if media is CBOR:
        content = cbor2.dumps(msgspec.json.decode(content))
    etag = '"0' + hashlib.md5(content, usedforsecurity=False).hexdigest() + '"'
    headers = [
        (b"content-type", media),
        (b"content-length", b"%d" % len(content)),
        (b"etag", etag.encode()),
    ]
    return Response(200, headers, content)


def unless_known(request: Request, response: Response) -> Response:
    """Return the answer, or 304 if the client has exactly that."""
    known = request.headers.get(b"if-none-match")
    if known is None:
        return response
    etag = response.headers[-1]
    return Response(304, [etag]) if matches(known, etag[1]) else response


def matches(header: bytes, etag: bytes) -> bool:
    """Tell whether a list of ETags names this one, weakly compared."""
    known = {one.strip().removeprefix(b"W/") for one in header.split(b",")}
    return etag in known or b"*" in known


def decode(request: Request, body: bytes) -> Any:
    """Read a body that is JSON or CBOR.

    Raises:
        UnknownMediaType: it says it is something else.
        Unreadable: it is not what it says.
    """
    media = request.headers.get(b"content-type", b"").split(b";")[0].strip().lower()
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
    headers = list(refused.headers)
    if not refused.code:
        return Response(refused.status, [*headers, (b"content-length", b"0")])
    content = msgspec.json.encode(
        {
            "exceptionClass": f"roadworthy.gateway.{refused.exception}",
            "errorCode": refused.code,
            "message": str(refused),
        }
    )
    if isinstance(refused, refusals.WrongMethod):
        headers.append((b"allow", refused.data["allowed"].encode()))
    headers += [(b"content-type", JSON), (b"content-length", b"%d" % len(content))]
    return Response(refused.status, headers, content)
