"""Four real deployments, a proxy in front of each exchange, and people who act in them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import conninfo

from roadworthy.cli.federation.deployments import Deployment
from roadworthy.cli.federation.script import AUTHORITIES, Federation
from roadworthy.config import postgres
from tests.federation.proxy import Proxy, Weather

SEED = int(os.environ.get("ROADWORTHY_TEST_SEED", "20261122"))


@dataclass
class Network:
    """The deployments of a run, and the network between them."""

    four: Mapping[str, Deployment]
    proxies: Mapping[str, Proxy]
    loop: Federation
    lost: set[str] = field(default_factory=set)  # matters that a story has left unequal

    def __getitem__(self, name: str) -> Deployment:
        return self.four[name]

    @contextlib.contextmanager
    def weather(self, **bad: float) -> Iterator[None]:
        """Let the network be bad while the block runs, then good."""
        for one in self.proxies.values():
            one.weather = Weather(**bad)
        try:
            yield
        finally:
            for name, one in self.proxies.items():
                one.weather = Weather()
                # A sender that failed often leaves its peer alone for minutes: nobody waits here.
                self.sql(name, "UPDATE exchange_peer SET next_at = NULL")

    def filed(self, number: str, version: str) -> list[str]:
        """Bring a release to both authorities, with the institution's report."""
        self.loop.tested(number, "service", version)
        numbers: list[str] = self["manufacturer"].take("releasing.sign_and_file", number=number)
        return numbers

    def accepted_by_all(self, number: str, filings: list[str]) -> None:
        """Let each authority accept, and a stock client fetch what is released."""
        self.decided_by_all(number, filings)
        self.loop.opened(number)

    def decided_by_all(self, number: str, filings: list[str]) -> None:
        """Let each authority accept; until the last signature is there, the gate is shut."""
        for name in AUTHORITIES:
            standing = self["manufacturer"].take("releasing.standing", number=number)
            assert standing["state"] == "signed"
            assert f"{name}.receipt" in standing["missing"]
            self.loop.accepted(name, self.loop.addressed(name, filings))

    def sql(self, name: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Alter or read a database as its administrator could, past every trigger."""
        home = self[name].home
        url = conninfo.make_conninfo(
            postgres.address(home / "postgres").reveal(),
            user=postgres.SUPERUSER,
            password=(home / "secrets" / "database-superuser-password").read_text().strip(),
        )
        with psycopg.connect(url) as connection:
            connection.execute("SET session_replication_role = replica")
            done = connection.execute(statement, values)
            return done.fetchall() if done.description else []
