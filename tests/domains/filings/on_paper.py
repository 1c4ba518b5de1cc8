"""A world in which MIIT answers on paper and SAMR has joined; and the officer's steps in it."""

from __future__ import annotations

import hashlib
import io
from datetime import date, datetime
from typing import Any

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.documents import services as documents
from roadworthy.domains.filings import attesting, ceremony, gate, services
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.filings.states import State
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import IN_PLACE_OF, KIND_OF_ROLE, Kind, Role
from roadworthy.domains.software.models import Release
from tests.world import OFFLINE, START, World

REFERENCE, DAY = "工信备〔2025〕0417号", date(2025, 6, 3)
PAPER = b"filing notice of the ministry"


def assemble(platform: Platform, at: datetime = START) -> World:
    """Do what the demonstration's ``assemble`` does, with an attested MIIT and keys to attest."""
    cast, by = casting.Cast(OFFLINE), witnessed(PLATFORM)
    for kind, (slug, name) in casting.ORGANISATIONS.items():
        made = organisations.create_organisation(
            slug=slug,
            kind=kind,
            name=name,
            ddi_tenant=casting.TENANT if kind == Kind.MANUFACTURER else None,
            is_attested=kind == Kind.MIIT,
            actor=by,
            at=at,
        )
        cast.organisation_ids[kind] = made.pk
    for part in casting.PARTS:
        if KIND_OF_ROLE[part.role] != Kind.MIIT:
            casting._hire(part, cast, platform, at)
    world = World(platform, cast, now=at)
    cast.passphrases[Role.COMPLIANCE_OFFICER] = "the officer's own passphrase"
    for purpose, place in IN_PLACE_OF.items():
        if place == Kind.MIIT:
            attesting_key(world, purpose)
    ceremony.initialise(platform=platform, offline_passphrase=OFFLINE, at=at)
    appoint(world)
    world.add_type()
    return world


def attesting_key(world: World, purpose: Any, actor: Actor | None = None) -> None:
    officer = actor or world.actor(Role.COMPLIANCE_OFFICER)
    organisations.create_key(
        organisation_id=world.cast.manufacturer_id,
        holder_id=officer.person_id,
        purpose=purpose,
        passphrase=world.passphrase(Role.COMPLIANCE_OFFICER),
        keystore=world.platform.keystore,
        actor=witnessed(PLATFORM),
        at=world.tick(),
    )


def appoint(world: World) -> tuple[str, ...]:
    return ceremony.appoint(
        manufacturer_id=world.cast.manufacturer_id,
        platform=world.platform,
        offline_passphrase=OFFLINE,
        at=world.tick(),
    )


def colleague(world: World, *roles: Role, email: str = "second@starway.example") -> Actor:
    """Hire one more person of the manufacturer, who acts in the last of the roles."""
    by, mine = witnessed(PLATFORM), world.cast.manufacturer_id
    user = organisations.hire(
        organisation_id=mine,
        email=email,
        name="Second",
        password="a long enough passphrase",
        role=roles[0],
        actor=by,
        at=world.tick(),
    )
    for role in roles[1:]:
        organisations.add_member(
            organisation_id=mine, user_id=user.pk, role=role, actor=by, at=world.tick()
        )
    return Actor(roles[-1], user.pk, mine)


def paper(world: World) -> str:
    """Keep the authority's paper among the manufacturer's documents; return its digest."""
    kept = documents.keep(
        organisation_id=world.cast.manufacturer_id,
        filename="notice.txt",
        content=io.BytesIO(PAPER),
        store=world.platform.documents,
        actor=world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
    )
    assert kept.sha256 == hashlib.sha256(PAPER).hexdigest()
    return kept.sha256


def enter(world: World, filing: Filing, actor: Actor | None = None, **said: Any) -> Filing:
    passphrase = said.pop("passphrase", world.passphrase(Role.COMPLIANCE_OFFICER))
    answer = attesting.Answer(
        **{
            "decision": State.ACCEPTED,
            "reference": REFERENCE,
            "reference_on": DAY,
            "document_sha256": said.pop("document_sha256", None) or paper(world),
        }
        | said
    )
    return attesting.answer(
        filing_id=filing.pk,
        answer=answer,
        passphrase=passphrase,
        platform=world.platform,
        actor=actor or world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
    )


def through(world: World, kind: FilingKind, release: Release | None = None) -> None:
    """Hand a filing in to both: MIIT's answer is entered, SAMR signs its own."""
    miit, samr = world.drafts(kind, release) or world.prepare(kind, release)
    enter(world, world.submit(miit))
    world.accept(world.submit(samr))


def answered(world: World, **answers: Any) -> Release:
    """Bring a release to where MIIT's answer about it is entered and nobody has signed yet."""
    through(world, FilingKind.CAPABILITY)
    through(world, FilingKind.TYPE)
    release = world.frozen(**answers)
    miit, _ = world.prepare(FilingKind.ACTIVITY, release)
    enter(world, world.submit(miit))
    return release


def sign(world: World, release: Release) -> Release:
    gate.sign(
        release_id=release.pk,
        passphrase=world.passphrase(Role.RELEASE_ENGINEER),
        platform=world.platform,
        actor=world.actor(Role.RELEASE_ENGINEER),
        at=world.tick(),
    )
    release.refresh_from_db()
    return release


def sign_for_miit(world: World, release: Release, actor: Actor | None = None) -> Release:
    filing = Filing.objects.get(dossier__release=release, authority__kind=Kind.MIIT)
    services.countersign(
        filing_id=filing.pk,
        passphrase=world.passphrase(Role.COMPLIANCE_OFFICER),
        platform=world.platform,
        actor=actor or world.actor(Role.COMPLIANCE_OFFICER),
        at=world.tick(),
    )
    release.refresh_from_db()
    return release
