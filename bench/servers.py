"""The servers that are compared, each as a process on a port of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from bench import fleet
from roadworthy.gateway.settings import Settings

PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and its processes."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Return what all its processes have used so far."""
        main = psutil.Process(self.pid)
        return sum(sum(one.cpu_times()[:2]) for one in (main, *main.children(recursive=True)))


ROOT = Path(__file__).parents[1]
GOOSEBIT = "0.2.12"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(
    command: Sequence[object], log: Path, *, environ: Mapping[str, str] | None = None,
    stdin: bytes = b"", cwd: Path = ROOT,
) -> Iterator[int]:  # fmt: skip
    """Run a server while the block lasts."""
    paths = f"{fleet.SOURCE}{os.pathsep}{ROOT}"
    with log.open("ab") as output:
        running = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=output, stderr=output,
            env={**os.environ, "PYTHONPATH": paths, **(environ or {})}, cwd=cwd,
            process_group=0,
        )  # fmt: skip
    assert running.stdin is not None
    running.stdin.write(stdin)
    running.stdin.close()
    try:
        yield running.pid
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def wait_for(url: str, *, headers: Mapping[str, str] | None = None, status: int = 200) -> None:
    """Return when ``url`` answers with ``status``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            request = urllib.request.Request(url, headers=dict(headers or {}))
            with urllib.request.urlopen(request, timeout=5) as answer:
                if answer.status == status:
                    return
        except (OSError, urllib.error.HTTPError):
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(url)
        time.sleep(0.05)


@contextmanager
def gateway(settings: Settings) -> Iterator[Server]:
    """Run our gateway host: one worker, one projector."""
    settings = replace(settings, port=free_port())
    url = f"http://127.0.0.1:{settings.port}"
    command = [sys.executable, "-m", "roadworthy.gateway.serve"]
    log = settings.home / "gateway.log"
    content = json.dumps(asdict(settings), default=str).encode()
    with process(command, log, stdin=content) as pid:
        wait_for(f"{url}/healthz")
        yield Server(url, pid)


@contextmanager
def asgi(name: str, folder: Path, **environ: str) -> Iterator[Server]:
    """Run one of the small applications beside this file the way the gateway is run."""
    port = free_port()
    command = [sys.executable, "-m", "bench.plain_server", name, port]
    with process(command, folder / f"{name}.log", environ=environ) as pid:
        url = f"http://127.0.0.1:{port}"
        wait_for(url + "/healthz")
        yield Server(url, pid)


@contextmanager
def goosebit(folder: Path, devices: int) -> Iterator[Server]:
    """Run goosebit as its documentation says, with its SQLite, and devices with tokens."""
    home = folder / "goosebit"
    home.mkdir()
    venv = home / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "-q", f"goosebit=={GOOSEBIT}"]
    subprocess.run(pip, check=True)
    migrations = next(venv.glob("lib/python*/site-packages/goosebit/db/migrations"))
    (home / "pyproject.toml").write_text(
        "[tool.aerich]\n"
        'tortoise_orm = "goosebit.db.config.TORTOISE_CONF"\n'
        f'location = "{migrations}"\nsrc_folder = "./."\n'
    )
    environ = {
        "GOOSEBIT_DB_URI": f"sqlite://{home}/db.sqlite3",
        "GOOSEBIT_ARTIFACTS_DIR": str(home / "artifacts"),
        "GOOSEBIT_DEVICE_AUTH__ENABLE": "true",
    }
    aerich = [venv / "bin" / "aerich", "upgrade"]
    subprocess.run(aerich, cwd=home, env={**os.environ, **environ}, check=True)
    with _goosebit(home, {**environ, "GOOSEBIT_DEVICE_AUTH__MODE": "setup"}) as setup:
        for number in range(devices):
            _register(setup.url, number)
    with _goosebit(home, {**environ, "GOOSEBIT_DEVICE_AUTH__MODE": "strict"}) as server:
        yield server


@contextmanager
def _goosebit(home: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    port = free_port()
    command = [home / "venv" / "bin" / "uvicorn", "goosebit:app", "--port", port]
    with process(command, home / "goosebit.log", environ=environ, cwd=home) as pid:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/docs")
        yield Server(url, pid)


def _register(url: str, number: int) -> None:
    base = f"{url}/{fleet.TENANT}/controller/v1/{fleet.controller_id(number)}"
    headers = {
        "Authorization": f"TargetToken {fleet.token(number)}", "Content-Type": "application/json",
    }  # fmt: skip
    said = {
        "id": "", "status": {"result": {"finished": "success"}, "execution": "closed",
        "details": [""]}, "data": {"sw_version": "1", "hw_boardname": "b", "hw_revision": "1"},
    }  # fmt: skip
    body = json.dumps(said).encode()
    for path, method, content in (("", "GET", None), ("/configData", "PUT", body)):
        request = urllib.request.Request(base + path, content, headers, method=method)
        urllib.request.urlopen(request, timeout=30).close()
