"""The release gate: metadata is published only with every signature that the labels ask for.

This is no flag. What a vehicle's TUF client accepts is decided by the keys and thresholds in
``targets``; the gate collects the signatures and cannot make one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from securesystemslib.signer import Signature, Signer

from roadworthy.domains.filings import assessment, attested, signing
from roadworthy.domains.filings.errors import (
    LabelsUndetermined,
    NoRole,
    NothingPrepared,
    NothingToSign,
)
from roadworthy.domains.filings.models import Candidate, CandidateSignature, Dossier
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind as FilingKind
from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, witnessed
from roadworthy.domains.organisations.models import SigningKey
from roadworthy.domains.organisations.roles import KeyPurpose, Kind
from roadworthy.domains.software import services as software
from roadworthy.domains.software.models import Change, Release
from roadworthy.domains.software.states import RELEASE, Action, State
from roadworthy.domains.vehicles import services as vehicles
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.law.evaluation import Decision
from roadworthy.trust import repository_files
from roadworthy.trust.candidates import ReleaseTarget, sign_payload
from roadworthy.trust.image_repository import ImageRepository, StaleCandidate, ThresholdNotMet
from roadworthy.trust.roles import NoSuchRole, role_name, target_path


def repository() -> ImageRepository:
    """Return the image repository over the database."""
    return ImageRepository(DatabaseMetadata())


@transaction.atomic(durable=True)
def sign(
    *, release_id: int, passphrase: str, platform: Platform, actor: Actor, at: datetime
) -> Candidate:
    """Make the metadata that will publish a frozen release, and put the manufacturer's name to it.

    The metadata names the digest of the activity dossier: what the authorities sign is what they
    were told.

    Raises:
        NoSuchRelease, WrongState, WrongRole, NotYourKey, WrongPassphrase.
        LabelsUndetermined: nobody can know yet whose signatures it needs.
        NothingPrepared: there is no activity dossier to name.
        NoRole: the key ceremony has not made a role for these labels.
        AnswerNotEntered: an attested authority's; the metadata names its reference number.
    """
    release, by = software.locked(release_id, actor)
    after = RELEASE.next_state(State(release.state), Action.SIGN, actor.role)
    key, signer = signing.open_own(actor, KeyPurpose.RELEASE, passphrase, platform.keystore)
    result = assessment.evaluate(release, at=at)
    if result.undetermined_labels:
        raise LabelsUndetermined(missing=", ".join(result.missing))
    release.labels = sorted(str(label) for label in result.labels)
    release.save(update_fields=["labels"])
    candidate = _stage(release, at)
    _add_signature(candidate, key, signer, at)
    software.move(release, after, Action.SIGN, by, at)
    assessment.assess(release, by=by, at=at)
    return candidate


@transaction.atomic(durable=True)
def restage(
    *, release_id: int, passphrase: str, platform: Platform, actor: Actor, at: datetime
) -> Candidate:
    """Make the metadata anew after something else was published; every party signs again.

    Raises:
        NoSuchRelease, NotYourKey, WrongPassphrase, NoRole, AnswerNotEntered.
        NothingToSign: the release is not waiting for signatures.
    """
    release, by = software.locked(release_id, actor)
    if release.state != State.SIGNED:
        raise NothingToSign
    key, signer = signing.open_own(actor, KeyPurpose.RELEASE, passphrase, platform.keystore)
    Candidate.objects.filter(release=release, published_at__isnull=True).delete()
    candidate = _stage(release, at)
    _add_signature(candidate, key, signer, at)
    ledger.record(
        event="release:candidate:renewed",
        subject=f"release/{release.pk}",
        actor=by,
        at=at,
        release_id=release.pk,
        data={"candidate_sha256": candidate.sha256},
    )
    return candidate


def countersign(
    release: Release, key: SigningKey, signer: Signer, at: datetime
) -> Candidate | None:
    """Add a signature to the metadata that waits, if some waits for this party; return it then."""
    candidate = Candidate.objects.filter(release=release, published_at__isnull=True).first()
    if candidate is None:
        return None
    party = signing.party_name(key.organisation.kind, key.purpose)
    if party not in missing(candidate):
        return None
    _add_signature(candidate, key, signer, at)
    return candidate


def missing(candidate: Candidate) -> tuple[str, ...]:
    """Name the parties whose signature is not there yet."""
    return repository().missing_parties(
        candidate.role, bytes(candidate.payload), collected(candidate)
    )


def open_gate(release: Release, *, platform: Platform, at: datetime) -> bool:
    """Publish if every signature is there and the rulebook lets it pass; else stay shut.

    Runs inside the caller's transaction. The directory that vehicles read is written after
    the commit, from the database.
    """
    candidate = Candidate.objects.filter(release=release, published_at__isnull=True).first()
    if candidate is None or release.state != State.SIGNED or missing(candidate):
        return False
    by = witnessed(PLATFORM)
    assessment.assess(release, by=by, at=at)
    if assessment.evaluate(release, at=at).decision != Decision.MAY_RELEASE:
        return False
    version = _published(candidate, platform, at)
    if version is None:
        return False
    candidate.published_at = at
    candidate.save(update_fields=["published_at"])
    release.released_at = at
    after = RELEASE.next_state(State(release.state), Action.RELEASE, PLATFORM.role)
    software.move(release, after, Action.RELEASE, by, at, also=("released_at",))
    ledger.record(
        event="release:published",
        subject=f"release/{release.pk}",
        actor=by,
        at=at,
        release_id=release.pk,
        data={
            "role": candidate.role,
            "version": version,
            "candidate_sha256": candidate.sha256,
            "keyids": sorted(s.keyid for s in collected(candidate)),
            **attested.said(bytes(candidate.payload), candidate.dossier_sha256),
        },
    )
    _learn(release, at)
    transaction.on_commit(lambda: export(platform))
    return True


def _published(candidate: Candidate, platform: Platform, at: datetime) -> int | None:
    """Publish what every party has signed; return its version, None if something else was."""
    payload = bytes(candidate.payload)
    # Of a database that was put back, vehicles may have what its rows do not know any more: what
    # was published came back with the log and is never taken from them.
    before = repository().published_as(candidate.role, payload)
    if before is not None:
        return before
    try:
        return repository().publish(
            candidate.role, payload, collected(candidate), online=platform.online, at=at
        )
    except (StaleCandidate, ThresholdNotMet):
        return None


def export(platform: Platform) -> None:
    """Write what is published to the directory that the gateway serves; again changes nothing."""
    repository_files.export(DatabaseMetadata(), platform.contents, platform.tuf)


def signatures_of(candidate: Candidate) -> Sequence[CandidateSignature]:
    """Return the signatures that are there, oldest first."""
    return tuple(
        CandidateSignature.objects.select_related("key__organisation", "key__holder")
        .filter(candidate=candidate)
        .order_by("id")
    )


def _learn(release: Release, at: datetime) -> None:
    """From now on a vehicle that reports the new version runs software that is filed."""
    type_ids = list(release.types.values_list("pk", flat=True))
    for change in Change.objects.filter(release=release):
        vehicles.learn_firmware(
            manufacturer_id=release.manufacturer_id,
            type_ids=type_ids,
            ecu_name=change.ecu_name,
            version=change.to_version,
            actor=PLATFORM,
            at=at,
        )


def _stage(release: Release, at: datetime) -> Candidate:
    role = role_name(release.manufacturer.slug, release.labels)
    dossier = Dossier.objects.filter(release=release, kind=FilingKind.ACTIVITY).last()
    if dossier is None:
        raise NothingPrepared
    images = _targets(release, dossier.sha256, attested.answers(release, dossier, at))
    try:
        payload = repository().candidate(role, *images, at=at)
    except NoSuchRole:
        raise NoRole(role=role) from None
    return Candidate.objects.create(
        release=release,
        role=role,
        payload=payload,
        sha256=sha256_hex(payload),
        dossier_sha256=dossier.sha256,
        created_at=at,
    )


def _targets(
    release: Release, dossier_sha256: str, answers: Sequence[Mapping[str, str]]
) -> list[ReleaseTarget]:
    said = {attested.FIELD: [dict(one) for one in answers]} if answers else {}
    changes = Change.objects.select_related("image").filter(release=release).order_by("ecu_name")
    return [
        ReleaseTarget(
            target_path(release.manufacturer.slug, release.labels, change.image.filename),
            change.image.length,
            {"sha256": change.image.sha256},
            {
                "release": release.number,
                "release_sha256": release.sha256,
                "dossier_sha256": dossier_sha256,
                "ecu": change.ecu_name,
                "hardware_id": change.hardware_id,
                "version": change.to_version,
                "labels": release.labels,
                **said,
            },
        )
        for change in changes
    ]


def _add_signature(candidate: Candidate, key: SigningKey, signer: Signer, at: datetime) -> None:
    signature = sign_payload(bytes(candidate.payload), signer)
    CandidateSignature.objects.create(
        candidate=candidate,
        key=key,
        party=Kind(key.organisation.kind),
        purpose=key.purpose,
        signature=signature.to_dict(),
        at=at,
    )


def collected(candidate: Candidate) -> list[Signature]:
    """Return the signatures that are there, as metadata carries them."""
    return [Signature.from_dict(dict(row.signature)) for row in _rows(candidate)]


def _rows(candidate: Candidate) -> Iterable[CandidateSignature]:
    return CandidateSignature.objects.filter(candidate=candidate).order_by("id")
