"""Several deployments in one process: each has a database, keys and people of its own.

A copy of the tests' database stands for each; ``inside`` lets everything that Django does go there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import psycopg
from django.db import connections
from psycopg import conninfo, sql

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.exchange import identity, peering
from roadworthy.domains.exchange.applying import Here
from roadworthy.domains.exchange.files import Files
from roadworthy.domains.exchange.known import REGISTRY
from roadworthy.domains.filings import ceremony
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations import services
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, Kind, Role
from tests.world import OFFLINE, ONLINE


@dataclass
class Deployment:
    """One organisation's own: the database by its name, the keys, who works there."""

    kind: Kind
    database: str
    platform: Platform
    actors: dict[Role, Actor] = field(default_factory=dict)
    passphrases: dict[Role, str] = field(default_factory=dict)
    identity: identity.Identity | None = None

    @property
    def here(self) -> Here:
        return Here(REGISTRY, self.platform, Files(self.platform))

    @property
    def name(self) -> str:
        return casting.ORGANISATIONS[self.kind][0]

    @contextmanager
    def inside(self) -> Iterator[Deployment]:
        """Let the ORM work with this deployment's database."""
        before = connections["default"]
        alias = connections.create_connection("default")
        alias.settings_dict = {**before.settings_dict, "NAME": self.database}
        connections["default"] = alias
        try:
            yield self
        finally:
            alias.close()
            connections["default"] = before

    def moved(self, database: str, home: Path) -> Deployment:
        """Return a copy of this deployment that lives elsewhere."""
        return replace(
            self,
            database=database,
            platform=Platform.open(home, ONLINE),
            identity=identity.open_identity(home, ONLINE),
            actors=dict(self.actors),
            passphrases=dict(self.passphrases),
        )

    def organisation(self, kind: Kind | None = None) -> Organisation:
        return Organisation.objects.get(slug=casting.ORGANISATIONS[kind or self.kind][0])


def founded(kind: Kind, database: str, folder: Path, *, at: datetime) -> Deployment:
    """Set up the one organisation of a deployment, with its people and their keys."""
    platform = Platform.create(folder, online_passphrase=ONLINE, offline_passphrase=OFFLINE)
    made = Deployment(kind, database, platform)
    slug, name = casting.ORGANISATIONS[kind]
    with made.inside():
        cast = casting.Cast(OFFLINE)
        organisation = services.create_organisation(
            slug=slug,
            kind=kind,
            name=name,
            ddi_tenant=casting.TENANT if kind == Kind.MANUFACTURER else None,
            actor=witnessed(PLATFORM),
            at=at,
        )
        cast.organisation_ids[kind] = organisation.pk
        for part in casting.PARTS:
            if KIND_OF_ROLE[part.role] == kind:
                casting._hire(part, cast, platform, at)
        made.actors, made.passphrases = cast.actors, cast.passphrases
        ceremony.initialise(platform=platform, offline_passphrase=OFFLINE, at=at)
    return made


def introduce(every: Mapping[Kind, Deployment], *, at: datetime) -> None:
    """Let each know the others by their cards, confirmed by a person."""
    cards = {}
    for one in every.values():
        with one.inside():
            url = f"https://{one.name}.example:8443"
            identity.establish(one.platform, name=one.name, url=url, passphrase=ONLINE, at=at)
            one.identity = identity.open_identity(one.platform.home, ONLINE)
            cards[one.kind] = identity.card(one.identity, at=at)
    for one in every.values():
        with one.inside():
            for kind, card in cards.items():
                if kind != one.kind:
                    peer = peering.enter(card, actor=PLATFORM, at=at)
                    peering.confirm(
                        name=peer.name, fingerprint=peer.fingerprint, actor=PLATFORM, at=at
                    )


@contextmanager
def copies(names: Mapping[str, str], server: Mapping[str, object]) -> Iterator[None]:
    """Make databases as copies of others, to which nobody may be connected meanwhile."""
    connections["default"].close()
    address = conninfo.make_conninfo(
        host=str(server["HOST"]), port=str(server["PORT"]), user=str(server["USER"]),
        password=str(server["PASSWORD"]), dbname="postgres",
    )  # fmt: skip
    with psycopg.connect(address, autocommit=True) as connection:
        for name, original in names.items():
            _leave(connection, original)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(original)
                )
            )
        try:
            yield
        finally:
            for name in names:
                _leave(connection, name)
                # Not by force, which may not send away what cleans tables up by itself.
                connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _leave(connection: psycopg.Connection, database: str) -> None:
    """End our own connections to a database."""
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = %s AND usename = current_user",
        [database],
    )
