"""The application: which address is answered by which function, and how answers leave.

Whatever goes wrong, a vehicle gets an empty answer that says "later", never a stack trace; what is
logged of it names no vehicle.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from roadworthy.gateway import (
    artifacts,
    consents,
    deployments,
    events,
    exchange,
    feedback,
    health,
    idle,
    places,
    polls,
    refusals,
    repository,
    sending,
    telemetry,
)
from roadworthy.gateway.exchange import Request, Response, Scope, Transport
from roadworthy.gateway.host import Host
from roadworthy.gateway.settings import Settings

log = logging.getLogger(__name__)

Handler = Callable[[Host, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Resource:
    handlers: Mapping[str, Handler]
    literals: tuple[tuple[int, str], ...] = ()  # parts of the address that must read so


def _get(handler: Handler) -> dict[str, Handler]:
    return {"GET": handler, "HEAD": handler}


# By the first part below the vehicle's address, and the number of parts.
RESOURCES: dict[tuple[str, int], Resource] = {
    ("configData", 1): Resource({"PUT": feedback.config_data}),
    ("deploymentBase", 2): Resource(_get(deployments.deployment_base)),
    ("deploymentBase", 3): Resource({"POST": feedback.deployment_feedback}, ((7, "feedback"),)),
    ("cancelAction", 2): Resource(_get(deployments.cancel_action)),
    ("cancelAction", 3): Resource({"POST": feedback.cancel_feedback}, ((7, "feedback"),)),
    ("installedBase", 2): Resource(_get(deployments.installed_base)),
    ("events", 1): Resource({"POST": events.event}),
    ("consents", 1): Resource(_get(consents.consents)),
    ("telemetry", 1): Resource({"POST": telemetry.telemetry}),
    ("pictures", 1): Resource({"POST": telemetry.picture}),
    ("softwaremodules", 3): Resource(_get(artifacts.listing), ((7, "artifacts"),)),
    ("softwaremodules", 4): Resource(_get(artifacts.artifact), ((7, "artifacts"),)),
}
POLL = Resource(_get(polls.poll))
HEALTH = Resource(_get(health.health))
REPOSITORY = Resource(_get(repository.repository_file))
BASE = ["controller", "v1"]
BASE_PARTS = 5  # "", tenant, "controller", "v1", vehicle


def route(path: list[str]) -> Resource | None:
    """Find what an address names."""
    if path[2:4] == BASE and len(path) >= BASE_PARTS and path[4]:
        if len(path) == BASE_PARTS:
            return POLL
        resource = RESOURCES.get((path[5], len(path) - BASE_PARTS))
        if resource and all(path[place] == text for place, text in resource.literals):
            return resource
        return None
    if path == ["", "healthz"]:
        return HEALTH
    if len(path) > 3 and path[1] == "repo" and path[2] in repository.FOLDERS:
        return REPOSITORY
    return None


def handler_of(request: Request) -> Handler:
    """Find who answers.

    Raises:
        NoSuchThing: the address names nothing.
        WrongMethod: it names something that this cannot be done with.
    """
    resource = route(request.path)
    if resource is None:
        raise refusals.NoSuchThing(what="such resource")
    handler = resource.handlers.get(request.method)
    if handler is None:
        raise refusals.WrongMethod(tuple(sorted(resource.handlers)))
    return handler


class Application:
    """What granian calls: an RSGI application, which costs less a request than an ASGI one."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._noting: asyncio.Task[None] | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        _follow_parent(loop)
        loop.run_until_complete(self._host.writer.start())
        self._noting = loop.create_task(self._host.seen.run())

    async def __rsgi__(self, scope: Scope, transport: Transport) -> None:
        plain = self._plain_answer(scope)
        if plain is not None:
            transport.response_bytes(plain.status, plain.headers, plain.body)
            return
        if scope.proto != "http":
            return
        request = Request(scope, transport)
        await sending.send(request, await self._answer(request), transport)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._noting is not None:
            self._noting.cancel()
        loop.run_until_complete(self._host.seen.flush())
        loop.run_until_complete(self._host.writer.stop())

    def _plain_answer(self, scope: Scope) -> Response | None:
        try:
            return idle.answer(self._host, scope)
        except Exception:  # noqa: BLE001 - the general way meets it again and says what it is
            return None

    async def _answer(self, request: Request) -> Response:
        try:
            return await handler_of(request)(self._host, request)
        except refusals.Refusal as refused:
            return exchange.refusal(refused)
        except Exception as wrong:  # noqa: BLE001 - the edge: a vehicle never sees our faults
            log.error("A request failed: %s", _anonymous(wrong))  # noqa: TRY400
            return exchange.refusal(refusals.ComeBackLater())


def create(settings: Settings) -> Application:
    """Make the application, in the process that serves it."""
    places.prepare(settings)
    return Application(Host.of(settings))


def _follow_parent(loop: asyncio.AbstractEventLoop) -> None:
    """End when the process that started this one has died: nobody else would end it."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def leave() -> None:
        loop.remove_reader(sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(sentinel, leave)


def _anonymous(wrong: BaseException) -> dict[str, Any]:
    """Describe an error without its text: that may hold what a vehicle sent."""
    frames = traceback.extract_tb(wrong.__traceback__)
    return {
        "error": type(wrong).__name__,
        "at": [f"{frame.name}:{frame.lineno}" for frame in frames],
    }
