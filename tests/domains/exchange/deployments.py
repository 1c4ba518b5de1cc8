"""Several deployments in one process: each has a database, keys and people of its own.

A copy of the tests' database stands for each; ``inside`` lets everything that Django does go there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from django.db import connections
from psycopg import conninfo, sql

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.filings import ceremony
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations import remote, services
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

    def organisation(self, kind: Kind | None = None) -> Organisation:
        return Organisation.objects.get(slug=casting.ORGANISATIONS[kind or self.kind][0])


def founded(kind: Kind, database: str, folder: Path, *, at: datetime) -> Deployment:
    """Set up the one organisation of a deployment, with its people and their keys."""
    platform = Platform.create(folder / kind, online_passphrase=ONLINE, offline_passphrase=OFFLINE)
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
    """Let each know the others and their keys, confirmed by a person."""
    by = witnessed(PLATFORM)
    for one in every.values():
        for other in every.values():
            if one is other:
                continue
            with other.inside():
                keys = remote.published(other.organisation().pk)
            slug, name = casting.ORGANISATIONS[other.kind]
            with one.inside():
                _enter(other.kind, slug, name, keys, by, at)


def _enter(kind, slug, name, keys, by, at):
    from django.db import transaction

    with transaction.atomic():
        organisation = remote.enter(
            slug=slug, kind=kind, name=name, deployment=slug, actor=by, at=at
        )
        waiting = remote.announce(organisation_id=organisation.pk, keys=keys, actor=by, at=at)
    for key in waiting:
        remote.confirm(keyid=key.keyid, actor=by, at=at)


@contextmanager
def copies(names: Mapping[Kind, str], template: Mapping[str, object]) -> Iterator[None]:
    """Copy the tests' database for each; nobody may look at it meanwhile."""
    connections["default"].close()
    server = conninfo.make_conninfo(
        host=str(template["HOST"]), port=str(template["PORT"]), user=str(template["USER"]),
        password=str(template["PASSWORD"]), dbname="postgres",
    )  # fmt: skip
    original = sql.Identifier(str(template["NAME"]))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [template["NAME"]],
        )
        for name in names.values():
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), original)
            )
        try:
            yield
        finally:
            for name in names.values():
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                connection.execute(drop)
