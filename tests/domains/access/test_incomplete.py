"""What the law finds incomplete is filed only knowingly, and granted only on a condition for it."""

from __future__ import annotations

from datetime import date

import pytest

from roadworthy.domains.access import completeness, preparing, queries, schemas
from roadworthy.domains.access.errors import IncompleteUnconfirmed
from roadworthy.domains.access.granting import Term
from roadworthy.domains.filings import applying, completing
from roadworthy.domains.filings.errors import StillIncomplete
from roadworthy.domains.filings.states import State
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role
from tests import approving
from tests.world import World

DAY = date(2025, 6, 3)
REPORT = "N45-01.access_test_reports_attached"
SPECIFICATION = "N45-01.technical_specification_attached"


def lacking_a_report(world: World):
    application = approving.write(world, approving.begun(world))
    approving.attach(
        world, application, kind="technical-specification", standard="", report=b"specification"
    )
    return application


def file(world: World, application, because: str = ""):
    (filing,) = applying.file(
        manufacturer_id=world.cast.manufacturer_id,
        application_id=application.pk,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
        incomplete_because=because,
    )
    return world.submit(filing)


def test_each_missing_item_is_named_with_its_article(world: World):
    application = approving.write(world, approving.begun(world))
    made = preparing.composed(application, as_of=DAY)
    found = completeness.gaps(completeness.ask(made, schemas.on(DAY), as_of=DAY))
    assert {gap.key for gap in found} == {REPORT, SPECIFICATION}
    (report,) = (gap for gap in found if gap.key == REPORT)
    assert report.title["en"] == "Attach the test reports"
    assert report.citation["instrument"] == "N45"
    assert report.citation["provision"]["zh-hans"] == "二（二）"


def test_an_incomplete_application_is_filed_with_a_reason_or_not_at_all(world: World):
    application = lacking_a_report(world)
    with pytest.raises(IncompleteUnconfirmed) as refused:
        file(world, application, because="  ")
    assert [gap.key for gap in refused.value.data["gaps"]] == [REPORT]
    filing = file(world, application, because="The report is due next week")
    stated = filing.dossier.content["details"]["incomplete"]
    assert stated["reason"] == "The report is due next week"
    assert [one["key"] for one in stated["missing"]] == [REPORT]
    assert [gap.key for gap in completing.gaps(filing)] == [REPORT]


def test_a_complete_application_states_no_reason_even_if_one_was_written(world: World):
    filing = file(world, approving.whole(world), because="not needed")
    assert "incomplete" not in filing.dossier.content["details"]
    assert completing.gaps(filing) == ()


def test_access_is_granted_for_what_is_missing_only_on_a_condition_that_stands_for_it(
    world: World,
):
    filing = file(world, lacking_a_report(world), because="The report is due next week")
    other = Term({"zh-hans": "每季度报告", "en": "Report"}, Role.COMPLIANCE_OFFICER, DAY)
    with pytest.raises(StillIncomplete) as refused:
        approving.accept(world, filing, other)
    assert [gap.key for gap in refused.value.data["gaps"]] == [REPORT]
    filing.refresh_from_db()
    assert (filing.state, filing.receipt) == (State.SUBMITTED, "")
    stands = Term(
        {"zh-hans": "补交检验报告", "en": "The report follows"},
        Role.HOMOLOGATION,
        DAY,
        stands_for=REPORT,
    )
    approving.accept(world, filing, stands)
    approval = queries.approval(world.cast.manufacturer_id, filing.number)
    (condition,) = queries.conditions(approval.pk)
    assert condition.stands_for == REPORT
    entry = ledger.latest_about(f"approval/{approval.number}", 1)[0]
    assert entry.data["conditions"][0]["stands_for"] == REPORT
