"""A test stand: rows for the gateway, vehicles behind it, and a line that can be cut."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from roadworthy.vehicle.agent import Agent, VehicleSpec
from roadworthy.vehicle.ddi import Artifact, Chunk, Gateway, Unreachable
from roadworthy.vehicle.flash import RamFlash
from roadworthy.vehicle.trusted import Verified
from tests.gateway import hosting

ECU, OLD, NEW = "fwdCamera", "0.2.4", "0.2.5"
IMAGE = bytes(range(256)) * 2000  # half a megabyte: several pieces
PATIENCE = 30


class Believing:
    """Believes whatever the server says; for what is not about trust."""

    async def verified(self, chunk: Chunk, artifact: Artifact) -> Verified:
        return Verified(artifact.hashes.sha256, artifact.size)


def deploy(
    fleet: hosting.Fleet,
    image: bytes = IMAGE,
    *,
    ecu: str = ECU,
    version: str = NEW,
    target: str = "",
    hashes: dict[str, str] | None = None,
) -> int:
    """Make a deployment with one chunk and keep its image."""
    number = next(hosting._numbers)
    described = hosting.hashes(image) | (hashes or {})
    artifact = {"filename": "camera.swu", "size": len(image), "hashes": described}
    metadata = [{"key": "tuf-target", "value": target}] if target else []
    chunk = {"part": "os", "name": ecu, "version": version, "artifacts": [artifact]}
    fleet.keep(image)
    fleet.connection.execute(
        "INSERT INTO gateway_deployment (id, chunks, seq) VALUES (%s, %s, 0)",
        [number, json.dumps([chunk | {"metadata": metadata}])],
    )
    fleet.deployments.append(number)
    return number


def vehicle(fleet: hosting.Fleet, **more: Any) -> tuple[hosting.Car, VehicleSpec]:
    """Add a vehicle; what the test drives by hand, and what an agent is told it is."""
    car = fleet.car()
    return car, VehicleSpec(car.id, car.token, f"VIN{car.id}", OLD, ECU, **more)


def vehicles(fleet: hosting.Fleet, count: int, deployment: int) -> list[VehicleSpec]:
    """Add many vehicles to which a deployment is offered."""
    specs = []
    for _ in range(count):
        action = next(hosting._numbers) % 2_000_000_000
        spec = VehicleSpec(f"V{action}", secrets.token_hex(8), f"VIN{action}", OLD, ECU)
        fleet.write(
            spec.controller_id,
            {
                "token_sha256": hosting.sha256(spec.token),
                "action_id": action,
                "kind": "deploy",
                "deployment_id": deployment,
            },
        )
        specs.append(spec)
    fleet.wait()
    return specs


@asynccontextmanager
async def agent_of(
    fleet: hosting.Fleet, spec: VehicleSpec, *, url: str = "", **parts: Any
) -> AsyncIterator[Agent]:
    """Wake one vehicle."""
    parts = {"trust": Believing(), "flash": RamFlash(), **parts}
    async with Gateway(url or fleet.host.url, fleet.tenant) as gateway:
        yield Agent(spec, gateway.vehicle(spec.controller_id, spec.token), **parts)


async def drive(agent: Agent, until: Callable[[], Any]) -> int:
    """Let a vehicle take turns until something is so; return how often nobody answered."""
    unanswered, end = 0, time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < end, f"it did not happen in time: {agent.record}"
        try:
            await agent.turn()
        except Unreachable:
            unanswered += 1
        await asyncio.sleep(0.01)
    return unanswered


def said(fleet: hosting.Fleet, kind: str) -> list[tuple[str, str]]:
    """What was stored of feedback: execution and result, oldest first."""
    statuses = [body["status"] for _, _, _, body in fleet.reports(kind)]
    return [(status["execution"], status["result"]["finished"]) for status in statuses]


@dataclass
class Cut:
    """What happens once to the answer of a request that holds ``word``."""

    word: bytes
    after: int = 0  # bytes of the answer that still pass
    reaches_server: bool = True


@dataclass
class Line:
    """A TCP connection to a gateway that can be cut on purpose."""

    host: str
    port: int
    cuts: list[Cut] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)  # the requests that passed
    url: str = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self
            server.close()

    def requests(self, word: bytes) -> list[bytes]:
        return [head for head in self.heads if word in head]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(self.host, self.port)
        answering: list[Cut] = []
        ways = [
            asyncio.create_task(self._forth(reader, forth, writer, answering)),
            asyncio.create_task(self._back(back, writer, answering)),
        ]
        with suppress(ConnectionError):
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (forth, writer):
            end.close()

    async def _forth(
        self,
        reader: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
        writer: asyncio.StreamWriter,
        answering: list[Cut],
    ) -> None:
        while request := await reader.read(1 << 16):
            self.heads.append(request)
            cut = next((cut for cut in self.cuts if cut.word in request), None)
            if cut is not None:
                self.cuts.remove(cut)
                if not cut.reaches_server:
                    writer.transport.abort()
                    return
                answering.append(cut)
            forth.write(request)
            await forth.drain()

    async def _back(
        self, back: asyncio.StreamReader, writer: asyncio.StreamWriter, answering: list[Cut]
    ) -> None:
        while answer := await back.read(1 << 16):
            if answering:
                cut = answering[0]
                writer.write(answer[: cut.after])
                cut.after -= len(answer)
                await writer.drain()
                if cut.after <= 0:
                    writer.close()
                    return
                continue
            writer.write(answer)
            await writer.drain()


def line_to(fleet: hosting.Fleet, *cuts: Cut) -> Line:
    return Line(fleet.host.settings.host, fleet.host.settings.port, list(cuts))


def is_once_each(numbers: Iterable[int]) -> bool:
    listed = list(numbers)
    return len(listed) == len(set(listed))
