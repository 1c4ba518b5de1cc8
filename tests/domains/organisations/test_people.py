"""Work is given to people; another system of the organisation acts, and is none."""

from __future__ import annotations

import pytest

from roadworthy.domains.organisations import clients, queries
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.organisations.scopes import SCOPES_OF_ROLE
from tests.domains.campaigns.conftest import light

__all__ = ["light"]
pytestmark = pytest.mark.django_db


def test_a_system_of_the_organisation_is_not_among_its_people(light):
    officer, mine = light.actor(Role.COMPLIANCE_OFFICER), light.cast.manufacturer_id
    before = {one.user_id for one in queries.people(mine, [Role.HOMOLOGATION])}
    admitted = clients.admit(
        organisation_id=mine,
        name="PLM",
        role=Role.HOMOLOGATION,
        scopes=sorted(SCOPES_OF_ROLE[Role.HOMOLOGATION]),
        actor=officer,
        at=light.tick(),
    )
    people = {one.user_id for one in queries.people(mine, [Role.HOMOLOGATION])}
    assert people == before == {light.actor(Role.HOMOLOGATION).user_id}
    assert admitted.client.account_id not in people
