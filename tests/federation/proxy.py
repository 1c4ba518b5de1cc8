"""A byte-level proxy in front of a deployment's exchange, which misbehaves as it is told to.

TLS goes through it from end to end: it sees bytes, not messages. What it can do to messages is
what a bad network can: lose them, hold them up, cut them short, change them, and lose the answer
to one that was taken, so that it comes again.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

BLOCK = 1 << 14


@dataclass
class Weather:
    """How bad it is: probabilities for each block of bytes; changed while the proxy runs."""

    cut: float = 0.0  # the connection ends in the middle of the block
    corrupt: float = 0.0  # one bit of the block is changed
    delay: float = 0.0  # the block is held up
    longest_delay: float = 0.3  # seconds
    lose_answers: float = 0.0  # the request goes through, the answer does not
    is_down: bool = False  # nobody listens


@dataclass
class Proxy:
    """Listens on ``port`` and hands on to ``target`` on this machine."""

    target: int
    seed: int = 1
    port: int = 0
    weather: Weather = field(default_factory=Weather)
    did: Counter[str] = field(default_factory=Counter)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather.is_down:
            self.did["turned away"] += 1
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there[1]}
        ways = [
            asyncio.create_task(self._pass(reader, there[1], is_answer=False)),
            asyncio.create_task(self._pass(there[0], writer, is_answer=True)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for one in (writer, there[1]):
            self._open.discard(one)
            one.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while block := await reader.read(BLOCK):
                if self._happens("lose_answers", possible=is_answer) or self.weather.is_down:
                    return
                if self._happens("delay"):
                    await asyncio.sleep(self.dice.uniform(0, self.weather.longest_delay))
                if self._happens("cut"):
                    writer.write(block[: self.dice.randrange(len(block))])
                    await writer.drain()
                    return
                if self._happens("corrupt"):
                    place = self.dice.randrange(len(block))
                    changed = block[place] ^ (1 << self.dice.randrange(8))
                    block = block[:place] + bytes([changed]) + block[place + 1 :]
                writer.write(block)
                await writer.drain()

    def _happens(self, name: str, *, possible: bool = True) -> bool:
        happens = possible and self.dice.random() < getattr(self.weather, name)
        self.did[name] += happens
        return happens

    def hang_up(self) -> None:
        """End every connection at once."""
        for writer in list(self._open):
            writer.transport.abort()


@contextlib.contextmanager
def running(*proxies: Proxy) -> Iterator[None]:
    """Run proxies in a thread of their own; each has a port when the block begins."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxies", daemon=True)
    thread.start()

    async def start(proxy: Proxy) -> asyncio.Server:
        server = await asyncio.start_server(proxy.take, "127.0.0.1", proxy.port)
        proxy.port = server.sockets[0].getsockname()[1]
        return server

    async def stop(servers: list[asyncio.Server]) -> None:
        for proxy in proxies:
            proxy.hang_up()
        for server in servers:
            server.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    servers = [asyncio.run_coroutine_threadsafe(start(one), loop).result() for one in proxies]
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(stop(servers), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
