"""The exchange as a process: it listens to peers, sends, fetches, and lets messages take effect.

Several such processes for one database are safe: the database decides who does what.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from aiohttp import web
from django.db import DatabaseError, connection

from roadworthy.domains.exchange import (
    applying,
    asking,
    collecting,
    delivery,
    greeting,
    inbox,
    outbox,
    peering,
    regaining,
    witnessing,
)
from roadworthy.domains.exchange import comparing as shutting
from roadworthy.domains.exchange.applying import Here
from roadworthy.domains.exchange.files import Files
from roadworthy.domains.exchange.identity import Identity
from roadworthy.domains.exchange.kinds import Registry
from roadworthy.domains.exchange.matters import Depth
from roadworthy.domains.filings.platform import Platform
from roadworthy.federation import app, comparing, fetching, sending, tls
from roadworthy.federation.databases import steady
from roadworthy.federation.desk import Desk
from roadworthy.kernel.errors import DomainError

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Peer

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
LONGEST_DELAY = timedelta(minutes=10)  # of comparing all, where it never is quiet
FAULT_SECONDS = 10  # after a fault of ours
TICK_SECONDS = 1.0  # how long a loop sleeps when nobody rings
MOST_PEERS_AT_ONCE = 8
STOP_SECONDS = 10


@dataclass(frozen=True)
class Exchange:
    """Everything that the loops share."""

    identity: Identity
    platform: Platform
    registry: Registry
    database_url: str
    largest_file: int  # bytes
    stop: threading.Event = field(default_factory=threading.Event)
    out: threading.Event = field(default_factory=threading.Event)  # something waits to be sent
    came: threading.Event = field(default_factory=threading.Event)  # something came
    desk: Desk = field(default_factory=Desk)

    @property
    def files(self) -> Files:
        """Return where files lie."""
        return Files(self.platform)


async def serve(exchange: Exchange, host: str, port: int) -> None:
    """Run until SIGTERM or SIGINT."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    context = tls.server_context(exchange.identity)
    runner = web.AppRunner(
        app.create(exchange.identity, exchange.files, exchange.desk), access_log=None
    )
    await runner.setup()
    await asyncio.to_thread(steady, lambda: shutting.shut(at=datetime.now(UTC)))
    tasks: set[asyncio.Future[Any]] = {
        asyncio.create_task(_trust(context)),
        asyncio.create_task(over.wait()),
    }
    pool = ThreadPoolExecutor(len(LOOPS), "exchange-loop")
    try:
        await web.TCPSite(runner, host.strip("[]"), port, ssl_context=context).start()
        tasks |= {loop.run_in_executor(pool, work, exchange) for work in LOOPS}
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wake in (exchange.stop, exchange.out, exchange.came):
            wake.set()
        await runner.cleanup()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=STOP_SECONDS)
    pool.shutdown(wait=False)
    for task in done:
        task.result()  # raises what ended it


async def _trust(context: ssl.SSLContext) -> None:
    """Let the peers that are confirmed connect; new ones within a second."""
    trusted: set[str] = set()
    while True:
        try:
            found = await asyncio.to_thread(steady, peering.certificates)
        except DatabaseError:
            found = set()
        for certificate in found - trusted:
            tls.trust(context, certificate)
        trusted |= found
        await asyncio.sleep(TICK_SECONDS)


def listen(exchange: Exchange) -> None:
    """Hear from the database that something waits or came."""
    bells = {outbox.BELL: exchange.out, inbox.BELL: exchange.came}
    while not exchange.stop.is_set():
        try:
            with psycopg.connect(exchange.database_url, autocommit=True) as heard:
                for channel in bells:
                    heard.execute(f"LISTEN {channel}")
                while not exchange.stop.is_set():
                    for notice in heard.notifies(timeout=TICK_SECONDS, stop_after=1):
                        bells[notice.channel].set()
        except psycopg.Error:
            exchange.stop.wait(TICK_SECONDS)


def send(exchange: Exchange) -> None:
    """Send to each peer in a thread of its own: one that is slow holds nobody up."""
    busy: dict[int, Future[int]] = {}
    with ThreadPoolExecutor(MOST_PEERS_AT_ONCE, "sender") as pool:

        def start() -> None:
            greeting.greet(exchange.registry, at=datetime.now(UTC))
            for peer in delivery.due(datetime.now(UTC)):
                if peer.pk not in busy or busy[peer.pk].done():
                    busy[peer.pk] = pool.submit(_send, exchange, peer)

        _repeat(exchange, exchange.out, start)


