"""A small world built by the real services: organisations, people, keys, one type, a release.

Nothing here writes a table by itself; a test that needs another state takes the steps that lead
there. Days are working days of 2025 without holidays around them (law.md 9.2).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.filings import gate, witnessing
from roadworthy.domains.filings import services as filings
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.filings.states import State as FilingState
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.software import queries as software_queries
from roadworthy.domains.software import reporting
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Release, Report
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.trust import dsse

START = datetime(2025, 6, 3, 1, 0, tzinfo=UTC)  # Tuesday, 09:00 in Asia/Shanghai
ONLINE, OFFLINE = "online passphrase", "offline passphrase"
ECU, HARDWARE = "combinationMeter", "honda-combinationMeter:18da60f1"
OLD, NEW = "1.0.0", "1.1.0"
ANSWERS: Mapping[str, Any] = {
    "a": "Clearer warning icons.",
    "b": "Instrument cluster display.",
    "c": "None.",
    "d": "No.",
    "e": "No.",
    "f": "No.",
    "g": "Parked, battery above the limit, doors can be opened.",
    "h": "Signed package; restored on failure.",
    "i": "Yes; report attached.",
    "changes_main_parameters": False,
    "changes_primary_version": False,
    "changes_automation_function": False,
    "affects_regulated_performance": False,
    "removes_defect": False,
    "known_defect_for_same_fault": False,
    "conforms_after_update": True,
    "declared_kind": "service",
}
DETAILS: Mapping[FilingKind, Mapping[str, Any]] = {
    FilingKind.CAPABILITY: {
        "permit_number": "demo-permit",
        "management_system": "SUMS manual 3.1",
        "responsible_person": "Software update office",
        "security_measures": "Signed packages",
        "commitments": "Information is true and complete",
    },
    FilingKind.TYPE: {
        "types": ["ALPHA"],
        "ota_functions": "Instrument cluster",
        "version_sets": {ECU: OLD},
        "notice_channel": "in the vehicle and on the web",
        "evidence": "Test report",
    },
    FilingKind.ACTIVITY: {
        "vehicle_count": 10,
        "schedule": "three groups",
        "impact": "no regulated performance",
        "assessment": "safety assessment form",
        "contingency": "previous version is restored",
    },
    FilingKind.PRODUCT_CHANGE: {"parameters": {"top speed": "170 km/h"}, "reason": "new gearing"},
    FilingKind.ACCESS_PERMIT: {"functions": "hands-free", "safety_case": "document 7"},
    FilingKind.RECALL_PLAN: {
        "defect": "late warning",
        "consequence": "collision risk",
        "remedy": "software",
        "scope": "all of the type",
        "emergency_advice": "keep distance",
    },
}


@dataclass
class World:
    """What stands, and the steps that a test can take in it."""

    platform: Platform
    cast: casting.Cast
    now: datetime = START
    type_id: int = 0
    lab: Platform | None = None  # where the institution's keys are, if it has its own deployment
    _releases: int = field(default=0)
    _reports: int = field(default=0)

    def actor(self, role: Role) -> Actor:
        return self.cast.actors[role]

    def tick(self, **step: float) -> datetime:
        """Let time pass (a minute unless told) and return the new instant."""
        self.now += timedelta(**(step or {"minutes": 1}))
        return self.now

    def passphrase(self, role: Role) -> str:
        return self.cast.passphrases[role]

    def add_type(self, code: str = "ALPHA") -> int:
        row = vehicles.register_type(
            manufacturer_id=self.cast.manufacturer_id,
            spec=vehicles.TypeSpec(
                code=code,
                name={"zh-hans": "阿尔法", "en": "Alpha"},
                approval_number=f"DEMO-{code}",
                approved_on=date(2025, 3, 3),
                automation_level=2,
                ecus=[vehicles.EcuSpec(name=ECU, address=0x18DA60F1, hardware_id=HARDWARE)],
            ),
            actor=self.actor(Role.HOMOLOGATION),
            at=self.tick(),
        )
        self.type_id = row.pk
        vehicles.learn_firmware(
            manufacturer_id=self.cast.manufacturer_id,
            type_ids=[row.pk],
            ecu_name=ECU,
            version=OLD,
            actor=self.actor(Role.HOMOLOGATION),
            at=self.tick(),
        )
        return row.pk

    def draft(self, *, number: str = "", image: bytes = b"", **answers: Any) -> Release:
        """Register a release with a change, an attested report and all answers."""
        self._releases += 1
        engineer = self.actor(Role.RELEASE_ENGINEER)
        release = software.register_release(
            manufacturer_id=self.cast.manufacturer_id,
            number=number or f"R-{self._releases}",
            title={"zh-hans": "仪表显示更新", "en": "Cluster display update"},
            description={"zh-hans": {"purpose": "更清晰"}, "en": {"purpose": "clearer"}},
            type_ids=answers.pop("type_ids", [self.type_id]),
            planned_on=answers.pop("planned_on", date(2025, 6, 30)),
            actor=engineer,
            at=self.tick(),
        )
        software.add_change(
            release_id=release.pk,
            ecu_name=answers.pop("ecu", ECU),
            from_version=OLD,
            to_version=answers.pop("to_version", NEW),
            filename=f"cluster-{self._releases}.swu",
            chunks=[image or f"image {self._releases}".encode()],
            images=self.platform.images,
            actor=engineer,
            at=self.tick(),
        )
        self.attach_report(release)
        software.answer(
            release_id=release.pk, answers=ANSWERS | answers, actor=engineer, at=self.tick()
        )
        release.refresh_from_db()
        return release

    def attach_report(self, release: Release) -> None:
        report = f"report on {release.number}".encode()
        institution_id = self.cast.organisation_ids[Kind.INSTITUTION]
        key = organisations.live_key(institution_id, KeyPurpose.TEST_REPORT)
        assert key is not None
        keystore = (self.lab or self.platform).keystore
        signer = keystore.signer(key.keyid, self.passphrase(Role.TEST_ENGINEER))
        statement = dsse.Statement(
            (
                dsse.Subject("report.txt", hashlib.sha256(report).hexdigest()),
                *(
                    dsse.Subject(change.image.filename, change.image.sha256)
                    for change in software_queries.changes_of(release.pk)
                ),
            ),
            dsse.PredicateType.TEST_REPORT,
            {"result": "passed"},
        )
        for kind, envelope in (
            ("test-report", dsse.attest(statement, signer).decode()),
            ("safety-assessment", ""),
        ):
            software.add_evidence(
                release_id=release.pk,
                kind=kind,
                title=kind,
                filename=f"{kind}.txt",
                chunks=[report],
                images=self.platform.images,
                actor=self.actor(Role.RELEASE_ENGINEER),
                at=self.tick(),
                envelope=envelope,
                institution_id=institution_id if envelope else None,
            )

    def report(self, *, about: bytes = b"image", until: str = "handed-over", **more: Any) -> Report:
        """Let the institution report on some bytes, and take it as far as ``until``."""
        self._reports += 1
        engineer = self.actor(Role.TEST_ENGINEER)
        report = reporting.enter(
            institution_id=self.cast.organisation_ids[Kind.INSTITUTION],
            manufacturer_id=self.cast.manufacturer_id,
            findings=reporting.Findings(
                number=more.pop("number", f"TR-{self._reports}"),
                title="Software update of the cluster",
                standard="GB 44496-2024",
                subjects=[reporting.Subject("cluster.swu", hashlib.sha256(about).hexdigest())],
                result=reporting.Result.PASSED,
                tested_on=date(2025, 6, 2),
                type_code="ALPHA",
            ),
            filename=f"report-{self._reports}.txt",
            content=io.BytesIO(f"report {self._reports}".encode()),
            store=self.platform.documents,
            actor=engineer,
            at=self.tick(),
        )
        if until == "draft":
            return report
        report = reporting.sign(
            report_id=report.pk,
            passphrase=self.passphrase(Role.TEST_ENGINEER),
            keystore=self.platform.keystore,
            actor=engineer,
            at=self.tick(),
        )
        if until == "signed":
            return report
        return reporting.hand_over(report_id=report.pk, actor=engineer, at=self.tick())

    def frozen(self, **answers: Any) -> Release:
        release = self.draft(**answers)
        return software.freeze(
            release_id=release.pk, actor=self.actor(Role.RELEASE_ENGINEER), at=self.tick()
        )

    def signed(self, **answers: Any) -> Release:
        release = self.frozen(**answers)
        self.prepare(FilingKind.ACTIVITY, release)
        gate.sign(
            release_id=release.pk,
            passphrase=self.passphrase(Role.RELEASE_ENGINEER),
            platform=self.platform,
            actor=self.actor(Role.RELEASE_ENGINEER),
            at=self.tick(),
        )
        release.refresh_from_db()
        return release

    def prepare(self, kind: FilingKind, release: Release | None = None) -> tuple[Filing, ...]:
        return filings.prepare(
            kind=kind,
            manufacturer_id=self.cast.manufacturer_id,
            release_id=release.pk if release else None,
            details=DETAILS[kind],
            actor=self.actor(Role.HOMOLOGATION),
            at=self.tick(),
        )

    def drafts(self, kind: FilingKind, release: Release | None = None) -> tuple[Filing, ...]:
        """Return what was prepared and not submitted, MIIT's first."""
        found = Filing.objects.select_related("dossier__release", "authority").filter(
            dossier__kind=kind, dossier__release=release, state=FilingState.DRAFT
        )
        return tuple(found.order_by("id"))

    def submit(self, filing: Filing) -> Filing:
        return filings.submit(
            filing_id=filing.pk, actor=self.actor(Role.HOMOLOGATION), at=self.tick()
        )

    def accept(self, filing: Filing) -> Filing:
        role = Role.MIIT_REVIEWER
        if filing.authority.kind == Kind.SAMR:
            role = Role.SAMR_REVIEWER
        return filings.accept(
            filing_id=filing.pk,
            passphrase=self.passphrase(role),
            platform=self.platform,
            actor=self.actor(role),
            at=self.tick(),
        )

    def through(self, kind: FilingKind, release: Release | None = None) -> tuple[Filing, ...]:
        """Prepare unless that was done, submit and get accepted."""
        drafts = self.drafts(kind, release) or self.prepare(kind, release)
        return tuple(self.accept(self.submit(filing)) for filing in drafts)

    def levels_one_and_two(self) -> None:
        if Filing.objects.filter(
            dossier__kind=FilingKind.TYPE, state=FilingState.ACCEPTED
        ).exists():
            return
        self.through(FilingKind.CAPABILITY)
        self.through(FilingKind.TYPE)

    def witness(self) -> None:
        """Let SAMR's witness cosign the log as it stands."""
        witnessing.cosign(
            passphrase=self.passphrase(Role.SAMR_REVIEWER),
            platform=self.platform,
            actor=self.actor(Role.SAMR_REVIEWER),
            at=self.tick(),
        )

    def released(self, **answers: Any) -> Release:
        """Take a routine release through filing and signatures, on working days in order."""
        self.levels_one_and_two()
        release = self.signed(**answers)
        self.through(FilingKind.ACTIVITY, release)
        release.refresh_from_db()
        assert release.state == "released", release.state
        return release


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform.create(tmp_path / "home", online_passphrase=ONLINE, offline_passphrase=OFFLINE)


@pytest.fixture
def world(platform: Platform, transactional_db: None) -> World:
    cast = casting.assemble(platform, OFFLINE, at=START)
    built = World(platform, cast)
    built.add_type()
    return built
