"""A type with the ECUs of a real car, its requirements, and evidence, all by the real services."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from roadworthy.domains.access import queries
from roadworthy.domains.access.content import Section
from roadworthy.domains.compliance import catalogue, services
from roadworthy.domains.compliance.models import Evidence
from roadworthy.domains.compliance.services import Proof
from roadworthy.domains.compliance.states import EvidenceKind
from roadworthy.domains.documents import services as documents
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.domains.software import reporting
from roadworthy.domains.software.models import Report
from roadworthy.domains.standards import bundle, importing
from roadworthy.domains.standards import services as standards
from roadworthy.domains.standards.models import Standard
from roadworthy.domains.standards.rows import ForAll
from roadworthy.domains.vehicles import inventory
from tests import approving
from tests.world import World

BRAND, PLATFORM_NAME = "toyota", "TOYOTA_RAV4_TSS2"
CODE = "XT-A1"


def ecus(brand: str = BRAND, name: str = PLATFORM_NAME) -> list[dict[str, str]]:
    """Return the ECUs of a platform of opendbc as an application types them."""
    (platform,) = (one for one in inventory.carried().of_brand(brand) if one.name == name)
    return [
        {
            "name": slot.ecu,
            "address": f"{slot.address:X}",
            "sub_address": "" if slot.sub_address is None else f"{slot.sub_address:X}",
            "hardware_id": f"{brand}-{slot.ecu}:{slot.place}",
            "approval_relevant": "yes",
            "versions": "\n".join(one.version for one in slot.firmware[:3]),
        }
        for slot in platform.slots
    ]


def approved_type(world: World, code: str = CODE, **sections: Any) -> int:
    """Take a type with real ECUs from its application to its approval; return its id."""
    typed = approving.WORKING[Section.TYPE] | {"code": code}
    application = approving.write(
        world,
        approving.begun(world, code),
        **({"type": typed, "ecus": {"rows": ecus()}} | sections),
    )
    approving.attach(world, application)
    approving.attach(
        world, application, kind="technical-specification", standard="", report=b"specification"
    )
    filing = approving.accept(world, approving.file(world, application))
    return queries.approval(world.cast.manufacturer_id, filing.number).type_id


def seed(world: World) -> None:
    """Load the bundled catalogue, and the requirements under its standards."""
    bundle.load(at=world.tick())
    catalogue.load(actor=witnessed(PLATFORM), at=world.tick())


def report(world: World, standard: str, *, code: str = CODE, **more: Any) -> Report:
    """Let the institution test, sign and hand over; ``more`` are others of its findings."""
    engineer = world.actor(Role.TEST_ENGINEER)
    number = more.pop("number", f"T-{standard}-{world.tick():%H%M}")
    found = reporting.enter(
        institution_id=world.cast.organisation_ids[Kind.INSTITUTION],
        manufacturer_id=world.cast.manufacturer_id,
        findings=reporting.Findings(
            number=number,
            title=f"Type test of {code}",
            standard=standard,
            subjects=[reporting.Subject(code, "a" * 64)],
            result=more.pop("result", reporting.Result.PASSED),
            tested_on=more.pop("tested_on", date(2025, 6, 2)),
            type_code=code,
        ),
        filename=f"{number}.txt".replace("/", "-"),
        content=io.BytesIO(f"report {number}".encode()),
        store=world.platform.documents,
        actor=engineer,
        at=world.tick(),
    )
    reporting.sign(
        report_id=found.pk,
        passphrase=world.passphrase(Role.TEST_ENGINEER),
        keystore=world.platform.keystore,
        actor=engineer,
        at=world.tick(),
    )
    return reporting.hand_over(report_id=found.pk, actor=engineer, at=world.tick())


def attach_report(
    world: World, type_id: int, key: str, found: Report, until: date | None = None
) -> Evidence:
    """Attach a signed report to a requirement."""
    return services.attach(
        type_id=type_id,
        requirement_key=key,
        proof=Proof(EvidenceKind.TEST_REPORT, report_id=found.pk, valid_until=until),
        actor=world.actor(Role.HOMOLOGATION),
        at=world.tick(),
    )


def attach_document(
    world: World, type_id: int, key: str, content: bytes = b"Manual.", **more: Any
) -> Evidence:
    """Hand in a document and attach it; nobody has confirmed it yet."""
    actor = world.actor(Role.HOMOLOGATION)
    kept = documents.keep(
        organisation_id=world.cast.manufacturer_id,
        filename="manual.txt",
        content=io.BytesIO(content),
        store=world.platform.documents,
        actor=actor,
        at=world.tick(),
    )
    proof = Proof(EvidenceKind.DOCUMENT, document_sha256=kept.sha256, **more)
    return services.attach(
        type_id=type_id, requirement_key=key, proof=proof, actor=actor, at=world.tick()
    )


def own_standards(world: World) -> tuple[int, str, int, int]:
    """Take in a list of the manufacturer's own standards, with a bad row, and analyse another.

    Returns the entry, the digest of the file, the run, and the standard that was analysed.
    """
    actor = world.actor(Role.HOMOLOGATION)
    kept = documents.keep(
        organisation_id=world.cast.manufacturer_id,
        filename="own.csv",
        content=io.BytesIO("标准号,标准名称\nQ/TOWN 1-2025,车端日志规范\n101,没有代号\n".encode()),
        store=world.platform.documents,
        actor=actor,
        at=world.tick(),
    )
    run = importing.take_in(
        path=world.platform.documents.path(kept.sha256),
        name=kept.filename,
        mapping={"number": "标准号", "title_zh": "标准名称"},
        everywhere=ForAll("企业标准目录", "C", "adjacent/1/1.1"),
        actor=actor,
        at=world.tick(),
    )
    analysed = Standard.objects.get(number="GB 39732-2020").pk
    standards.write_analysis(
        standard_id=analysed,
        answers={"compliance_rate": {"value": 95, "words": ""}},
        about_on=world.now.date(),
        hand_in=True,
        actor=actor,
        at=world.tick(),
    )
    return Standard.objects.get(number="Q/TOWN 1-2025").pk, kept.sha256, run.pk, analysed
