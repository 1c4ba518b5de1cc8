"""What a deployment answers to its peers: three addresses, and silence for everybody else.

Who shows no certificate of a peer does not get as far as here. Who is not a confirmed peer, asks
for what is not theirs, or for what does not exist, gets the same 404.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from roadworthy.domains.exchange import answers, files, inbox, requests
from roadworthy.domains.exchange.errors import NoSuchPeer
from roadworthy.domains.exchange.files import Files
from roadworthy.domains.exchange.identity import Identity
from roadworthy.federation import comparing, tls
from roadworthy.federation.calling import PREFIX
from roadworthy.federation.databases import steady
from roadworthy.federation.desk import Desk
from roadworthy.kernel.errors import DomainError

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Peer


THREADS = 4
AT_ONCE = 2  # requests of one peer; others of its wait
_DIGEST = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


@dataclass(frozen=True)
class Host:
    """What answering needs."""

    identity: Identity
    files: Files
    pool: ThreadPoolExecutor
    turns: dict[str, asyncio.Semaphore]  # by certificate
    views: comparing.Views
    desk: Desk

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Do what waits for the database or computes, in a thread with a connection of its own."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, steady, work)


HOST = web.AppKey("host", Host)


def create(identity: Identity, found: Files, desk: Desk) -> web.Application:
    """Return the application."""
    app = web.Application(client_max_size=inbox.LARGEST_REQUEST, middlewares=[_silent])
    app[HOST] = Host(
        identity, found, ThreadPoolExecutor(THREADS, "exchange"), {}, comparing.Views(), desk
    )
    app.router.add_post(f"{PREFIX}/messages", messages_)
    app.router.add_post(f"{PREFIX}/lines", lines)
    app.router.add_post(f"{PREFIX}/copies", copies)
    app.router.add_get(f"{PREFIX}/blobs/{{sha256}}", blob)
    return app


async def messages_(request: web.Request) -> web.StreamResponse:
    """Keep messages; answer, signed, which are durable."""
    host = request.app[HOST]
    body = await request.read()
    envelopes = [line for line in body.split(b"\n") if line]

    def keep(peer: Peer) -> bytes:
        if len(envelopes) > inbox.MOST_MESSAGES:
            raise web.HTTPRequestEntityTooLarge(inbox.MOST_MESSAGES, len(envelopes))
        at = datetime.now(UTC)
        stored, refused = inbox.store(peer, envelopes, own_name=host.identity.name, at=at)
        return answers.sealed(
            host.identity, to=peer.name, stored=stored, refused=refused, at=datetime.now(UTC)
        )

    with host.desk.keeping():
        answer = await _as_peer(request, body, keep)
    return web.Response(body=answer, content_type="application/x-ndjson")


async def lines(request: web.Request) -> web.StreamResponse:
    """Tell a peer what we know of the matters between us."""
    host, body = request.app[HOST], await request.read()
    answer = await _as_peer(
        request, body, lambda peer: comparing.answer(host.identity, host.views, peer, body)
    )
    return web.Response(body=answer, content_type="application/json")


async def copies(request: web.Request) -> web.StreamResponse:
    """Give a peer messages between us that it lacks."""
    host, body = request.app[HOST], await request.read()
    answer = await _as_peer(
        request, body, lambda peer: comparing.hand_copies(host.identity, peer, body)
    )
    return web.Response(body=answer, content_type="application/x-ndjson")


async def blob(request: web.Request) -> web.StreamResponse:
    """Hand out a file that a message to this peer names."""
    host, sha256 = request.app[HOST], request.match_info["sha256"]

    def find(peer: Peer) -> web.FileResponse:
        if not _DIGEST.fullmatch(sha256) or not files.may_have(peer, sha256):
            raise web.HTTPNotFound
        path = host.files.find(sha256)
        if path is None:
            raise web.HTTPServiceUnavailable
        return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})

    return await _as_peer(request, b"", find)


async def _as_peer(request: web.Request, body: bytes, work: Callable[[Peer], T]) -> T:
    """Do the work as what the caller proves to be.

    Raises:
        NoSuchPeer: it proves nothing.
    """
    host = request.app[HOST]
    connection = request.transport.get_extra_info("ssl_object") if request.transport else None
    leaf = tls.leaf_sha256(connection)
    header = request.headers.get(requests.HEADER, "")

    def work_as_peer() -> T:
        return work(
            requests.caller(
                header,
                leaf_sha256=leaf,
                own_name=host.identity.name,
                method=request.method,
                path=request.path,
                body=body,
                at=datetime.now(UTC),
            )
        )

    async with host.turns.setdefault(leaf, asyncio.Semaphore(AT_ONCE)):
        return await host.off_loop(work_as_peer)


@web.middleware
async def _silent(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except (NoSuchPeer, web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return web.Response(status=404)
    except DomainError as wrong:  # by a peer: it may be told
        return web.Response(status=422, text=wrong.code)
