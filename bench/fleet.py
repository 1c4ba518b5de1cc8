"""A fleet as large as everything under OTA recall in China in 2025, in a real database.

Of twenty vehicles one has an action open, nine have one installed (so that every poll is answered
with a link of its own), ten have nothing. The rows go in by COPY and reach the gateway through its
projector, as always.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from roadworthy.config import postgres

TENANT = "DEFAULT"
DEPLOYMENT = 1
INSTALLED = 2
LINES_PER_WRITE = 5000
SOURCE = Path(__file__).parents[1] / "src"


def controller_id(number: int) -> str:
    """Name a vehicle; ``poll.lua`` and ``feedback.lua`` do the same."""
    return f"LSV{number:014d}"


def token(number: int) -> str:
    return f"t{controller_id(number)}"


@dataclass(frozen=True)
class Database:
    url: str
    pid: int


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """Run PostgreSQL as it comes with Roadworthy (fsync on), migrated."""
    with postgres.serving(folder / "postgres") as server:
        url = server.url.reveal()
        environ = {
            **os.environ, "PYTHONPATH": str(SOURCE), "ROADWORTHY_HOME": str(folder),
            "ROADWORTHY_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "roadworthy.config.settings",
        }  # fmt: skip
        command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=environ, check=True)
        yield Database(url, server.process.pid)


def fill(url: str, vehicles: int, *, all_open: bool = False) -> None:
    """Write tenant, deployments and vehicles."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO gateway_tenant (tenant, gateway_token_sha256, polling_sleep, seq)"
            " VALUES (%s, '', '00:05:00', 0)",
            [TENANT],
        )
        hashes = {name: hashlib.new(name, b"").hexdigest() for name in ("sha1", "md5", "sha256")}
        artifact = {"filename": "a.swu", "size": 0, "hashes": hashes}
        chunks = [{"part": "os", "name": "ecu", "version": "2", "artifacts": [artifact]}]
        for number in (DEPLOYMENT, INSTALLED):
            connection.execute(
                "INSERT INTO gateway_deployment (id, chunks, seq) VALUES (%s, %s, 0)",
                [number, json.dumps(chunks)],
            )
        with connection.cursor().copy(
            "COPY gateway_assignment (tenant, controller_id, token_sha256, action_id, kind,"
            " deployment_id, installed_action_id, installed_deployment_id, want_attributes,"
            " closed_actions, seq) FROM STDIN"
        ) as copy:
            for start in range(0, vehicles, LINES_PER_WRITE):
                numbers = range(start, min(start + LINES_PER_WRITE, vehicles))
                copy.write("".join(_line(number, all_open=all_open) for number in numbers))
        connection.execute("VACUUM ANALYZE gateway_assignment")


def _line(number: int, *, all_open: bool) -> str:
    digest = hashlib.sha256(token(number).encode()).hexdigest()
    action = number + 1
    none = "\\N"
    if all_open or number % 20 == 0:
        told = (action, "deploy", DEPLOYMENT, none, none, "f", "{}")
    elif number % 20 < 10:
        told = (none, "", none, action, INSTALLED, "f", f"{{{action}}}")
    else:
        told = (none, "", none, none, none, "f", "{}")
    return "\t".join(map(str, (TENANT, controller_id(number), digest, *told, 0))) + "\n"
