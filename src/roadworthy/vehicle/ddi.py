"""A small client of hawkBit's DDI v1, as vehicles speak it.

* Links are followed as the server gives them; only feedback goes to addresses that the client
  composes, as SWUpdate does it.
* Whatever may succeed when it is asked again is ``Unreachable``: no connection, a broken answer,
  5xx, "too fast". Everything else that fails has a name of its own.
* Nothing here decides or remembers; nothing waits or repeats.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote

import aiohttp
import cbor2
import msgspec
from yarl import URL

from roadworthy.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable

CONNECTIONS = 64
SECONDS = 30.0  # for one answer; a download may take longer, but no piece of it
PIECE = 1 << 16
FIRST_STATUS_OF_FAULTS = 500
TUF_TARGET = "tuf-target"

T = TypeVar("T")


class Unreachable(Unavailable):
    code = "vehicle.unreachable"
    message = "The gateway gives no usable answer: {reason}."

    @property
    def seconds(self) -> float:
        """How long the gateway wishes to be left alone."""
        return float(self.data.get("seconds", 0))


class NotLetIn(Forbidden):
    code = "vehicle.not_let_in"
    message = "The gateway does not know this vehicle by its token."


class NotOffered(NotFound):
    code = "vehicle.not_offered"
    message = "The gateway has no such thing for this vehicle now."


class Over(Conflict):
    code = "vehicle.over"
    message = "The gateway says that this is over."


class Refused(Invalid):
    code = "vehicle.request_refused"
    message = "The gateway refuses the request with status {status}."


class Link(msgspec.Struct, frozen=True):
    href: str

    @property
    def action_id(self) -> int:
        """The action that the address ends in."""
        return int(self.href.partition("?")[0].rstrip("/").rpartition("/")[2])


class Links(msgspec.Struct, frozen=True, rename="camel"):
    deployment_base: Link | None = None
    cancel_action: Link | None = None
    config_data: Link | None = None


class Polling(msgspec.Struct, frozen=True):
    sleep: str

    @property
    def seconds(self) -> int:
        hours, minutes, seconds = map(int, self.sleep.split(":"))
        return (hours * 60 + minutes) * 60 + seconds


class Config(msgspec.Struct, frozen=True):
    polling: Polling


class Poll(msgspec.Struct, frozen=True):
    """What there is to do, and when to ask again."""

    config: Config
    links: Links = msgspec.field(name="_links", default_factory=Links)


class Hashes(msgspec.Struct, frozen=True):
    sha1: str = ""
    sha256: str = ""


class Artifact(msgspec.Struct, frozen=True):
    filename: str
    size: int
    hashes: Hashes
    links: Mapping[str, Link] = msgspec.field(name="_links")

    @property
    def href(self) -> str:
        link = self.links.get("download") or self.links.get("download-http")
        return link.href if link else ""


class Entry(msgspec.Struct, frozen=True):
    key: str
    value: str


class Chunk(msgspec.Struct, frozen=True):
    name: str
    version: str
    artifacts: tuple[Artifact, ...] = ()
    metadata: tuple[Entry, ...] = ()

    @property
    def tuf_target(self) -> str:
        """Where the image repository vouches for the artifact, if the server says it."""
        return next((entry.value for entry in self.metadata if entry.key == TUF_TARGET), "")


Handling = Literal["skip", "attempt", "forced"]


class Instruction(msgspec.Struct, frozen=True, rename="camel"):
    download: Handling
    update: Handling
    chunks: tuple[Chunk, ...]
    maintenance_window: Literal["available", "unavailable"] | None = None


class Deployment(msgspec.Struct, frozen=True):
    id: str
    deployment: Instruction

    @property
    def action_id(self) -> int:
        return int(self.id)


class Stop(msgspec.Struct, frozen=True, rename="camel"):
    stop_id: str


class Cancellation(msgspec.Struct, frozen=True, rename="camel"):
    cancel_action: Stop


class Agreed(msgspec.Struct, frozen=True):
    """An owner's consent; without an end it stands until it is withdrawn."""

    item: str
    purpose: str
    given_at: datetime
    until: datetime | None = None


class OwnerSaid(msgspec.Struct, frozen=True):
    """What the owner of a vehicle has said about its data."""

    given: tuple[Agreed, ...] = ()
    withdrawn: tuple[tuple[str, str], ...] = ()  # item, purpose


