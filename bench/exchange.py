"""Envelopes a second between two deployments: verified, durable, acknowledged by a signature.

    PYTHONPATH=src python -m bench.exchange

Two deployments as people run them, each with its own PostgreSQL (fsync on) and its own exchange
process, mutual TLS between them, on one machine. The sender's outbox is filled beforehand. What
counts is what the receiver's signed answers name; afterwards every row is looked for in the inbox.
Beside it: the same rows into the same table by plain INSERTs, without signatures or chains.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from bench import machine
from bench.report import write
from roadworthy.config import database, env, keeping, supervisor
from roadworthy.config.env import Environment

OFFLINE = "offline of a bench"
PATIENCE_SECONDS = 280
BATCH = 500

FILL = """
from datetime import UTC, datetime
from django.db import transaction
from roadworthy.domains.exchange import outbox
from roadworthy.domains.exchange.models import Peer
with session.django_database():
    peer = Peer.objects.get(name="receiver")
    body = {{"software": "x" * {size}, "kinds": {{}}}}
    for start in range(0, {count}, {batch}):
        with transaction.atomic():
            for n in range(start, min(start + {batch}, {count})):
                outbox.send(
                    to=peer, matter=f"bench/{{n % {matters}}}", kind="deployment.greeting",
                    body=body, at=datetime.now(UTC),
                )
