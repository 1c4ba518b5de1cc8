"""The same small world as for campaigns, and a manufacturer with duties and two people."""

import pytest

from roadworthy.domains.organisations import services as organisations
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.worklists import duties
from tests.domains.campaigns.conftest import light, stranger
from tests.world import START

__all__ = ["light", "stranger"]


@pytest.fixture
def maker(light):
    """The small world with the duties of its type, and a second homologation officer."""
    duties.schedule(manufacturer_id=light.cast.manufacturer_id, at=light.tick())
    second = organisations.hire(
        organisation_id=light.cast.manufacturer_id,
        email="second@maker.example",
        name="Second",
        password="long enough for a test",
        role=Role.HOMOLOGATION,
        actor=witnessed(PLATFORM),
        at=START,
    )
    light.second = Actor(Role.HOMOLOGATION, second.pk, light.cast.manufacturer_id)
    return light
