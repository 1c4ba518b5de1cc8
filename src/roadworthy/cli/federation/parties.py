"""The four organisations that run a deployment of their own, and how each starts unless told.

Each has its own home, database, keys and ports: four fit on one machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from roadworthy.cli.demo import organisations
from roadworthy.config import env
from roadworthy.config.env import Environment
from roadworthy.config.failures import CannotStart
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, KeyPurpose, Kind, Role


@dataclass(frozen=True, slots=True)
class Party:
    """One of the four: its organisation, and the first of its ten ports."""

    name: str  # on the command line
    kind: Kind
    first_port: int
    parts: tuple[str, ...] = ("web", "worker", "exchange")

    @property
    def slug(self) -> str:
        """Return its organisation's short name, unless told."""
        return organisations.ORGANISATIONS[self.kind][0]

    @property
    def name_zh(self) -> str:
        """Return its organisation's name in Chinese, unless told."""
        return organisations.ORGANISATIONS[self.kind][1]["zh-hans"]

    @property
    def name_en(self) -> str:
        """Return its organisation's name in English, unless told."""
        return organisations.ORGANISATIONS[self.kind][1]["en"]

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return the roles of its people, each taken by one person at first."""
        return tuple(role for role, kind in KIND_OF_ROLE.items() if kind == self.kind)


PARTIES: Mapping[str, Party] = {
    party.name: party
    for party in (
        Party("manufacturer", Kind.MANUFACTURER, 8000, ("web", "gateway", "worker", "exchange")),
        Party("miit", Kind.MIIT, 8100),
        Party("samr", Kind.SAMR, 8200),
        Party("lab", Kind.INSTITUTION, 8300),
    )
}

# In one deployment one authority witnesses the log; of several, each witnesses the others'.
KEYS: Mapping[Role, tuple[KeyPurpose, ...]] = {
    **organisations.KEYS,
    Role.MIIT_REVIEWER: (*organisations.KEYS[Role.MIIT_REVIEWER], KeyPurpose.WITNESS),
}

MARK = "deployment.json"  # in a home: whose it is


def environment(party: Party, slug: str | None = None) -> Environment:
    """Read the settings of a party's deployment; what the environment says goes first.

    ``slug`` is the organisation's short name at the first start, and afterwards what it was.

    Raises:
        CannotStart: the home is another party's.
        WrongSettings: some variables are unknown or unusable.
    """
    told = env.load(
        beside=party.name,
        unless_given={
            "ROADWORTHY_WEB_PORT": str(party.first_port),
            "ROADWORTHY_GATEWAY_PORT": str(party.first_port + 10),
            "ROADWORTHY_EXCHANGE_PORT": str(party.first_port + 20),
        },
    )
    return replace(told, name=belongs(told.home, party) or slug or told.name or party.slug)


def is_founded(home: Path) -> bool:
    """Say whether the first start has come to its end."""
    return (home / MARK).exists()


def belongs(home: Path, party: Party) -> str:
    """Return the short name of the organisation whose home this is; empty: nobody's yet.

    Raises:
        CannotStart: it is another party's.
    """
    try:
        said = json.loads((home / MARK).read_text())
    except FileNotFoundError:
        return ""
    if said["as"] != party.name:
        raise CannotStart(
            f"{home} belongs to a deployment of {said['as']}, not of {party.name}. "
            "Set ROADWORTHY_HOME to another place."
        )
    return str(said["organisation"])


def choices(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a first start."""
    for option in (
        click.option(
            "--credentials",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write the passwords and passphrases that are made into this new file, which "
            "only its owner reads, instead of the terminal.",
        ),
        click.option("--mail-host", help="At the first start: host of the people's addresses."),
        click.option("--name-en", help="At the first start: the organisation's name in English."),
        click.option("--name-zh", help="At the first start: the organisation's name in Chinese."),
        click.option("--slug", help="At the first start: the organisation's short name."),
    ):
        command = option(command)
    return command