"""


@dataclass
class Deployment:
    """One deployment whose database runs."""

    environment: Environment

    def command(self, *arguments: str, given: bytes = b"") -> bytes:
        return self._run("-m", "roadworthy.cli", *arguments, given=given)

    def script(self, text: str) -> bytes:
        return self._run("-c", "from roadworthy.cli import session\nsession.set_up_django()" + text)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.connected() as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def connected(self) -> psycopg.Connection:
        assert self.environment.database_url is not None
        return psycopg.connect(self.environment.database_url.reveal(), autocommit=True)

    def _run(self, *arguments: str, given: bytes = b"") -> bytes:
        done = subprocess.run(
            [sys.executable, *arguments], env={**os.environ, **self.environment.to_environ()},
            input=given, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stderr.decode())
        return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--matters", type=int, default=2_000)
    parser.add_argument("--size", type=int, default=700, help="bytes of text in each body")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rw-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        sender = stack.enter_context(_deployed(folder, "sender", "MANUFACTURER"))
        receiver = stack.enter_context(_deployed(folder, "receiver", "INSTITUTION"))
        _introduce(sender, receiver)
        _introduce(receiver, sender)
        started = time.monotonic()
        sender.script(
            FILL.format(
                size=options.size, count=options.messages, matters=options.matters, batch=BATCH
            )
        )
        filled = options.messages / (time.monotonic() - started)
        sent = _exchange(sender, receiver, options.messages)
        plain = _plain(receiver)
    result = {
        "machine": machine.describe(),
        "messages": options.messages,
        "matters": options.matters,
        "bytes_of_an_envelope": sent["envelope"],
        "into_the_outbox_per_second": round(filled),
        "per_second": sent["per_second"],
        "took_effect_meanwhile": sent["applied"],
        "plain_inserts_per_second": plain,
        "of_plain": {name: round(sent["per_second"] / rate, 2) for name, rate in plain.items()},
    }
    write("exchange", result, _text(result))


@contextmanager
def _deployed(folder: Path, name: str, kind: str) -> Iterator[Deployment]:
    environment = keeping.with_secrets(
        replace(env.load({}), home=folder / name, name=name, exchange_port=_free_port())
    )
    with database.reachable(environment) as found:
        one = Deployment(found)
        one.command("migrate")
        one.command("init", "--offline-passphrase", OFFLINE)
        one.command("organisation", name, "--kind", kind, "--name-zh", name, "--name-en", name)
        yield one


def _introduce(one: Deployment, to: Deployment) -> None:
    to.command("peers", "add", "-", given=one.command("peers", "card"))
    ((name, fingerprint),) = one.rows("SELECT name, fingerprint FROM exchange_deployment")
    to.command("peers", "confirm", name, "--fingerprint", fingerprint)


def _exchange(sender: Deployment, receiver: Deployment, count: int) -> dict[str, Any]:
    progress = (
        "SELECT count(*), min(acknowledged_at), max(acknowledged_at) FROM exchange_outgoing "
        "WHERE acknowledged_at IS NOT NULL"
    )
    with ExitStack() as stack:
        for one in (receiver, sender):
            stack.enter_context(supervisor.running(one.environment, parts=(supervisor.EXCHANGE,)))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (row := sender.rows(progress)[0])[0] < count:
            if time.monotonic() > deadline:
                raise SystemExit(f"only {row[0]} of {count} were acknowledged")
            time.sleep(0.5)
        applied = receiver.rows("SELECT count(*) FROM exchange_incoming WHERE applied_at <= %s",
                                row[2])[0][0]  # fmt: skip
    ((kept, payload),) = receiver.rows(
        "SELECT count(*), avg(octet_length(payload))::int FROM exchange_incoming"
    )
    if kept < count:
        raise SystemExit(f"{kept} of {count} are in the inbox")
    # The first answer comes when its batch is done: the others are what the time was spent on.
    ((first,),) = sender.rows(
        "SELECT count(*) FROM exchange_outgoing WHERE acknowledged_at = %s", row[1]
    )
    seconds = (row[2] - row[1]).total_seconds()
    return {
        "per_second": round((row[0] - first) / seconds),
        "applied": applied,
        "envelope": round(payload * 4 / 3) + 260,
    }


def _plain(receiver: Deployment) -> dict[str, int]:
    """Insert the same rows into a table like the inbox, with its indexes."""
    columns = (
        "line_id, sequence, kind, payload, signature, keyid, sha256, received_at, state, attempts, "
        "set_aside_because"
    )
    found = {}
    with receiver.connected() as connection:
        connection.execute("CREATE TABLE plain (LIKE exchange_incoming INCLUDING ALL)")
        rows = connection.execute(f"SELECT {columns} FROM exchange_incoming LIMIT 10000").fetchall()
        places = ", ".join(["%s"] * len(rows[0]))
        insert = f"INSERT INTO plain ({columns}) VALUES ({places})"
        started = time.monotonic()
        for row in rows[:2000]:
            connection.execute(insert, row)
        found["one a transaction"] = round(2000 / (time.monotonic() - started))
        connection.execute("TRUNCATE plain")
        started = time.monotonic()
        for at in range(0, len(rows), BATCH):
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(insert, rows[at : at + BATCH])
        found[f"{BATCH} a transaction"] = round(len(rows) / (time.monotonic() - started))
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _text(result: dict[str, Any]) -> str:
    plain = [
        f"| plain INSERTs, {name} | {rate:,} | {result['of_plain'][name]:.2f} |"
        for name, rate in result["plain_inserts_per_second"].items()
    ]
    return "\n".join(
        [
            "| what | a second | exchange / plain |",
            "|---|---|---|",
            f"| **envelopes from deployment to deployment** | **{result['per_second']:,}** | |",
            *plain,
            f"| into the outbox, 500 a transaction | {result['into_the_outbox_per_second']:,} | |",
            "",
            (
                f"{result['messages']:,} messages about {result['matters']:,} matters, "
                f"{result['bytes_of_an_envelope']} bytes each as they travel; two exchange "
                "processes and two PostgreSQL servers with fsync on the same two cores; signed, "
                "sent over mutual TLS, verified, chained, stored, acknowledged by a signed answer "
                f"that was verified. {result['took_effect_meanwhile']:,} messages took effect "
                "at the receiver while the others came."
            ),
        ]
    )


if __name__ == "__main__":
    main()