@dataclass
class Asked:
    """When each peer was last asked what it has, and until when it is left alone."""

    last: dict[int, datetime] = field(default_factory=dict)
    pauses: dict[int, datetime] = field(default_factory=dict)
    heard: dict[int, datetime] = field(default_factory=dict)

    def is_due(
        self,
        peer_id: int,
        *,
        wished_at: datetime | None,
        is_open: bool,
        now: datetime,
        is_quiet: bool = True,
    ) -> bool:
        """Say whether to ask a peer now: before lines go on, each hour, when a person wishes it.

        A new wish ends a pause: the person may have mended what was wrong. While messages come
        and go, the hour may become ``LONGEST_DELAY`` longer.
        """
        if wished_at is not None and self.heard.get(peer_id) != wished_at:
            self.heard[peer_id] = wished_at
            self.pauses.pop(peer_id, None)
        if self.pauses.get(peer_id, now) > now:
            return False
        since = now - self.last.setdefault(peer_id, now - HOUR)
        is_hourly = since >= HOUR + (timedelta() if is_quiet else LONGEST_DELAY)
        return not is_open or wished_at is not None or is_hourly


def compare(exchange: Exchange) -> None:
    """Ask each peer what it has before lines go on, each hour, and when a person wishes it.

    To compare all is to read and verify all. Nobody waits for what each hour brings, so messages
    that are on their way go before it.
    """
    asked = Asked()

    def work() -> None:
        now = datetime.now(UTC)
        for peer in peering.connected():
            is_open, wished_at = outbox.is_open(peer), asking.since(peer)
            is_quiet = shutting.is_quiet(peer, at=now)
            if not asked.is_due(
                peer.pk, wished_at=wished_at, is_open=is_open, is_quiet=is_quiet, now=now
            ):
                continue
            depth = Depth.FULL if is_open else Depth.POSITIONS
            try:
                comparing.compare(exchange.identity, peer, depth=depth)
            except DomainError as wrong:
                reason = str(wrong.data.get("reason", wrong))
                asked.pauses[peer.pk] = now + delivery.failed(peer, reason, at=now)
                logger.info("comparing: %s", wrong)
                continue
            if depth is Depth.FULL:
                asked.last[peer.pk] = now
            exchange.out.set()

    _repeat(exchange, None, work)


def collect(exchange: Exchange) -> None:
    """Turn what our own log says into messages to whom it concerns, and let others cosign it."""

    def work() -> None:
        collecting.collect()
        witnessing.publish(at=datetime.now(UTC))

    _repeat(exchange, None, work)


def _send(exchange: Exchange, peer: Peer) -> int:
    try:
        return steady(lambda: sending.turn(exchange.identity, peer))
    except DatabaseError:
        logger.warning("sending: the database did not answer; trying again")
    except Exception:
        logger.exception("sending to %s", peer.name)
        delivery.failed(peer, "a fault of ours; see the log", at=datetime.now(UTC))
    return 0


def apply(exchange: Exchange) -> None:
    """Let what came take effect, and what we had said ourselves hold again."""
    here = Here(exchange.registry, exchange.platform, exchange.files, exchange.identity)

    def work() -> None:
        while not exchange.stop.is_set() and applying.step(here, at=datetime.now(UTC)):
            exchange.desk.make_way()
        regaining.turn(exchange.registry, at=datetime.now(UTC))

    _repeat(exchange, exchange.came, work)


def fetch(exchange: Exchange) -> None:
    """Fetch the files that messages name."""

    def work() -> None:
        if fetching.turn(exchange.identity, exchange.files, largest=exchange.largest_file):
            exchange.came.set()

    _repeat(exchange, None, work)


def _repeat(exchange: Exchange, bell: threading.Event | None, work: Callable[[], object]) -> None:
    """Work whenever the bell rings, and every second, until told to stop."""
    while not exchange.stop.is_set():
        if bell is not None:
            bell.wait(TICK_SECONDS)
            bell.clear()
        else:
            exchange.stop.wait(TICK_SECONDS)
        try:
            steady(work)
        except DatabaseError:
            logger.warning("exchange: the database did not answer; trying again")
            exchange.stop.wait(TICK_SECONDS)
        except Exception:
            # A fault of ours in one loop must not keep messages from being taken in.
            logger.exception("exchange: trying again in %s s", FAULT_SECONDS)
            exchange.stop.wait(FAULT_SECONDS)
    connection.close()


LOOPS = (listen, compare, collect, send, apply, fetch)  # each in a thread
