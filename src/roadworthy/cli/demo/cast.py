"""The people of the demonstration, their organisations and their keys. All invented."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from roadworthy.cli.demo.organisations import KEYS, ORGANISATIONS, TENANT
from roadworthy.domains.filings import ceremony
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, KeyPurpose, Kind, Role


@dataclass(frozen=True, slots=True)
class Part:
    """One person to be."""

    name: str
    email: str
    role: Role

    @property
    def keys(self) -> tuple[KeyPurpose, ...]:
        """Return the purposes of the keys that they hold."""
        return KEYS.get(self.role, ())


PARTS = (
    Part("陈思远", "homologation@starway.example", Role.HOMOLOGATION),
    Part("林若曦", "release@starway.example", Role.RELEASE_ENGINEER),
    Part("周明哲", "compliance@starway.example", Role.COMPLIANCE_OFFICER),
    Part("徐佳宁", "marketing@starway.example", Role.MARKETING),
    Part("何文博", "service@starway.example", Role.AFTER_SALES),
    Part("孙立群", "safety@starway.example", Role.SAFETY),
    Part("马晓东", "recall@starway.example", Role.RECALL),
    Part("高雨晴", "data@starway.example", Role.DATA),
    Part("王静怡", "reviewer@miit.example", Role.MIIT_REVIEWER),
    Part("刘建国", "reviewer@samr.example", Role.SAMR_REVIEWER),
    Part("赵雅文", "tests@clearview.example", Role.TEST_ENGINEER),
)


@dataclass
class Cast:
    """Who is who; passwords and passphrases are made for this run and shown at its end."""

    offline_passphrase: str
    organisation_ids: dict[Kind, int] = field(default_factory=dict)
    actors: dict[Role, Actor] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    passphrases: dict[Role, str] = field(default_factory=dict)
    gateway_token: str = ""
    roles: tuple[str, ...] = ()

    @property
    def manufacturer_id(self) -> int:
        """Return the manufacturer's id."""
        return self.organisation_ids[Kind.MANUFACTURER]


def assemble(platform: Platform, offline_passphrase: str, *, at: datetime) -> Cast:
    """Enter the organisations, hire the people, make their keys and hold the key ceremony."""
    cast = Cast(offline_passphrase)
    by = witnessed(PLATFORM)
    for kind, (slug, name) in ORGANISATIONS.items():
        organisation = organisations.create_organisation(
            slug=slug,
            kind=kind,
            name=name,
            ddi_tenant=TENANT if kind == Kind.MANUFACTURER else None,
            is_demo=True,
            actor=by,
            at=at,
        )
        cast.organisation_ids[kind] = organisation.pk
    for part in PARTS:
        _hire(part, cast, platform, at)
    cast.gateway_token = organisations.set_gateway_token(
        organisation_id=cast.manufacturer_id, actor=by, at=at
    )
    ceremony.initialise(platform=platform, offline_passphrase=offline_passphrase, at=at)
    cast.roles = ceremony.appoint(
        manufacturer_id=cast.manufacturer_id,
        platform=platform,
        offline_passphrase=offline_passphrase,
        at=at,
    )
    return cast


def _hire(part: Part, cast: Cast, platform: Platform, at: datetime) -> None:
    by = witnessed(PLATFORM)
    organisation_id = cast.organisation_ids[KIND_OF_ROLE[part.role]]
    password = f"demo-{secrets.token_urlsafe(9)}"
    user = organisations.hire(
        organisation_id=organisation_id,
        email=part.email,
        name=part.name,
        password=password,
        role=part.role,
        actor=by,
        at=at,
    )
    cast.passwords[part.email] = password
    cast.actors[part.role] = Actor(part.role, user.pk, organisation_id)
    if part.keys:
        cast.passphrases[part.role] = f"key-{secrets.token_urlsafe(9)}"
    for purpose in part.keys:
        organisations.create_key(
            organisation_id=organisation_id,
            holder_id=user.pk,
            purpose=purpose,
            passphrase=cast.passphrases[part.role],
            keystore=platform.keystore,
            actor=by,
            at=at,
        )
