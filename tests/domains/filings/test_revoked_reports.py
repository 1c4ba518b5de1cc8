"""A release rests on a test report only as long as its institution stands by it."""

from __future__ import annotations

import pytest

from roadworthy.domains.filings import assessment
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reporting
from roadworthy.domains.software.models import Evidence

pytestmark = pytest.mark.django_db


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
        images=world.platform.images,
        actor=world.actor(Role.RELEASE_ENGINEER),
        at=world.tick(),
    )
    assert attached() is True
    reporting.revoke(
        report_id=report.pk,
        reason="wrong sample",
        actor=world.actor(Role.TEST_ENGINEER),
        at=world.tick(),
    )
    assert attached() is False
