"""Deployments of their own on one machine: each with its home, its database and its keys."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from roadworthy.config import database, env, keeping, supervisor
from roadworthy.config.env import Environment

PATIENCE_SECONDS = 60


@dataclass
class Deployment:
    """One deployment whose database runs; ``roadworthy`` commands see nothing else."""

    name: str
    environment: Environment

    @property
    def home(self) -> Path:
        return self.environment.home

    def command(self, *arguments: str, given: bytes = b"") -> str:
        """Run ``roadworthy ...``; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "roadworthy.cli", *arguments],
            env={**os.environ, **self.environment.to_environ()},
            input=given,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def script(self, text: str) -> Any:
        """Run Python with Django on this deployment; return what it printed, as JSON."""
        done = subprocess.run(
            [sys.executable, "-c", f"{_WITH_DJANGO}{text}"],
            env={**os.environ, **self.environment.to_environ()},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout) if done.stdout.strip() else None

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the database, past all code."""
        url = self.environment.database_url
        assert url is not None
        with psycopg.connect(url.reveal(), autocommit=True) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []


_WITH_DJANGO = """
import json
from roadworthy.cli import session
session.set_up_django()
"""


@contextmanager
def deployed(folder: Path, name: str, kind: str) -> Iterator[Deployment]:
    """Set up a deployment with its organisation; its database runs until the end."""
    environment = replace(
        env.load({}),
        home=folder / name,
        name=name,
        exchange_port=free_port(),
        online_key_passphrase=None,
    )
    environment = keeping.with_secrets(environment)
    with database.reachable(environment) as found:
        one = Deployment(name, found)
        one.command("migrate")
        one.command("init", "--offline-passphrase", "offline of a test")
        tenant = ["--tenant", "DEFAULT"] if kind == "manufacturer" else []
        one.command(
            "organisation",
            name,
            "--kind",
            kind.upper(),
            "--name-zh",
            name,
            "--name-en",
            name,
            *tenant,
        )
        yield one


@contextmanager
def pair(folder: Path) -> Iterator[tuple[Deployment, Deployment]]:
    """Two deployments that have confirmed each other; their exchanges do not run yet."""
    with ExitStack() as stack:
        ours = stack.enter_context(deployed(folder, "starway", "manufacturer"))
        theirs = stack.enter_context(deployed(folder, "miit", "miit"))
        introduce(ours, theirs)
        introduce(theirs, ours)
        yield ours, theirs


def introduce(one: Deployment, to: Deployment) -> None:
    """Let ``to`` take in and confirm the card of ``one``."""
    card = one.command("peers", "card").encode()
    to.command("peers", "add", "-", given=card)
    fingerprint = one.rows("SELECT fingerprint FROM exchange_deployment")[0][0]
    to.command("peers", "confirm", one.name, "--fingerprint", fingerprint)


@contextmanager
def exchanging(*deployments: Deployment) -> Iterator[list[supervisor.Running]]:
    """Run the exchange of each."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(supervisor.running(one.environment, parts=(supervisor.EXCHANGE,)))
            for one in deployments
        ]


def until(holds: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
