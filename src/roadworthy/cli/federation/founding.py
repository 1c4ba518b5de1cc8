"""The first start of an organisation's deployment: its keys, itself, its first people.

* Passwords and passphrases are made here, handed out once, and kept nowhere.
* Begun and interrupted, it goes on where it stopped: keys that nothing was signed with are made
  anew, and people come in one transaction or not at all.
* A home belongs to one organisation for good.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from roadworthy import stores
from roadworthy.cli.demo.organisations import TENANT
from roadworthy.cli.federation.parties import KEYS, MARK, Party, belongs
from roadworthy.domains.campaigns import services as campaigns
from roadworthy.domains.exchange import identity
from roadworthy.domains.filings import ceremony
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations import queries, services
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Kind, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; ``passphrase`` opens their keys and is empty without one."""

    email: str
    role: str
    password: str
    passphrase: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """How the organisation is entered."""

    slug: str
    name_zh: str
    name_en: str
    mail_host: str  # of the first people's addresses

    @classmethod
    def of(cls, party: Party, **given: str | None) -> Choices:
        """Return what was given, and the party's own for the rest."""
        slug = given.get("slug") or party.slug
        return cls(
            slug=slug,
            name_zh=given.get("name_zh") or party.name_zh,
            name_en=given.get("name_en") or party.name_en,
            mail_host=given.get("mail_host") or f"{slug}.example",
        )


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was made at the first start, or a part of it; shown once."""

    offline_passphrase: str = ""
    gateway_token: str = ""  # a manufacturer's, for its vehicles
    people: tuple[Person, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what there is, for a file that only its owner reads."""
        return {name: value for name, value in asdict(self).items() if value}


def keys(home: Path, *, at: datetime) -> str:
    """Make the platform's keys and first metadata; return the offline keys' passphrase.

    Empty: they are there already.
    """
    if ceremony.is_initialised():
        return ""
    (home / "keys" / "platform.json").unlink(missing_ok=True)  # of a start that was cut short
    passphrase = secrets.token_urlsafe(18)
    platform = Platform.create(
        home, online_passphrase=stores.online_passphrase(), offline_passphrase=passphrase
    )
    ceremony.initialise(platform=platform, offline_passphrase=passphrase, at=at)
    return passphrase


def people(party: Party, choices: Choices, *, at: datetime) -> tuple[Person, ...]:
    """Enter the organisation with one person for each role; empty: it is there already."""
    if queries.by_slug(choices.slug) is not None:
        return ()
    return _entered(party, choices, at)


def gateway_token(party: Party, slug: str, *, at: datetime) -> str:
    """Make the token of a manufacturer's vehicles, if it has none; else return nothing."""
    own = queries.by_slug(slug)
    if party.kind != Kind.MANUFACTURER or own is None or own.gateway_token_sha256:
        return ""
    token = services.set_gateway_token(organisation_id=own.pk, actor=witnessed(PLATFORM), at=at)
    campaigns.publish_tenant(manufacturer_id=own.pk)
    return token


@transaction.atomic(durable=True)
def _entered(party: Party, choices: Choices, at: datetime) -> tuple[Person, ...]:
    organisation = services.create_organisation(
        slug=choices.slug,
        kind=party.kind,
        name={"zh-hans": choices.name_zh, "en": choices.name_en},
        ddi_tenant=TENANT if party.kind == Kind.MANUFACTURER else None,
        is_demo=choices.slug == party.slug and party.kind in _INVENTED,
        actor=witnessed(PLATFORM),
        at=at,
    )
    return tuple(_hired(organisation.pk, role, choices.mail_host, at) for role in party.roles)


_INVENTED: frozenset[Kind] = frozenset({Kind.MANUFACTURER, Kind.INSTITUTION})


def _hired(organisation_id: int, role: Role, mail_host: str, at: datetime) -> Person:
    person = Person(
        email=f"{role}@{mail_host}",
        role=role,
        password=secrets.token_urlsafe(12),
        passphrase=secrets.token_urlsafe(12) if role in KEYS else "",
        keys=tuple(KEYS.get(role, ())),
    )
    by = witnessed(PLATFORM)
    user = services.hire(
        organisation_id=organisation_id,
        email=person.email,
        name=person.role,
        password=person.password,
        role=role,
        actor=by,
        at=at,
    )
    for purpose in KEYS.get(role, ()):
        services.create_key(
            organisation_id=organisation_id,
            holder_id=user.pk,
            purpose=purpose,
            passphrase=person.passphrase,
            keystore=stores.keystore(),
            actor=by,
            at=at,
        )
    return person


def take_part(slug: str, *, url: str, at: datetime) -> None:
    """Make the keys by which this deployment speaks to others; note a new address."""
    identity.establish(
        stores.platform(), name=slug, url=url, passphrase=stores.online_passphrase(), at=at
    )


def found(
    home: Path, party: Party, choices: Choices, *, url: str, at: datetime
) -> Iterator[Credentials]:
    """Do what is not done yet; yield what somebody has to know as soon as it counts.

    ``url`` is where other deployments reach this one.
    """
    slug = belongs(home, party)
    if slug:
        choices = replace(choices, slug=slug)
    if passphrase := keys(home, at=at):
        yield Credentials(offline_passphrase=passphrase)
    if hired := people(party, choices, at=at):
        yield Credentials(people=hired)
    if token := gateway_token(party, choices.slug, at=at):
        yield Credentials(gateway_token=token)
    take_part(choices.slug, url=url, at=at)
    mark = {"as": party.name, "organisation": choices.slug}
    (home / MARK).write_text(json.dumps(mark) + "\n")