class Gateway:
    """Connections to one gateway, shared by all vehicles of this process."""

    def __init__(
        self, url: str, tenant: str, *, connections: int = CONNECTIONS, seconds: float = SECONDS
    ) -> None:
        self.base = f"{url.rstrip('/')}/{quote(tenant, safe='')}/controller/v1"
        self.requests = 0
        self._connections = connections
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=seconds, sock_read=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=self._connections)
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def vehicle(self, controller_id: str, token: str) -> Ddi:
        """Return what one vehicle talks through."""
        return Ddi(self, controller_id, token)

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Any:
        """Begin a request; the caller awaits and closes it."""
        assert self._session is not None, "used outside of its context"
        self.requests += 1
        return self._session.request(method, URL(url, encoded=True), headers=headers, data=body)


class Ddi:
    """What one vehicle asks and tells its gateway."""

    def __init__(self, gateway: Gateway, controller_id: str, token: str) -> None:
        self._gateway = gateway
        self._base = f"{gateway.base}/{quote(controller_id, safe='')}"
        self._headers = {"Authorization": f"TargetToken {token}"}
        self._json = self._headers | {"Content-Type": "application/json"}

    async def poll(self) -> Poll:
        """Ask what there is to do."""
        return _decoded(await self._ask("GET", self._base, self._headers), Poll)

    async def deployment(self, link: Link) -> Deployment:
        """Read what to install."""
        return _decoded(await self._ask("GET", link.href, self._headers), Deployment)

    async def cancellation(self, link: Link) -> int:
        """Read which action to give up."""
        content = await self._ask("GET", link.href, self._headers)
        return int(_decoded(content, Cancellation).cancel_action.stop_id)

    async def configure(self, attributes: Mapping[str, str]) -> None:
        """Say what this vehicle is and runs."""
        content = msgspec.json.encode({"mode": "merge", "data": attributes})
        await self._ask("PUT", f"{self._base}/configData", self._json, content)

    async def feedback(self, resource: str, action_id: int, body: Mapping[str, Any]) -> None:
        """Report on an action; ``resource`` is ``deploymentBase`` or ``cancelAction``."""
        address = f"{self._base}/{resource}/{action_id}/feedback"
        await self._ask("POST", address, self._json, msgspec.json.encode(body))

    async def happened(self, event: Mapping[str, Any]) -> None:
        """Tell of something that happened; the same ``id`` again tells nothing new."""
        await self._ask("POST", f"{self._base}/events", self._json, msgspec.json.encode(event))

    async def consents(self) -> OwnerSaid:
        """Ask what the owner has said about this vehicle's data."""
        return _decoded(await self._ask("GET", f"{self._base}/consents", self._headers), OwnerSaid)

    async def telemetry(self, record: bytes) -> None:
        """Send a record that the filter let out, as its JSON."""
        await self._ask("POST", f"{self._base}/telemetry", self._json, record)

    async def picture(self, record: bytes, picture: bytes) -> None:
        """Send a picture that the filter let out, with its record."""
        content = cbor2.dumps({"record": msgspec.json.decode(record), "picture": picture})
        headers = self._headers | {"Content-Type": "application/cbor"}
        await self._ask("POST", f"{self._base}/pictures", headers, content)

    async def download(
        self, artifact: Artifact, *, have: int = 0
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """Yield pieces of an image and where each belongs, going on after ``have`` bytes.

        The server may start again from the beginning; then the first piece belongs to 0.
        """
        headers = dict(self._headers)
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": f'"{artifact.hashes.sha1}"'}
        try:
            async with self._gateway.request("GET", artifact.href, headers) as answer:
                _check(answer)
                place = have if answer.status == 206 else 0
                async for piece in answer.content.iter_chunked(PIECE):
                    yield place, piece
                    place += len(piece)
        except (aiohttp.ClientError, TimeoutError, OSError) as lost:
            raise Unreachable(reason=type(lost).__name__) from lost

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> bytes:
        try:
            async with self._gateway.request(method, url, headers, body) as answer:
                content: bytes = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as lost:
            raise Unreachable(reason=type(lost).__name__) from lost
        _check(answer)
        return content


def _check(answer: aiohttp.ClientResponse) -> None:
    status = answer.status
    if status in {200, 206}:
        return
    if status == 401:
        raise NotLetIn
    if status == 404:
        raise NotOffered
    if status == 410:
        raise Over
    wait = answer.headers.get("Retry-After", "")
    # Without "Retry-After" a 429 is a quota: it does not pass by waiting.
    if (status == 429 and wait) or status >= FIRST_STATUS_OF_FAULTS:
        raise Unreachable(reason=f"status {status}", seconds=wait if wait.isdigit() else 0)
    raise Refused(status=status)


def _decoded(content: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.MsgspecError as wrong:
        raise Unreachable(reason=type(wrong).__name__) from wrong
