"""What the institution does: it writes a report, signs it and hands it over."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software import reporting

if TYPE_CHECKING:
    from roadworthy.cli.demo.stage import Stage
    from roadworthy.domains.software.models import Report
    from roadworthy.domains.software.reporting import Findings


def reported(stage: Stage, findings: Findings, *, days: int) -> Report:
    """Let the institution report its findings, that many working days before today."""
    engineer = stage.actor(Role.TEST_ENGINEER)
    report = reporting.enter(
        institution_id=stage.cast.organisation_ids[Kind.INSTITUTION],
        manufacturer_id=stage.cast.manufacturer_id,
        findings=findings,
        filename=f"{findings.number}.txt",
        content=io.BytesIO(f"{findings.standard}: {findings.type_code} passed. Demo.\n".encode()),
        store=stage.platform.documents,
        actor=engineer,
        at=stage.days.before(days),
    )
    reporting.sign(
        report_id=report.pk,
        passphrase=stage.passphrase(Role.TEST_ENGINEER),
        keystore=stage.platform.keystore,
        actor=engineer,
        at=stage.days.before(days),
    )
    return reporting.hand_over(report_id=report.pk, actor=engineer, at=stage.days.before(days))
