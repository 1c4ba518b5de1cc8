"""Real gateway hosts (granian workers and a projector) on real PostgreSQL, and vehicles for them.

Every test has its own tenant, so tests share one host. Hosts have a database of their own beside
the one in which Django's tests roll back: what a host still writes after a test has ended (which
vehicles polled) would else be found there by whoever comes next.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil
import psycopg
import pytest

from roadworthy.gateway import places
from roadworthy.gateway.model import POSITION
from roadworthy.gateway.projection import Position
from roadworthy.gateway.settings import Settings

SOURCE = Path(__file__).parents[2] / "src"
PATIENCE = 30
_numbers = itertools.count(secrets.randbelow(1_000_000_000))  # ids that no other test has


def until(condition: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """Ask again until the answer is true; fail when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class GatewayHost:
    """A gateway host as its operator starts it."""

    settings: Settings
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.settings.host}:{self.settings.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.settings.home.mkdir(parents=True, exist_ok=True)
        with (self.settings.home / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "roadworthy.gateway.serve"],
                env={**os.environ, "PYTHONPATH": str(SOURCE)},
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asdict(self.settings), default=str).encode())
        self.process.stdin.close()
        until(self.is_answering)

    def is_answering(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            return httpx.get(f"{self.url}/healthz").status_code in {200, 503}
        except httpx.TransportError:
            return False

    def is_fresh(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:  # between the death of a worker and the next one
            return False

    def log(self) -> str:
        return (self.settings.home / "gateway.log").read_text(errors="replace")

    def projector(self) -> psutil.Process:
        """The process that writes the read model."""
        return until(lambda: next((c for c in self._children() if _is_spawned(c)), None))

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        return [child for child in self._children() if not _is_helper(child)]

    def _children(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children()

    def stop(self) -> None:
        """End it the way an operator does."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End all of it the way a crash does."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def has_taken_all(self, connection: psycopg.Connection[Any]) -> bool:
        """Tell whether everything that is in the database now is in the read model."""
        heads = connection.execute(
            "SELECT (SELECT coalesce(max(seq), 0) FROM gateway_assignment),"
            " (SELECT coalesce(max(seq), 0) FROM gateway_deployment),"
            " (SELECT coalesce(max(seq), 0) FROM gateway_tenant),"
            " (SELECT coalesce(max(seq), 0) FROM gateway_consent)"
        ).fetchone()
        position = self.position()
        mine = (
            position.assignments, position.deployments, position.tenants, position.consents,
        )  # fmt: skip
        return all(taken >= head for taken, head in zip(mine, heads or (), strict=True))

    def position(self) -> Position:
        environment = places.open_model(self.settings)
        try:
            with environment.begin() as txn:
                stored = txn.get(POSITION, db=environment.open_db(b"common", txn, create=False))
        finally:
            environment.close()
        return msgspec.json.decode(stored, type=Position) if stored else Position()


def _is_spawned(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "spawn_main" in " ".join(process.cmdline())
    return False


def _is_helper(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return any(word in " ".join(process.cmdline()) for word in ("spawn_main", "tracker"))
    return True


@contextlib.contextmanager
def hosting(settings: Settings) -> Iterator[GatewayHost]:
    """Run a host for a while."""
    host = GatewayHost(settings)
    host.start()
    try:
        yield host
    finally:
        host.kill()


@dataclass
class Car:
    """A vehicle that the test drives."""

    fleet: Fleet
    id: str
    token: str

    @property
    def path(self) -> str:
        return f"/{self.fleet.tenant}/controller/v1/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"TargetToken {self.token}"}

    def request(self, method: str, below: str = "", **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return self.fleet.client.request(method, self.path + below, headers=headers, **more)

    def poll(self, **headers: str) -> dict[str, Any]:
        response = self.request("GET", headers=headers)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def links(self) -> dict[str, str]:
        return {name: link["href"] for name, link in self.poll()["_links"].items()}

    def say(
        self, action: int, execution: str, finished: str = "none", *, to: str = "deploymentBase",
        **status: Any,
    ) -> httpx.Response:  # fmt: skip
        body = {"status": {"execution": execution, "result": {"finished": finished}, **status}}
        return self.request("POST", f"/{to}/{action}/feedback", json=body)

    def tell(self, **columns: Any) -> None:
        """Decide what the gateways tell this vehicle, and wait until they know."""
        self.fleet.write(self.id, columns)
        self.fleet.wait()

    def offer(self, deployment: int) -> int:
        """Offer a new action and wait until the gateways know."""
        action = next(_numbers)
        self.tell(action_id=action, kind="deploy", deployment_id=deployment)
        return action


@dataclass
class Fleet:
    """One manufacturer's vehicles, rows of the published tables, and what was reported of them."""

    connection: psycopg.Connection[Any]
    host: GatewayHost
    client: httpx.Client
    tenant: str = field(default_factory=lambda: f"T{secrets.token_hex(6)}")
    gateway_token: str = field(default_factory=lambda: secrets.token_hex(8))
    deployments: list[int] = field(default_factory=list)

    def open(self) -> None:
        self.connection.execute(
            "INSERT INTO gateway_tenant (tenant, gateway_token_sha256, polling_sleep, seq)"
            " VALUES (%s, %s, '00:05:00', 0)",
            [self.tenant, sha256(self.gateway_token)],
        )

    def close(self) -> None:
        for table in (
            *("gateway_assignment", "gateway_report", "gateway_event", "gateway_telemetry"),
            *("gateway_consent", "gateway_tenant"),
        ):
            self.connection.execute(f"DELETE FROM {table} WHERE tenant = %s", [self.tenant])
        for table, column in (("gateway_deployment", "id"), ("gateway_stop", "deployment_id")):
            self.connection.execute(
                f"DELETE FROM {table} WHERE {column} = ANY(%s)", [self.deployments]
            )

    def car(self, controller_id: str | None = None, **columns: Any) -> Car:
        """Add a vehicle and wait until the gateways know it."""
        car = Car(self, controller_id or f"V{next(_numbers)}", secrets.token_hex(8))
        columns = {"want_attributes": False, **columns}
        self.write(car.id, {"token_sha256": sha256(car.token), **columns})
        self.wait()
        return car

    def stranger(self, controller_id: str | None = None) -> Car:
        """A vehicle that nobody knows."""
        return Car(self, controller_id or f"X{next(_numbers)}", "no-token-was-given")

    def write(self, controller_id: str, columns: dict[str, Any]) -> None:
        row = {
            "token_sha256": "", "kind": "", "want_attributes": False, "closed_actions": [],
            **columns,
        }  # fmt: skip
        names = ", ".join(row)
        changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)
        values = ", ".join(["%s"] * (len(row) + 2))
        self.connection.execute(
            f"INSERT INTO gateway_assignment (tenant, controller_id, {names}, seq)"
            f" VALUES ({values}, 0)"
            f" ON CONFLICT (tenant, controller_id) DO UPDATE SET {changes}",
            [self.tenant, controller_id, *row.values()],
        )

    def owner_says(self, controller_id: str, given: list[Any], withdrawn: list[Any]) -> None:
        """Publish what the owner of a vehicle said, and wait until the gateways know."""
        self.connection.execute(
            "INSERT INTO gateway_consent (tenant, controller_id, given, withdrawn, seq)"
            " VALUES (%s, %s, %s, %s, 0) ON CONFLICT (tenant, controller_id)"
            " DO UPDATE SET given = EXCLUDED.given, withdrawn = EXCLUDED.withdrawn",
            [self.tenant, controller_id, json.dumps(given), json.dumps(withdrawn)],
        )
        self.wait()

    def deploy(self, *contents: bytes, name: str = "image.swu") -> int:
        """Make a deployment with a chunk for each content, and keep the images."""
        number = next(_numbers)
        chunks = [
            {"part": "os", "name": f"ecu{place}", "version": "2.0", "artifacts": [
                {"filename": name, "size": len(content), "hashes": hashes(content)}
            ]}
            for place, content in enumerate(contents)
        ]  # fmt: skip
        for content in contents:
            self.keep(content)
        self.connection.execute(
            "INSERT INTO gateway_deployment (id, chunks, seq) VALUES (%s, %s, 0)",
            [number, json.dumps(chunks)],
        )
        self.deployments.append(number)
        return number

    def keep(self, content: bytes) -> Path:
        digest = hashlib.sha256(content).hexdigest()
        path = self.host.settings.images / digest[:2] / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def stop(self, deployment: int) -> None:
        self.connection.execute(
            "INSERT INTO gateway_stop (deployment_id, at) VALUES (%s, now())", [deployment]
        )

    def wait(self) -> None:
        until(lambda: self.host.has_taken_all(self.connection))
        until(self.host.is_fresh)

    def reports(self, kind: str | None = None) -> list[Any]:
        """Everything that was stored, oldest first: (controller id, action id, kind, body)."""
        rows = self.connection.execute(
            "SELECT controller_id, action_id, kind, body FROM gateway_report"
            " WHERE tenant = %s AND kind <> 'seen' ORDER BY id",
            [self.tenant],
        ).fetchall()
        return [row for row in rows if kind in {None, row[2]}]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hashes(content: bytes) -> dict[str, str]:
    return {name: hashlib.new(name, content).hexdigest() for name in ("sha1", "md5", "sha256")}


@contextlib.contextmanager
def fleet_of(host: GatewayHost) -> Iterator[Fleet]:
    """Vehicles of one manufacturer behind a host."""
    with (
        psycopg.connect(host.settings.database_url, autocommit=True) as connection,
        httpx.Client(base_url=host.url, timeout=PATIENCE) as client,
    ):
        fleet = Fleet(connection, host, client)
        fleet.open()
        try:
            yield fleet
        finally:
            fleet.close()


@pytest.fixture(scope="session")
def gateway_settings(
    gateway_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings of a host with a home and a port of its own."""
    home = tmp_path_factory.mktemp("gateway-home")
    return Settings(
        home=home, database_url=gateway_database_url, port=free_port(), seen_seconds=0.5
    )


@pytest.fixture
def own_settings(gateway_settings: Settings, tmp_path: Path) -> Settings:
    """Settings for a host that one test starts for itself."""
    return replace(gateway_settings, home=tmp_path / "home", port=free_port())


@pytest.fixture(scope="session")
def gateway_host(gateway_settings: Settings) -> Iterator[GatewayHost]:
    """A host that many tests share."""
    with hosting(gateway_settings) as host:
        yield host


@pytest.fixture
def fleet(gateway_host: GatewayHost) -> Iterator[Fleet]:
    """Vehicles of one manufacturer behind the shared host."""
    with fleet_of(gateway_host) as fleet:
        yield fleet
