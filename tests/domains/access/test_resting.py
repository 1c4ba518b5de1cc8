"""An application rests on a report that was handed over, and on none that was taken back."""

from __future__ import annotations

import pytest

from roadworthy.domains.access import completeness, preparing, queries, resting, schemas
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reporting
from roadworthy.domains.software.reporting import ReportRevoked
from roadworthy.domains.software.reports import NoSuchReport
from tests import approving
from tests.world import START, World


def rest(world: World, application, report):
    return resting.rest_on(
        application_id=application.pk,
        report_id=report.pk,
        images=world.platform.images,
        store=world.platform.documents,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def test_a_report_goes_in_with_its_institutions_statement(world: World) -> None:
    application, report = approving.begun(world), world.report()
    assert [one.pk for one in queries.applications_for(report)] == [application.pk]
    attached = rest(world, application, report)
    assert (attached.kind, attached.sha256) == ("test-report", report.sha256)
    assert attached.institution_id == report.institution_id
    assert not queries.applications_for(report).exists()


def test_a_report_that_is_not_handed_over_or_was_revoked_bears_nothing(world: World) -> None:
    application = approving.begun(world)
    with pytest.raises(NoSuchReport):
        rest(world, application, world.report(until="signed"))
    report = world.report()
    reporting.revoke(
        report_id=report.pk,
        reason="Wrong rig",
        actor=world.actor(Role.TEST_ENGINEER),
        at=world.tick(),
    )
    with pytest.raises(ReportRevoked):
        rest(world, application, report)


def test_a_standard_counts_with_the_year_of_its_edition(world: World) -> None:
    application = approving.whole(world)
    approving.attach(world, application, standard="GB 47955-2026", report=b"another")
    made = preparing.composed(application, as_of=START.date())
    stated = completeness.facts(made, schemas.on(START.date()), as_of=START.date())
    assert stated["gb47955_report"] is True
    assert stated["gb44721_report"] is False
