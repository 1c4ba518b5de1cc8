"""A small world in memory: a repository with its keys, a log with a witness, a proof bundle."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from securesystemslib.signer import CryptoSigner, Signer

from roadworthy.kernel.canonical import canonical, digest, sha256_hex
from roadworthy.trust import candidates, dsse, notes, roles
from roadworthy.trust.bundle import Anchors, BundleBuilder
from roadworthy.trust.candidates import ReleaseTarget
from roadworthy.trust.checkpoints import Checkpoint, VolatileMemory, Witness, sign_checkpoint
from roadworthy.trust.image_repository import ImageRepository
from roadworthy.trust.metadata_store import MemoryMetadata
from roadworthy.trust.notes import Kind, NoteSigner
from roadworthy.trust.online import OnlineSigners
from roadworthy.trust.repository_files import NoSuchContent
from roadworthy.trust.roles import RoleSpec
from roadworthy.trust.tiles import MemoryTiles
from roadworthy.trust.tlog import Log

# Stock clients read the real clock, so metadata is dated by it.
NOW = datetime.now(UTC)
LABELS = ("defect_remedy", "main_param_change")
ROLE = roles.role_name("demo-motors", LABELS)
IMAGE = b"firmware of the forward camera, version 0.2.5\n" * 40
IMAGE_SHA256 = hashlib.sha256(IMAGE).hexdigest()
PATH = roles.target_path("demo-motors", LABELS, "camera-0.2.5.swu")
DOSSIER = {"release": "7", "purpose": "remedy", "changes": [{"ecu": "fwdCamera"}]}


def signer() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


class Contents:
    """Images in memory."""

    def __init__(self, *images: bytes) -> None:
        self.images = {hashlib.sha256(image).hexdigest(): image for image in images}

    def open(self, sha256: str) -> BinaryIO:
        if sha256 not in self.images:
            raise NoSuchContent(sha256=sha256)
        return io.BytesIO(self.images[sha256])


def release_target(path: str = PATH, image: bytes = IMAGE, **custom: Any) -> ReleaseTarget:
    said = {
        "release": "7",
        "dossier_sha256": digest(DOSSIER),
        "hardware_id": "camera-a",
        "version": "0.2.5",
        "labels": sorted(LABELS),
    }
    return ReleaseTarget(
        path, len(image), {"sha256": hashlib.sha256(image).hexdigest()}, said | custom
    )


@dataclass
class Repository:
    """An initialised repository with one role of two parties."""

    root: CryptoSigner = field(default_factory=signer)
    targets: CryptoSigner = field(default_factory=signer)
    manufacturer: CryptoSigner = field(default_factory=signer)
    miit: CryptoSigner = field(default_factory=signer)
    online: OnlineSigners = field(default_factory=lambda: OnlineSigners(signer(), signer()))
    store: MemoryMetadata = field(default_factory=MemoryMetadata)
    contents: Contents = field(default_factory=lambda: Contents(IMAGE))
    at: datetime = NOW

    def __post_init__(self) -> None:
        self.repository = ImageRepository(self.store)
        self.root_json = self.repository.initialise(
            root_signers=[self.root],
            targets_signers=[self.targets],
            online=self.online,
            at=self.at,
        )
        self.delegate(self.spec())

    def spec(self, **parties: Signer) -> RoleSpec:
        chosen = parties or {"manufacturer": self.manufacturer, "miit": self.miit}
        return RoleSpec(
            ROLE,
            (roles.path_pattern("demo-motors", LABELS),),
            {name: (party.public_key,) for name, party in chosen.items()},
        )

    def delegate(self, spec: RoleSpec) -> None:
        self.repository.add_or_replace_delegation(
            spec, targets_signers=[self.targets], online=self.online, at=self.at
        )

    def publish(self, candidate: bytes, *signers: Signer) -> int:
        return self.repository.publish(
            ROLE,
            candidate,
            [candidates.sign_payload(candidate, one) for one in signers],
            online=self.online,
            at=self.at,
        )

    def publish_image(self, target: ReleaseTarget | None = None) -> int:
        candidate = self.repository.candidate(ROLE, target or release_target(), at=self.at)
        return self.publish(candidate, self.manufacturer, self.miit)


def entry(event: str, subject: str, **data: Any) -> bytes:
    """The body of a ledger entry as the ledger writes it."""
    return canonical(
        {
            "v": 1,
            "event": event,
            "subject": subject,
            "actor": {"role": "miit-reviewer", "organisation": "miit", "commitment": "0" * 64},
            "at": "2026-11-21T02:03:04.000005Z",
            "data": data,
        }
    )


class Proof:
    """Everything that one proof bundle is made of; change a part, then ask for the bundle."""

    def __init__(self, world: Repository | None = None) -> None:
        self.world = world or Repository()
        self.log_signer = NoteSigner("log.example/roadworthy", Kind.ED25519, signer())
        self.witness_signer = NoteSigner("witness.example/miit", Kind.COSIGNATURE, signer())
        self.laboratory = signer()
        self.evaluation = {"pack": "cn-ota", "findings": ["N45-04 met"]}
        self.dossier: dict[str, Any] = DOSSIER
        self.bodies = [
            entry("release:frozen", "release/7"),
            entry("release:classified", "release/7", evaluation_sha256=digest(self.evaluation)),
            entry("filing:state:changed", "filing/1", dossier_sha256=digest(DOSSIER)),
            entry("filing:decided", "filing/1", dossier_sha256=digest(DOSSIER)),
            entry("gate:published", "release/7", role=ROLE),
        ]
        self.earlier = 3
        self.with_content = False
        self.witnessed = True
        if not self.world.repository.published(ROLE):
            self.world.publish_image()

    @property
    def anchors(self) -> Anchors:
        return Anchors(
            self.log_signer.verifier,
            (self.witness_signer.verifier,),
            sha256_hex(self.world.root_json),
            {"test-institution": self.laboratory.public_key},
        )

    def receipt(self, by: Signer | None = None, about: str | None = None) -> bytes:
        statement = dsse.Statement(
            (dsse.Subject("dossier", about or digest(DOSSIER)),),
            dsse.PredicateType.FILING_RECEIPT,
            {"number": "MIIT-2026-1", "outcome": "accepted"},
        )
        return dsse.attest(statement, by or self.world.miit)

    def test_report(self) -> bytes:
        statement = dsse.Statement(
            (dsse.Subject("image", IMAGE_SHA256),), dsse.PredicateType.TEST_REPORT, {"passed": True}
        )
        return dsse.attest(statement, self.laboratory)

    def builder(self) -> BundleBuilder:
        builder = BundleBuilder(release="7", created_at=NOW, anchors=self.anchors)
        tiles = MemoryTiles()
        older = Log(tiles, 0).append(self.bodies[: self.earlier])
        log = older.append(self.bodies[self.earlier :])
        witness = Witness(
            self.witness_signer, logs=[self.log_signer.verifier], memory=VolatileMemory()
        )
        for size in (older.size, log.size):
            note = sign_checkpoint(
                Checkpoint(self.log_signer.name, size, log.root(size)), self.log_signer, at=NOW
            )
            proof = log.prove_consistency(witness.last_size(self.log_signer.name), size)
            line = witness.cosign(
                note, old_size=witness.last_size(self.log_signer.name), proof=proof, at=NOW
            )
            builder.checkpoint(notes.add_line(note, line) if self.witnessed else note)
        builder.consistency(older.size, log.size, log.prove_consistency(older.size))
        for index, body in enumerate(self.bodies):
            builder.entry(index, body, log.prove_inclusion(index))
        return builder

    def bundle(self) -> bytes:
        builder = self.builder()
        builder.dossier("filed", self.dossier)
        builder.evaluation("classification", self.evaluation)
        builder.envelope("receipt-miit", "miit", self.receipt())
        builder.envelope("test-report", "test-institution", self.test_report())
        builder.repository(self.world.store, ROLE)
        content = IMAGE if self.with_content else None
        builder.target(PATH, len(IMAGE), IMAGE_SHA256, content)
        return builder.to_bytes()


def after(**delta: float) -> datetime:
    return NOW + timedelta(**delta)
