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

from roadworthy.config import env
from roadworthy.config.env import Environment
from roadworthy.config.failures import CannotStart
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, KeyPurpose, Kind, Role


@dataclass(frozen=True, slots=True)
class Party:
    """One of the four: its organisation, and the first of its ten ports."""

    name: str  # on the command line
    kind: Kind
    slug: str
    name_zh: str
    name_en: str
    first_port: int
    parts: tuple[str, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return the roles of its people, each taken by one person at first."""
        return tuple(role for role, kind in KIND_OF_ROLE.items() if kind == self.kind)


_PARTS = ("web", "worker", "exchange")
PARTIES: Mapping[str, Party] = {
    party.name: party
    for party in (
        Party(
            name="manufacturer",
            kind=Kind.MANUFACTURER,
            slug="starway",
            name_zh="星途汽车（示例）",
            name_en="Starway Motors (demo)",
            first_port=8000,
            parts=("web", "gateway", "worker", "exchange"),
        ),
        Party(
            name="miit",
            kind=Kind.MIIT,
            slug="miit",
            name_zh="工业和信息化部",
            name_en="MIIT",
            first_port=8100,
            parts=_PARTS,
        ),
        Party(
            name="samr",
            kind=Kind.SAMR,
            slug="samr",
            name_zh="国家市场监督管理总局",
            name_en="SAMR",
            first_port=8200,
            parts=_PARTS,
        ),
        Party(
            name="lab",
            kind=Kind.INSTITUTION,
            slug="clearview",
            name_zh="清源检测（示例）",
            name_en="Clearview Testing (demo)",
            first_port=8300,
            parts=_PARTS,
        ),
    )
}

KEYS: Mapping[Role, tuple[KeyPurpose, ...]] = {
    Role.RELEASE_ENGINEER: (KeyPurpose.RELEASE,),
    Role.MIIT_REVIEWER: (
        *(KeyPurpose.RECEIPT, KeyPurpose.PRODUCT_CHANGE_PERMIT),
        *(KeyPurpose.ACCESS_PERMIT, KeyPurpose.WITNESS),
    ),
    Role.SAMR_REVIEWER: (KeyPurpose.RECEIPT, KeyPurpose.RECALL_PLAN, KeyPurpose.WITNESS),
    Role.TEST_ENGINEER: (KeyPurpose.TEST_REPORT,),
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
