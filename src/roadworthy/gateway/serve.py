"""One gateway host: worker processes that answer vehicles, and one projector beside them.

A worker or the projector that dies is started again; when this process dies, so do they.
"""

from __future__ import annotations

import errno
import logging
import multiprocessing
import socket
import sys
import threading
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from roadworthy.gateway import app, places, projector
from roadworthy.gateway.settings import Settings, from_json
from roadworthy.kernel.errors import Unavailable

log = logging.getLogger(__name__)

BACKLOG = 4096
RESTART_SECONDS = 0.5
KILL_SECONDS = 15


class PortTaken(Unavailable):
    code = "gateway.port_taken"
    message = "Port {port} of {host} is in use by another program; choose another one."


class HostUnknown(Unavailable):
    code = "gateway.host_unknown"
    message = "The gateway cannot listen on {host}: {reason}."


def serve(settings: Settings) -> None:
    """Run a gateway host until it is told to stop (SIGTERM, SIGINT).

    Raises:
        PortTaken: something listens there already.
        HostUnknown: this machine has no such address.
    """
    _check_port(settings.host, settings.port)
    places.prepare(settings)
    keeper = ProjectorKeeper(settings)
    server = Server(
        "roadworthy.gateway.app", settings.host, settings.port, interface=Interfaces.RSGI,
        workers=settings.workers, respawn_failed_workers=True, workers_kill_timeout=KILL_SECONDS,
        websockets=False, backlog=BACKLOG, log_level=LogLevels(settings.log_level.lower()),
    )  # fmt: skip
    server.on_startup(keeper.start)
    server.on_shutdown(keeper.stop)
    make: Any = partial(app.create, settings)  # granian's types know functions only
    server.serve(target_loader=make, wrap_loader=False)


class ProjectorKeeper:
    """Keeps one projector process running."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: BaseProcess | None = None
        self._is_leaving = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start it, and a thread that starts it again."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._is_leaving.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(KILL_SECONDS)

    def _keep(self) -> None:
        context = multiprocessing.get_context("spawn")
        while not self._is_leaving.is_set():
            process = context.Process(
                target=projector.run, args=(self._settings,), name="projector", daemon=True
            )
            process.start()
            self._process = process
            process.join()
            if not self._is_leaving.wait(RESTART_SECONDS):
                log.error("The projector ended (%s); starting it again.", process.exitcode)


def _check_port(host: str, port: int) -> None:
    """Refuse a port that is in use: workers share theirs, so they would share a stranger's too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as wrong:
            if wrong.errno == errno.EADDRINUSE:
                raise PortTaken(host=host, port=port) from None
            raise HostUnknown(host=host, reason=wrong.strerror) from None


if __name__ == "__main__":  # settings as JSON on standard input: they hold a password
    serve(from_json(sys.stdin.buffer.read()))
