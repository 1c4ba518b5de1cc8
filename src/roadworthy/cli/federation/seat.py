"""Whoever acts in one deployment: its people, their passphrases, its platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roadworthy import stores
from roadworthy.cli.federation.parties import PARTIES, Party, belongs
from roadworthy.config import env
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations import queries
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.organisations.services import NoSuchOrganisation
from roadworthy.vehicle.fleet import Fleet


@dataclass
class Seat:
    """One deployment's people at work; grows from step to step."""

    party: Party
    organisation_id: int
    slug: str
    offline_passphrase: str
    actors: Mapping[Role, Actor]
    passphrases: Mapping[Role, str]
    gateway_url: str
    web_url: str
    # What the manufacturer's steps remember: vehicles, the fleet that drives, owners' links.
    vehicles: list[Any] = field(default_factory=list)
    fleet: Fleet | None = None
    links: dict[int, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """Return the deployment's home."""
        return stores.home()

    @property
    def platform(self) -> Platform:
        """Return the platform with its online keys open."""
        return stores.platform()

    @property
    def work(self) -> Path:
        """Return a folder for files that are made on the way."""
        folder = self.home / "demo"
        folder.mkdir(exist_ok=True)
        return folder

    def actor(self, role: Role) -> Actor:
        """Return the person who has that role."""
        return self.actors[role]

    def passphrase(self, role: Role) -> str:
        """Return what opens that person's keys."""
        return self.passphrases[role]


def now() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)


def take(credentials: Mapping[str, Any], *, party: str) -> Seat:
    """Sit down with what the first start handed out."""
    slug = belongs(stores.home(), PARTIES[party])
    own = queries.by_slug(slug)
    if own is None:
        raise NoSuchOrganisation
    told = env.load()
    people = credentials["people"]
    return Seat(
        party=PARTIES[party],
        organisation_id=own.pk,
        slug=slug,
        offline_passphrase=credentials["offline_passphrase"],
        actors={Role(one["role"]): queries.actor_of(one["email"]) for one in people},
        passphrases={Role(one["role"]): one["passphrase"] for one in people},
        gateway_url=told.gateway_address,
        web_url=told.public_url,
    )
