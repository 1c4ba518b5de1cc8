"""The image and its test report: a real firmware, really packed, really checked."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from roadworthy.cli.demo.stage import Stage
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.software import code_signing, firmware, packing
from roadworthy.domains.software import services as software
from roadworthy.kernel.canonical import canonical
from roadworthy.trust import dsse

if TYPE_CHECKING:
    from roadworthy.domains.software.models import Release

OLD_VERSION, NEW_VERSION = "0.2.4", "0.2.5"
INSTALLED_AS = "firmware.bin"
REPORTED = 10  # working days before today


def signing_folder(stage: Stage) -> Path:
    """Return where the certificates and keys of the image's own signature lie."""
    return stage.home / "code-signing"


def pack(stage: Stage, ecu: str, hardware_id: str) -> Path:
    """Pack the real new firmware for one ECU as an image that SWUpdate installs."""
    folder = signing_folder(stage)
    passphrase = stage.passphrase(Role.RELEASE_ENGINEER)
    if folder.exists():
        signer = code_signing.load(folder, passphrase)
    else:
        signer = code_signing.create(
            folder, passphrase, name="Starway (demo)", at=stage.days.before(REPORTED)
        )
    package = packing.Package(
        version=NEW_VERSION,
        hardware_ids=[hardware_id],
        filename=f"{ecu}-{NEW_VERSION}.bin",
        path=INSTALLED_AS,
        description=f"moondancer {NEW_VERSION}",
    )
    image = stage.work / f"{ecu}-{NEW_VERSION}.swu"
    new = firmware.carried(NEW_VERSION)
    image.write_bytes(b"".join(packing.pack(package, new.content, signer)))
    return image


def attach(stage: Stage, release: Release, image: Path) -> None:
    """Attach the institution's signed report and the manufacturer's safety assessment."""
    report = _report(stage, image)
    software.add_evidence(
        release_id=release.pk,
        kind="test-report",
        title="Package integrity and rollback test",
        filename=f"report-{release.number}.json",
        chunks=[report],
        images=stage.platform.images,
        actor=stage.actor(Role.RELEASE_ENGINEER),
        at=stage.days.before(REPORTED),
        envelope=_attested(stage, report, image),
        institution_id=stage.cast.organisation_ids[Kind.INSTITUTION],
    )
    software.add_evidence(
        release_id=release.pk,
        kind="safety-assessment",
        title="Safety assessment",
        filename=f"assessment-{release.number}.json",
        chunks=[canonical({"release": release.number, "answers": release.answers})],
        images=stage.platform.images,
        actor=stage.actor(Role.RELEASE_ENGINEER),
        at=stage.days.before(REPORTED),
    )


def _report(stage: Stage, image: Path) -> bytes:
    """Say what was measured on this very file."""
    old, new = firmware.carried(OLD_VERSION), firmware.carried(NEW_VERSION)
    content = image.read_bytes()
    certificate = x509.load_pem_x509_certificates(
        (signing_folder(stage) / code_signing.AUTHORITY).read_bytes()
    )[0]
    return canonical(
        {
            "image": {"sha256": hashlib.sha256(content).hexdigest(), "length": len(content)},
            "payload_found_in_image": new.content in content,
            "old_firmware_sha256": hashlib.sha256(old.content).hexdigest(),
            "new_firmware_sha256": hashlib.sha256(new.content).hexdigest(),
            "differs_from_old": old.content != new.content,
            "code_signing_authority_sha256": hashlib.sha256(
                certificate.public_bytes(Encoding.DER)
            ).hexdigest(),
        }
    )


def _attested(stage: Stage, report: bytes, image: Path) -> str:
    institution_id = stage.cast.organisation_ids[Kind.INSTITUTION]
    key = organisations.live_key(institution_id, KeyPurpose.TEST_REPORT)
    assert key is not None, "the cast has a test engineer with a key"
    signer = stage.platform.keystore.signer(key.keyid, stage.passphrase(Role.TEST_ENGINEER))
    statement = dsse.Statement(
        (
            dsse.Subject("report", hashlib.sha256(report).hexdigest()),
            dsse.Subject(image.name, hashlib.sha256(image.read_bytes()).hexdigest()),
        ),
        dsse.PredicateType.TEST_REPORT,
        {"institution": key.organisation.slug, "method": "package integrity"},
    )
    return dsse.attest(statement, signer).decode()
