"""A world without keys and filings, for what does not depend on how a release got out.

``test_campaign_loop.py`` takes the whole way, with the real gate; here the release is put where
the gate would have put it, inside a transaction that is rolled back.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import KIND_OF_ROLE, Kind, Role
from roadworthy.domains.software.images import ImageStore
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State
from tests.world import START, World


class LightWorld(World):
    def attach_report(self, release: Release) -> None:
        """Nobody here asks for it."""

    def released(self, **answers: Any) -> Release:
        release = self.frozen(**answers)
        Release.objects.filter(pk=release.pk).update(state=State.RELEASED)
        release.refresh_from_db()
        return release


def people(kind: Kind, slug: str, tenant: str | None) -> tuple[int, dict[Role, Actor]]:
    """Enter an organisation with one person in each of its roles."""
    by = witnessed(PLATFORM)
    organisation = organisations.create_organisation(
        slug=slug,
        kind=kind,
        name={"zh-hans": slug, "en": slug},
        ddi_tenant=tenant,
        actor=by,
        at=START,
    )
    actors = {}
    for role, of in KIND_OF_ROLE.items():
        if of == kind:
            user = organisations.hire(
                organisation_id=organisation.pk,
                email=f"{role}@{slug}.example",
                name=role,
                password="long enough for a test",
                role=role,
                actor=by,
                at=START,
            )
            actors[role] = Actor(role, user.pk, organisation.pk)
    return organisation.pk, actors


def built(images: Path) -> LightWorld:
    cast = casting.Cast("")
    cast.organisation_ids[Kind.MANUFACTURER], cast.actors = people(
        Kind.MANUFACTURER, "maker", "MAKER"
    )
    world = LightWorld(SimpleNamespace(images=ImageStore(images)), cast)
    world.add_type()
    return world


@pytest.fixture
def light(db: None, tmp_path: Path) -> LightWorld:
    return built(tmp_path)


@pytest.fixture
def stranger(light: LightWorld) -> dict[Role, Actor]:
    """The people of another manufacturer."""
    return people(Kind.MANUFACTURER, "other", "OTHER")[1]
