"""What standards ask of the new type and of an older one, and what shows it.

The new type has its reports and lacks one; the older one stands in the transition of several
standards, so a day in the future shows what becomes mandatory for it.
"""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

from roadworthy.cli.demo import testing
from roadworthy.cli.demo.access import APPLIED, CODE
from roadworthy.domains.compliance import gaps, services, watching
from roadworthy.domains.compliance.services import Proof
from roadworthy.domains.compliance.states import EvidenceKind
from roadworthy.domains.documents import services as documents
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reporting
from roadworthy.domains.vehicles import importing, queries
from roadworthy.kernel.canonical import digest

if TYPE_CHECKING:
    from roadworthy.cli.demo.stage import Stage
    from roadworthy.domains.software.models import Report

OLDER = "nissan"  # whose platforms stand for types that were approved before the standards
LEAF = "NISSAN_LEAF"
APPROVED = date(2024, 9, 2)
TESTED = "GB 39732-2020"
STATED = {
    "vehicle_category": "M1",
    "has_ota": True,
    "has_software_update": True,
    "edr_fitted": True,
    "recorder_kind": "none",
    "un_markets": False,
}


def show(stage: Stage) -> None:
    """Bring evidence for both types, state what no approval says, and settle what is left."""
    mine = stage.cast.manufacturer_id
    importing.import_types(
        manufacturer_id=mine,
        brand=OLDER,
        actor=stage.actor(Role.HOMOLOGATION),
        at=stage.days.before(APPLIED),
        approved_on=APPROVED,
    )
    by_code = dict(queries.types(mine).values_list("code", "pk"))
    new, older = by_code[CODE], by_code[LEAF]
    _state(stage, older)
    for type_id, code in ((new, CODE), (older, LEAF)):
        _attach_report(stage, type_id, _report(stage, code))
    _attach_document(stage, new)
    now = stage.days.before(0)
    gaps.settle_all(at=now)
    told = watching.settle_all(at=now)
    stage.narrator.good(
        f"{CODE} and {LEAF}: what binds them, since when, what shows it; {told} notices"
    )
    stage.narrator.see(f"/m/requirements/{new}/")


def _state(stage: Stage, type_id: int) -> None:
    for fact, value in STATED.items():
        services.state(
            type_id=type_id,
            fact=fact,
            value=value,
            source="Demonstration: the older type's own file",
            actor=stage.actor(Role.HOMOLOGATION),
            at=stage.days.before(APPLIED),
        )


def _report(stage: Stage, code: str) -> Report:
    """Let the institution report on the recorder of a type."""
    findings = reporting.Findings(
        number=f"CV-39732-{code}",
        title=f"Event data recorder of {code}",
        standard=TESTED,
        subjects=[reporting.Subject(f"{code} recorder", digest({"type": code}))],
        result=reporting.Result.PASSED,
        tested_on=stage.days.before(APPLIED).date(),
        type_code=code,
    )
    return testing.reported(stage, findings, days=APPLIED)


def _attach_report(stage: Stage, type_id: int, report: Report) -> None:
    for key in ("gb39732-4.1.1", "gb39732-4.1.2"):
        services.attach(
            type_id=type_id,
            requirement_key=key,
            proof=Proof(EvidenceKind.TEST_REPORT, report_id=report.pk),
            actor=stage.actor(Role.HOMOLOGATION),
            at=stage.days.before(APPLIED),
        )


def _attach_document(stage: Stage, type_id: int) -> None:
    """Attach what a colleague still has to confirm."""
    actor = stage.actor(Role.HOMOLOGATION)
    kept = documents.keep(
        organisation_id=stage.cast.manufacturer_id,
        filename="levels.txt",
        content=io.BytesIO("组合驾驶辅助为2级（示例）。Motorway pilot: level 2 (demo).\n".encode()),
        store=stage.platform.documents,
        actor=actor,
        at=stage.days.before(APPLIED),
    )
    services.attach(
        type_id=type_id,
        requirement_key="gbt40429",
        proof=Proof(
            EvidenceKind.DOCUMENT,
            title="Levels of the functions by GB/T 40429",
            document_sha256=kept.sha256,
        ),
        actor=actor,
        at=stage.days.before(APPLIED),
    )
