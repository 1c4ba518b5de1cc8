"""A list asks the database the same number of times however long it is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roadworthy.domains.organisations.roles import Role
from tests.portals.town import Town

pytestmark = pytest.mark.django_db
SHELL = 12  # session, person, memberships, navigation, checkpoint
BOUNDS = {
    "/m/": (Role.COMPLIANCE_OFFICER, 16),
    "/m/releases/": (Role.COMPLIANCE_OFFICER, 15),
    "/m/filings/": (Role.HOMOLOGATION, 4),
    "/m/filings/drafts/": (Role.HOMOLOGATION, 4),
    "/m/campaigns/": (Role.COMPLIANCE_OFFICER, 6),
    "/m/obligations/": (Role.COMPLIANCE_OFFICER, 5),
    "/m/approvals/": (Role.HOMOLOGATION, 5),
    "/m/types/": (Role.HOMOLOGATION, 4),
    "/m/vehicles/": (Role.HOMOLOGATION, 5),
    "/m/unknown/": (Role.HOMOLOGATION, 4),
    "/m/log/": (Role.COMPLIANCE_OFFICER, 5),
    "/a/": (Role.MIIT_REVIEWER, 8),
    "/a/decided/": (Role.MIIT_REVIEWER, 8),
    "/a/approvals/": (Role.MIIT_REVIEWER, 5),
}


@pytest.mark.parametrize("address", BOUNDS)
def test_a_list_page_has_a_bound_on_its_queries(town: Town, address: str) -> None:
    role, bound = BOUNDS[address]
    client = town.client(role)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    said = [query["sql"][:110] for query in asked]
    assert len(said) <= SHELL + bound, "\n".join(said)
