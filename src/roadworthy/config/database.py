"""The database that this process uses: the one it was told, or the embedded one.

Whoever asks gets a database that answers and is new enough, or one sentence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import psycopg
from psycopg import conninfo

from roadworthy.config import postgres
from roadworthy.config.env import Environment, Secret
from roadworthy.config.failures import DatabaseRefused

OLDEST_SERVER = 15
CONNECT_SECONDS = 10


@contextlib.contextmanager
def reachable(environment: Environment) -> Iterator[Environment]:
    """Yield the environment with the address of a database that answers.

    Raises:
        DatabaseRefused: with the sentence to show.
    """
    if environment.database_url is not None:
        check(environment.database_url)
        yield environment
        return
    with postgres.serving(environment.database_folder) as server:
        yield replace(environment, database_url=server.url)


def check(url: Secret) -> None:
    """Connect once.

    Raises:
        DatabaseRefused: it cannot be reached, refuses us, or is too old.
    """
    try:
        with psycopg.connect(url.reveal(), connect_timeout=CONNECT_SECONDS) as connection:
            major = connection.info.server_version // 10000
    except psycopg.Error as wrong:
        reason = _reason(wrong)
        raise DatabaseRefused(
            f"Cannot use the database at {address(url)}: {reason}. "
            "Start it, or correct ROADWORTHY_DATABASE_URL."
        ) from None
    if major < OLDEST_SERVER:
        raise DatabaseRefused(
            f"The database at {address(url)} is PostgreSQL {major}; "
            f"Roadworthy needs PostgreSQL {OLDEST_SERVER} or later."
        )


def _reason(wrong: Exception) -> str:
    """Take the last line that says something: libpq repeats the address before it."""
    lines = [line.strip() for line in str(wrong).splitlines() if line.strip()]
    said = lines[0] if lines else type(wrong).__name__
    return said.rsplit("failed: ", 1)[-1].removeprefix("FATAL:").strip().rstrip(".?")


def address(url: Secret) -> str:
    """Show where the database is, without its password."""
    try:
        parts = conninfo.conninfo_to_dict(url.reveal())
    except psycopg.ProgrammingError:
        return "the given address"
    host = parts.get("host") or parts.get("hostaddr") or "the local socket"
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"{host}{port}/{parts.get('dbname', '')}"
