"""Applications written by the real services: a whole one, and the approval that follows."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from roadworthy.domains.access import applications, approvals, queries
from roadworthy.domains.access.content import Section
from roadworthy.domains.access.granting import Term
from roadworthy.domains.access.models import Application, Approval, Condition
from roadworthy.domains.access.states import Action, Matter
from roadworthy.domains.campaigns import standing
from roadworthy.domains.documents import services as documents
from roadworthy.domains.filings import applying
from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.trust import dsse
from tests.world import World

CODE = "BETA"
ECU, OLD = "frontCamera", "1.0.0"
FUNCTION = {
    "key": "pilot",
    "name_zh": "高速领航辅助",
    "name_en": "Motorway pilot",
    "level": "2",
    "parking_only": "",
    "conditions": "Motorways, up to 120 km/h, dry or wet",
    "limits": "No construction sites, no snow",
    "safety_response": "Slows to a stop in the lane",
    "driver_monitoring": "Camera and hands on the wheel",
    "primary_version": "3",
    "architecture": "One domain controller",
}
WORKING: dict[Section, dict[str, Any]] = {
    Section.TYPE: {"code": CODE, "name_zh": "贝塔", "name_en": "Beta", "category": "M1"},
    Section.PARAMETERS: {
        "length": "4750 mm",
        "width": "1900",
        "height": "1500",
        "wheelbase": "2850",
        "kerb_mass": "1900",
        "gross_mass": "2400",
        "seats": "5",
        "energy": "electric",
        "top_speed": "180",
        "peak_power": "220.5 kW",
        "assistance_primary_version": "3",
    },
    Section.FUNCTIONS: {"none": "", "rows": [FUNCTION]},
    Section.ECUS: {
        "rows": [
            {
                "name": ECU,
                "address": "18DA60F1",
                "sub_address": "",
                "hardware_id": "camera-a:1",
                "approval_relevant": "yes",
                "versions": OLD,
            }
        ]
    },
    Section.OTA: {
        "capable": "yes",
        "updatable": "yes",
        "systems": "Driver assistance, cluster",
        "preconditions": "Parked, more than 30 % charge",
        "failure_handling": "The previous version is restored",
        "user_notice": "On the screen and in the app",
    },
    Section.RECORDER: {
        "edr": "yes",
        "video_recorder": "no",
        "dssad": "no",
        "assistance_recorder": "no",
    },
    Section.MANAGEMENT: {
        "cybersecurity": "GB 44495",
        "cybersecurity_proof": "Report C-1",
        "update": "SUMS manual 3.1",
        "update_proof": "Report U-1",
    },
}


def write(world: World, application: Application, *only: Section, **sections: Any) -> Application:
    """Save every section, or those named, as a homologation officer does."""
    for section in only or tuple(WORKING):
        application = applications.save(
            application_id=application.pk,
            section=section,
            values=sections.get(str(section), WORKING[section]),
            revision=application.revision,
            actor=world.actor(Role.HOMOLOGATION),
            at=world.tick(),
        )
    return application


def statement(
    world: World, report: bytes, *, predicate: str = dsse.PredicateType.TEST_REPORT
) -> str:
    """Return what the institution signs for a report."""
    institution_id = world.cast.organisation_ids[Kind.INSTITUTION]
    key = organisations.live_key(institution_id, KeyPurpose.TEST_REPORT)
    assert key is not None
    signer = world.platform.keystore.signer(key.keyid, world.passphrase(Role.TEST_ENGINEER))
    subject = dsse.Subject("report.pdf", hashlib.sha256(report).hexdigest())
    return dsse.attest(dsse.Statement((subject,), predicate, {"result": "passed"}), signer).decode()


def attach(
    world: World,
    application: Application,
    *,
    kind: str = "test-report",
    standard: str = "GB 44496",
    report: bytes = b"report",
    envelope: str | None = None,
) -> Any:
    if envelope is None:
        envelope = statement(world, report) if kind == "test-report" else ""
    return applications.attach(
        application_id=application.pk,
        kind=kind,
        title=f"{kind} {standard}".strip(),
        standard=standard,
        filename=f"{kind}.txt",
        content=io.BytesIO(report),
        store=world.platform.documents,
        envelope=envelope,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def begun(world: World, code: str = CODE) -> Application:
    return applications.begin(
        manufacturer_id=world.cast.manufacturer_id,
        code=code,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def whole(world: World, code: str = CODE) -> Application:
    """Return an application that lacks nothing."""
    application = write(world, begun(world, code), type=WORKING[Section.TYPE] | {"code": code})
    attach(world, application)
    attach(
        world,
        application,
        kind="technical-specification",
        standard="",
        report=b"specification",
    )
    return application


def file(world: World, application: Application) -> Filing:
    """Prepare and submit it."""
    (filing,) = applying.file(
        manufacturer_id=world.cast.manufacturer_id,
        application_id=application.pk,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    return world.submit(filing)


def accept(world: World, filing: Filing, *terms: Term) -> Filing:
    return filings.accept(
        filing_id=filing.pk,
        passphrase=world.passphrase(Role.MIIT_REVIEWER),
        platform=world.platform,
        actor=world.actor(Role.MIIT_REVIEWER),
        at=world.tick(),
        terms=terms,
    )


def approved(world: World, *terms: Term, code: str = CODE) -> Approval:
    """Take a whole application to its approval."""
    filing = accept(world, file(world, whole(world, code)), *terms)
    return queries.approval(world.cast.manufacturer_id, filing.number)


def change(
    world: World,
    approval: Approval,
    *,
    matter: Matter = Matter.PRODUCT_CHANGE,
    release: str = "",
    reason: str = "New gearing",
    **sections: Any,
) -> Application:
    """Begin a change of an approval and write the sections that differ."""
    application = applications.begin_change(
        manufacturer_id=world.cast.manufacturer_id,
        number=approval.number,
        matter=matter,
        release_number=release,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )
    named = [Section(name) for name in sections]
    if named:
        merged = {name: application.content[name] | value for name, value in sections.items()}
        application = write(world, application, *named, **merged)
    return applications.give_reason(
        application_id=application.pk,
        reason=reason,
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def move(world: World, approval: Approval, action: Action, reason: str = "Defect 7") -> Approval:
    role = Role.HOMOLOGATION if action == Action.WITHDRAW else Role.MIIT_REVIEWER
    return standing.move(
        number=approval.number,
        action=action,
        reason=reason,
        platform=world.platform,
        actor=world.actor(role),
        at=world.tick(),
    )


def fulfil(world: World, approval: Approval, key: str, document: bytes = b"The plan.") -> Condition:
    """Fulfil a condition with words and a document."""
    actor = world.actor(Role.COMPLIANCE_OFFICER)
    kept = documents.keep(
        organisation_id=world.cast.manufacturer_id,
        filename="plan.txt",
        content=io.BytesIO(document),
        store=world.platform.documents,
        actor=actor,
        at=world.tick(),
    )
    return approvals.fulfil(
        number=approval.number,
        key=key,
        evidence="See the plan",
        document_sha256=kept.sha256,
        actor=actor,
        at=world.tick(),
    )
