"""Small ASGI applications to compare with, run by the same server with the same settings.

``constant`` answers the same bytes whatever is asked: the floor, faster is not possible here.
``lookup`` asks PostgreSQL once a poll. ``insert`` stores a report with one INSERT a request.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from typing import Any

import psycopg_pool
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from roadworthy.gateway.serve import BACKLOG

BODY = b'{"config":{"polling":{"sleep":"00:05:00"}},"_links":{}}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
NOTHING = [(b"content-length", b"0")]
CONNECTIONS = 16
FIND = (
    "SELECT token_sha256, action_id, kind FROM gateway_assignment"
    " WHERE tenant = %s AND controller_id = %s"
)
STORE = (
    "INSERT INTO gateway_report (tenant, controller_id, action_id, kind, body, received_at,"
    " applied) VALUES (%s, %s, %s, 'feedback', %s, now(), false)"
)


async def answer(send: Any, status: int, headers: Any, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def constant(_scope: Any, _receive: Any, send: Any) -> None:
    await answer(send, 200, HEADERS, BODY)


class Pooled:
    """An application with a pool of connections that opens with the first request."""

    def __init__(self) -> None:
        self._pool: psycopg_pool.AsyncConnectionPool | None = None

    async def pool(self) -> psycopg_pool.AsyncConnectionPool:
        if self._pool is None:
            self._pool = psycopg_pool.AsyncConnectionPool(
                os.environ["BENCH_DATABASE_URL"], min_size=CONNECTIONS, max_size=CONNECTIONS,
                kwargs={"autocommit": True}, open=False,
            )  # fmt: skip
            await self._pool.open(wait=True)
        return self._pool


class Lookup(Pooled):
    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        pool = await self.pool()
        if scope["path"] == "/healthz":
            await answer(send, 200, NOTHING, b"")
            return
        _, tenant, _, _, vehicle = scope["path"].split("/")
        token = dict(scope["headers"])[b"authorization"].partition(b" ")[2]
        async with pool.connection() as connection:
            row = await (await connection.execute(FIND, [tenant, vehicle])).fetchone()
        digest = hashlib.sha256(token).hexdigest()
        if row is None or not hmac.compare_digest(digest, row[0]):
            await answer(send, 401, NOTHING, b"")
            return
        await answer(send, 200, HEADERS, BODY)


class Insert(Pooled):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        pool = await self.pool()
        if scope["path"] == "/healthz":
            await answer(send, 200, NOTHING, b"")
            return
        _, tenant, _, _, vehicle, _, action, _ = scope["path"].split("/")
        body = (await receive())["body"]
        async with pool.connection() as connection:
            await connection.execute(STORE, [tenant, vehicle, int(action), body.decode()])
        await answer(send, 200, NOTHING, b"")


lookup = Lookup()
insert = Insert()


def main() -> None:
    name, port = sys.argv[1], int(sys.argv[2])
    Server(
        f"bench.plain_server:{name}", "127.0.0.1", port, interface=Interfaces.ASGINL, workers=1,
        websockets=False, backlog=BACKLOG, log_level=LogLevels.warning,
    ).serve()  # fmt: skip


if __name__ == "__main__":
    main()
