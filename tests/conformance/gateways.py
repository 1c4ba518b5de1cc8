"""A gateway host of its own process for a test, on the test's database."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from roadworthy.domains.campaigns import engine
from roadworthy.gateway.settings import Settings

READY_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def gateway(home: Path, database_url: str) -> Iterator[str]:
    """Serve vehicles until the block ends; yield the address."""
    settings = Settings(home=home, database_url=database_url, port=free_port(), log_level="WARNING")
    url = f"http://{settings.host}:{settings.port}"
    with subprocess.Popen(
        [sys.executable, "-m", "roadworthy.gateway.serve"],
        stdin=subprocess.PIPE,
        cwd=Path(__file__).parents[2] / "src",
    ) as process:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(settings, enc_hook=str))
        process.stdin.close()
        try:
            _wait_until_fresh(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(READY_SECONDS)


@contextmanager
def running_engine() -> Iterator[None]:
    """Run the campaign engine in a thread, as the worker does."""
    stop = threading.Event()
    thread = threading.Thread(target=engine.run, args=(stop,), kwargs={"tick_seconds": 0.1})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _wait_until_fresh(url: str, process: subprocess.Popen[bytes]) -> None:
    began = datetime.now(UTC)
    while (datetime.now(UTC) - began).total_seconds() < READY_SECONDS:
        assert process.poll() is None, "the gateway ended"
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)  # between two attempts to connect, nothing tells when it listens
    raise AssertionError("the gateway did not become ready")
