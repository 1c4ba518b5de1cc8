"""A list asks the database the same number of times however long it is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from roadworthy.domains.organisations.roles import Role
from tests.portals.crowd import crowd
from tests.portals.town import Town

pytestmark = pytest.mark.django_db
SHELL = 12  # session, person, memberships, navigation, checkpoint
BOUNDS = {
    "/m/figures/": (Role.COMPLIANCE_OFFICER, 2),
    "/a/figures/": (Role.MIIT_REVIEWER, 3),
    "/p/figures/": (Role.MIIT_REVIEWER, 3),
    "/m/": (Role.COMPLIANCE_OFFICER, 40),
    "/m/agenda/": (Role.HOMOLOGATION, 21),
    "/m/agenda/?whose=all": (Role.HOMOLOGATION, 21),
    "/m/calendar/": (Role.HOMOLOGATION, 23),
    "/a/agenda/": (Role.MIIT_REVIEWER, 6),
    "/a/calendar/": (Role.MIIT_REVIEWER, 6),
    "/m/releases/": (Role.COMPLIANCE_OFFICER, 15),
    "/m/filings/": (Role.HOMOLOGATION, 4),
    "/m/filings/drafts/": (Role.HOMOLOGATION, 4),
    "/m/campaigns/": (Role.COMPLIANCE_OFFICER, 6),
    "/m/obligations/": (Role.COMPLIANCE_OFFICER, 5),
    "/m/approvals/": (Role.HOMOLOGATION, 5),
    "/m/types/": (Role.HOMOLOGATION, 4),
    "/m/vehicles/": (Role.HOMOLOGATION, 5),
    "/m/unknown/": (Role.HOMOLOGATION, 6),
    "/m/conformity/": (Role.HOMOLOGATION, 4),
    "/m/log/": (Role.COMPLIANCE_OFFICER, 5),
    "/m/functions/": (Role.MARKETING, 6),
    "/m/texts/": (Role.MARKETING, 6),
    "/m/requirements/": (Role.HOMOLOGATION, 7),
    "/m/evidence/": (Role.HOMOLOGATION, 5),
    "/m/standards/notices/": (Role.HOMOLOGATION, 5),
    "/m/data/": (Role.DATA, 9),
    "/m/data/flows/": (Role.DATA, 6),
    "/m/data/exports/": (Role.DATA, 10),
    "/m/data/rights/": (Role.DATA, 8),
    "/m/data/breaches/": (Role.DATA, 8),
    "/m/complaints/": (Role.AFTER_SALES, 7),
    "/m/defects/": (Role.SAFETY, 5),
    "/m/defects/sites/": (Role.RECALL, 4),
    "/m/recalls/": (Role.RECALL, 4),
    "/m/signals/": (Role.AFTER_SALES, 5),
    "/m/signals/?by=version": (Role.AFTER_SALES, 5),
    "/m/signals/reports/": (Role.SAFETY, 8),
    "/m/signals/alarms/": (Role.SAFETY, 6),
    "/m/surveillance/": (Role.SAFETY, 6),
    "/m/incidents/": (Role.SAFETY, 8),
    "/a/incidents/": (Role.MIIT_REVIEWER, 6),
    "/m/remedies/": (Role.RECALL, 5),
    "/m/producer/": (Role.RECALL, 4),
    "/p/recalls/": (Role.SAMR_REVIEWER, 5),
    "/p/standards/": (Role.SAMR_REVIEWER, 5),
    "/m/standards/": (Role.HOMOLOGATION, 5),
    "/a/standards/": (Role.MIIT_REVIEWER, 5),
    "/a/texts/": (Role.SAMR_REVIEWER, 8),
    "/a/reports/": (Role.SAMR_REVIEWER, 6),
    "/a/complaints/": (Role.SAMR_REVIEWER, 8),
    "/m/reports/": (Role.HOMOLOGATION, 4),
    "/m/clients/": (Role.COMPLIANCE_OFFICER, 4),
    "/m/exchange/": (Role.COMPLIANCE_OFFICER, 12),
    "/m/exchange/letters/": (Role.COMPLIANCE_OFFICER, 8),
    "/t/": (Role.TEST_ENGINEER, 4),
    "/t/clients/": (Role.TEST_ENGINEER, 4),
    "/a/": (Role.MIIT_REVIEWER, 8),
    "/a/decided/": (Role.MIIT_REVIEWER, 8),
    "/m/filings/?search=更新": (Role.HOMOLOGATION, 5),
    "/a/?search=更新": (Role.MIIT_REVIEWER, 9),
    "/a/cases/": (Role.MIIT_REVIEWER, 4),
    "/a/cases/{type}/": (Role.SAMR_REVIEWER, 9),
    "/a/recalls/": (Role.SAMR_REVIEWER, 5),
    "/a/recalls/?view=elsewhere": (Role.SAMR_REVIEWER, 5),
    "/a/recall-notices/": (Role.SAMR_REVIEWER, 5),
    "/a/cases/looks/": (Role.SAMR_REVIEWER, 6),
    "/a/countersign/": (Role.MIIT_REVIEWER, 8),
    "/a/findings/": (Role.SAMR_REVIEWER, 5),
    "/a/types/": (Role.MIIT_REVIEWER, 4),
    "/a/conformity/": (Role.MIIT_REVIEWER, 4),
    "/a/approvals/": (Role.MIIT_REVIEWER, 5),
}


@pytest.fixture(scope="module")
def crowded(town: Town, django_db_blocker) -> Town:
    """The town with more of everything than a page shows."""
    with django_db_blocker.unblock():
        crowd(town, manufacturers=4, filings=600, vehicles=60)
    return town


@pytest.mark.parametrize("address", BOUNDS)
def test_a_list_page_has_a_bound_on_its_queries(crowded: Town, address: str) -> None:
    role, bound = BOUNDS[address]
    client = crowded.client(role)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address.format(type=crowded.world.type_id)).status_code == 200
    said = [query["sql"][:110] for query in asked]
    assert len(said) <= SHELL + bound, "\n".join(said)
