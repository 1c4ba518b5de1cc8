"""A new vehicle type: applied for section by section, tested, granted on a condition.

Its ECUs and versions are those of a real inventory; everything else about it is invented.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from roadworthy.cli.demo import testing
from roadworthy.cli.demo.stage import DemoFailed, Stage
from roadworthy.domains.access import applications, queries
from roadworthy.domains.access.content import Section
from roadworthy.domains.access.granting import Term
from roadworthy.domains.access.states import Matter
from roadworthy.domains.filings import applying
from roadworthy.domains.filings import services as filings
from roadworthy.domains.organisations.roles import Role
from roadworthy.domains.software import reporting
from roadworthy.domains.vehicles import inventory
from roadworthy.domains.vehicles import queries as vehicles
from roadworthy.kernel.canonical import digest

if TYPE_CHECKING:
    from roadworthy.domains.access.models import Application, Approval
    from roadworthy.domains.software.models import Report

APPLIED = 21  # working days before today
CODE, MODEL = "XT-A1", "TOYOTA_RAV4_TSS2"  # whose ECUs the type has
FUNCTION = {
    "key": "pilot",
    "name_zh": "高速领航辅助",
    "name_en": "Motorway pilot",
    "level": "2",
    "parking_only": "",
    "conditions": "Motorways up to 120 km/h, dry or wet, by day and night",
    "limits": "No construction sites, no snow, no toll stations",
    "safety_response": "Warns, then slows down to a stop in the lane with hazard lights",
    "driver_monitoring": "Camera on the driver's eyes, sensor in the steering wheel",
    "primary_version": "3",
    "architecture": "One domain controller; camera and radar are fused there",
}
PARAMETERS = {
    "length": "4750",
    "width": "1900",
    "height": "1620",
    "wheelbase": "2800",
    "kerb_mass": "1950",
    "gross_mass": "2400",
    "seats": "5",
    "energy": "electric",
    "top_speed": "180",
    "peak_power": "220.5",
    "assistance_primary_version": "3",
}
PLAIN: dict[Section, dict[str, Any]] = {
    Section.TYPE: {
        "code": CODE,
        "name_zh": "星途A1（示例）",
        "name_en": "Starway A1 (demo)",
        "category": "M1",
    },
    Section.PARAMETERS: PARAMETERS,
    Section.FUNCTIONS: {"none": "", "rows": [FUNCTION]},
    Section.OTA: {
        "capable": "yes",
        "updatable": "yes",
        "systems": "Driver assistance, cluster, central gateway",
        "preconditions": "Parked, doors closed, more than 30 % charge",
        "failure_handling": "The previous version is restored; else a safe state holds",
        "user_notice": "On the screen and in the app, before and after",
    },
    Section.RECORDER: {
        "edr": "yes",
        "video_recorder": "no",
        "dssad": "no",
        "assistance_recorder": "yes",
        "locked_collision_overwritten": "no",
        "locked_events_uploaded": "yes",
    },
    Section.MANAGEMENT: {
        "cybersecurity": "CSMS after GB 44495",
        "cybersecurity_proof": "Report CS-2025-11",
        "update": "SUMS after GB 44496, manual 3.1",
        "update_proof": "Report SU-2025-07",
    },
}
VERSIONS = 5  # of each ECU, the first by name
STANDARDS = ("GB 44496", "GB 47955")
TERM = Term(
    {
        "zh-hans": "每季度报告组合驾驶辅助的使用情况和安全事件",
        "en": "Report every quarter on the use of driver assistance and on safety events",
    },
    Role.COMPLIANCE_OFFICER,
    is_public=True,
)


def approve(stage: Stage) -> None:
    """Take the type from the first page of its application to the approval, and begin a change."""
    homologation = stage.actor(Role.HOMOLOGATION)
    application = applications.begin(
        manufacturer_id=stage.cast.manufacturer_id,
        code=CODE,
        actor=homologation,
        at=stage.days.before(APPLIED),
    )
    _write(stage, application, PLAIN | {Section.ECUS: {"rows": _ecus(stage)}})
    for standard in STANDARDS:
        _attach_report(stage, application, _report(stage, standard))
    _attach(stage, application, "technical-specification", "specification.txt", b"Demo text.\n")
    approval = _granted(stage, application)
    _begin_change(stage, approval)
    stage.narrator.good(
        f"{approval.number}: {CODE} is approved on a condition; a product change is being written"
    )
    stage.narrator.see(f"/m/approvals/{approval.number}/")


def _granted(stage: Stage, application: Application) -> Approval:
    homologation, reviewer = stage.actor(Role.HOMOLOGATION), stage.actor(Role.MIIT_REVIEWER)
    (filing,) = applying.file(
        manufacturer_id=stage.cast.manufacturer_id,
        application_id=application.pk,
        actor=homologation,
        at=stage.days.before(APPLIED),
        incomplete_because="",
    )
    filings.submit(filing_id=filing.pk, actor=homologation, at=stage.days.before(APPLIED))
    filings.accept(
        filing_id=filing.pk,
        passphrase=stage.passphrase(Role.MIIT_REVIEWER),
        platform=stage.platform,
        actor=reviewer,
        at=stage.days.before(APPLIED),
        terms=[TERM],
    )
    return queries.approval(stage.cast.manufacturer_id, filing.number)


def _begin_change(stage: Stage, approval: Approval) -> None:
    """Leave a change open: what it compares can be seen, and somebody can go on with it."""
    homologation = stage.actor(Role.HOMOLOGATION)
    change = applications.begin_change(
        manufacturer_id=stage.cast.manufacturer_id,
        number=approval.number,
        matter=Matter.PRODUCT_CHANGE,
        actor=homologation,
        at=stage.days.before(APPLIED),
    )
    _write(stage, change, {Section.PARAMETERS: PARAMETERS | {"top_speed": "170"}})
    applications.give_reason(
        application_id=change.pk,
        reason="Range in winter: the top speed is reduced",
        actor=homologation,
        at=stage.days.before(APPLIED),
    )


def _write(stage: Stage, application: Application, sections: dict[Section, dict[str, Any]]) -> None:
    for section, values in sections.items():
        application = applications.save(
            application_id=application.pk,
            section=section,
            values=values,
            revision=application.revision,
            actor=stage.actor(Role.HOMOLOGATION),
            at=stage.days.before(APPLIED),
        )


def _ecus(stage: Stage) -> list[dict[str, str]]:
    """Return the ECUs of a real platform with the versions that are known on them."""
    mine = stage.cast.manufacturer_id
    model = vehicles.types(mine).filter(code=MODEL).first() or vehicles.types(mine).first()
    if model is None:
        raise DemoFailed("no vehicle type is registered")
    entered = queries.current(model.pk)
    known = {
        (one.hardware_id, one.place): one.ecu_id
        for one in vehicles.ecus_of(mine, model.pk)
        if one.known_versions
    }
    rows = [
        (ecu, known.get((ecu["hardware_id"], inventory.place(ecu["address"], ecu["sub_address"]))))
        for ecu in (entered.content["ecus"] if entered else ())
    ]
    return [
        {
            "name": ecu["name"],
            "address": f"{ecu['address']:X}",
            "sub_address": "" if ecu["sub_address"] is None else f"{ecu['sub_address']:X}",
            "hardware_id": ecu["hardware_id"],
            "approval_relevant": "yes" if ecu["approval_relevant"] else "no",
            "versions": "\n".join(
                one.version for one in vehicles.known_firmware(mine, ecu_id)[:VERSIONS]
            ),
        }
        for ecu, ecu_id in rows
        if ecu_id is not None
    ]


def _report(stage: Stage, standard: str) -> Report:
    """Let the institution write, sign and hand over a report on exactly these parameters."""
    findings = reporting.Findings(
        number=f"CV-{standard.removeprefix('GB ')}",
        title=f"Type test of {CODE}",
        standard=standard,
        subjects=[reporting.Subject(f"{CODE} parameters", digest(dict(PARAMETERS)))],
        result=reporting.Result.PASSED,
        tested_on=stage.days.before(APPLIED).date(),
        type_code=CODE,
    )
    return testing.reported(stage, findings, days=APPLIED)


def _attach_report(stage: Stage, application: Application, report: Report) -> None:
    content = stage.platform.documents.path(report.sha256).read_bytes()
    _attach(
        stage,
        application,
        "test-report",
        report.filename,
        content,
        standard=report.standard,
        envelope=report.envelope,
    )


def _attach(
    stage: Stage,
    application: Application,
    kind: str,
    filename: str,
    content: bytes,
    **more: str,
) -> None:
    applications.attach(
        application_id=application.pk,
        kind=kind,
        title=f"{kind} {more.get('standard', '')}".strip().capitalize(),
        standard=more.pop("standard", ""),
        filename=filename,
        content=io.BytesIO(content),
        store=stage.platform.documents,
        actor=stage.actor(Role.HOMOLOGATION),
        at=stage.days.before(APPLIED),
        **more,
    )
