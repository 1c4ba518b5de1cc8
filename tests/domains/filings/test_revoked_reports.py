"""A release rests on a test report only as long as its institution stands by it."""

from __future__ import annotations

import pytest

from roadworthy.domains.filings import assessment, completing, reading
from roadworthy.domains.filings.errors import StillIncomplete
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reporting
from roadworthy.domains.software.models import Evidence
from roadworthy.domains.software.services import RevokedEvidence
from tests import approving

pytestmark = pytest.mark.django_db


def revoke(world, report):
    reporting.revoke(
        report_id=report.pk,
        reason="wrong sample",
        actor=world.actor(Role.TEST_ENGINEER),
        at=world.tick(),
    )


def test_a_revoked_report_is_no_verification_material(world):
    release, report = world.draft(image=b"firmware"), world.report(about=b"firmware")
    Evidence.objects.filter(release=release).delete()

    def attached():
        known = assessment.facts(release, at=world.tick(), stated={})
        return known["verification_material_attached"]

    assert attached() is False
    reporting.attach(
        report_id=report.pk,
        release_id=release.pk,
        store=world.platform.documents,
        images=world.platform.images,
        actor=world.actor(Role.RELEASE_ENGINEER),
        at=world.tick(),
    )
    assert attached() is True
    revoke(world, report)
    assert attached() is False


def test_a_report_that_is_revoked_after_the_application_was_filed_is_missing_from_it(world):
    application = approving.write(world, approving.begun(world))
    report = world.report(about=b"firmware")
    document = b"report 1"
    approving.attach(world, application, report=document, envelope=report.envelope)
    approving.attach(
        world, application, kind="technical-specification", standard="", report=b"specification"
    )
    filing = approving.file(world, application)
    assert completing.gaps(filing) == ()
    revoke(world, report)
    (gap,) = completing.gaps(filing)
    assert gap.key == "N45-01.access_test_reports_attached"
    assert reading.revoked_in(filing)[report.sha256].reason == "wrong sample"
    with pytest.raises(StillIncomplete):
        approving.accept(world, filing)
    with pytest.raises(RevokedEvidence):
        approving.attach(world, application, report=document, envelope=report.envelope)
