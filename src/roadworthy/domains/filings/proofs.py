"""The proof of a release as one file that anybody verifies without this platform.

* The full proof is for the manufacturer and the authorities: it holds what was filed.
* The public proof holds the digests of those documents in their place, and no step of a single
  vehicle. Everything else is the same, and the same program verifies both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from roadworthy.domains.filings import gate, queries, signing
from roadworthy.domains.filings.models import Candidate, Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.filings.states import Kind
from roadworthy.domains.filings.store import DatabaseMetadata
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger import sequencing
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.roles import KeyPurpose
from roadworthy.domains.software.images import ImageStore
from roadworthy.domains.software.models import Evidence, Release
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.kernel.errors import Conflict
from roadworthy.trust import notes
from roadworthy.trust.bundle import Anchors, BundleBuilder
from roadworthy.trust.keys import key_from_dict

INSTITUTION = "institution"  # the party name of a test institution: "institution/<slug>"
REPOSITORY, FOUNDED = "repository/image", "repository:initialised"


@dataclass(frozen=True, slots=True)
class Target:
    """An image as the signed metadata names it."""

    length: int
    sha256: str


class NotPublished(Conflict):
    code = "not-published"
    message = "There is no proof yet: the release has not been published."


def bundle(
    release: Release, *, platform: Platform, at: datetime, with_images: bool = False
) -> BundleBuilder:
    """Collect everything that proves a release's story, under the newest witnessed checkpoint.

    Raises:
        NotPublished: no signed metadata vouches for it.
    """
    candidate = _published(release)
    sequencing.sequence(signer=platform.log, at=at, head=platform.head)
    built = BundleBuilder(release=release.number, created_at=at, anchors=anchors(platform))
    _entries(built, release, ledger.story_of_release(release.pk))
    _documents(built, release)
    _attestations(built, release)
    built.repository(DatabaseMetadata(), candidate.role)
    _images(built, candidate, platform.images if with_images else None)
    return built


def public_bundle(release: Release, *, at: datetime) -> BundleBuilder:
    """Collect what proves a release's story to anybody; opens no key and writes nothing.

    Raises:
        NotPublished: no signed metadata vouches for it.
    """
    candidate = _published(release)
    built = BundleBuilder(release=release.number, created_at=at, anchors=public_anchors())
    _entries(built, release, ledger.milestones_of_release(release.pk))
    _documents(built, release, withheld=True)
    built.repository(DatabaseMetadata(), candidate.role)
    _images(built, candidate, None)
    return built


def anchors(platform: Platform) -> Anchors:
    """Return what a verifier gets from another source: the keys that everything rests on."""
    return _anchors(platform.log.verifier)


def public_anchors() -> Anchors:
    """Return the same keys as the database tells them, where no key of the platform is opened.

    Raises:
        NotPublished: the log has not begun.
    """
    return _anchors(log_key())


def targets(release: Release) -> dict[str, Target]:
    """Return the images that the published metadata vouches for, by their path.

    Raises:
        NotPublished: no signed metadata vouches for the release.
    """
    return _targets(_published(release))


def _published(release: Release) -> Candidate:
    candidate = queries.candidate_of(release)
    if candidate is None or candidate.published_at is None:
        raise NotPublished
    return candidate


def log_key() -> notes.Verifier:
    """Return the log's key as the log itself has told it since its foundation.

    Raises:
        NotPublished: the log has not begun.
    """
    founded = next((e for e in ledger.about(REPOSITORY) if e.event == FOUNDED), None)
    if founded is None:
        raise NotPublished
    return notes.Verifier.parse(founded.data["log"])


def _anchors(log: notes.Verifier) -> Anchors:
    parties = {
        f"{INSTITUTION}/{key.organisation.slug}": key_from_dict(key.public)
        for key in organisations.live_keys(KeyPurpose.TEST_REPORT)
    }
    return Anchors(
        log,
        witnesses(),
        sha256_hex(DatabaseMetadata().get("root", 1)),
        parties,
    )


def witnesses() -> tuple[notes.Verifier, ...]:
    """Return the keys of the authorities' witnesses."""
    return tuple(
        notes.Verifier(
            witness_name(key.organisation.slug),
            notes.Kind.COSIGNATURE,
            bytes.fromhex(key.public["keyval"]["public"]),
        )
        for key in organisations.live_keys(KeyPurpose.WITNESS)
    )


def witness_name(slug: str) -> str:
    """Name a witness as its cosignatures do."""
    return f"roadworthy.example/witness/{slug}"


def _entries(built: BundleBuilder, release: Release, story: Iterable[ledger.Told]) -> None:
    last = ledger.latest_witnessed() or ledger.latest_checkpoint()
    if last is None:
        raise NotPublished
    told = [*ledger.context(), *_levels(release), *story]
    tree = sequencing.log(last.size)
    first = ledger.earliest_witnessed()
    if first is not None and first.size < last.size:
        built.checkpoint(first.note.encode())
        built.consistency(first.size, last.size, tree.prove_consistency(first.size))
    built.checkpoint(last.note.encode())
    covered = {
        each.index: each.body
        for each in told
        # What came after the last cosignature waits for the next one.
        if each.index is not None and each.index < last.size
    }
    for index, body in sorted(covered.items()):
        built.entry(index, body, tree.prove_inclusion(index))


def _levels(release: Release) -> Iterable[ledger.Told]:
    """Return the steps of the filings of levels 1 and 2, on which the activity rests."""
    for filing in _filings(release):
        if filing.dossier.release_id is None:
            yield from ledger.about(f"filing/{filing.pk}")


def _filings(release: Release) -> list[Filing]:
    every = Filing.objects.select_related("dossier", "authority", "manufacturer").order_by("id")
    own = every.filter(dossier__release=release)
    levels = every.filter(
        manufacturer_id=release.manufacturer_id,
        dossier__kind__in=[Kind.CAPABILITY, Kind.TYPE],
    )
    return [*levels, *own]


def _documents(built: BundleBuilder, release: Release, *, withheld: bool = False) -> None:
    seen: set[str] = set()
    for filing in _filings(release):
        if filing.dossier.sha256 not in seen:
            seen.add(filing.dossier.sha256)
            built.dossier(str(filing.dossier_id), filing.dossier.content, withheld=withheld)
        if filing.receipt:  # of what an amendment has superseded too: the metadata names it
            party = signing.party_of_receipt(filing)
            built.envelope(filing.number, party, filing.receipt.encode())
    known: set[str] = set()
    for evaluation in queries.evaluations_of(release):
        if evaluation.sha256 not in known:
            known.add(evaluation.sha256)
            built.evaluation(str(evaluation.pk), evaluation.result, withheld=withheld)


def _attestations(built: BundleBuilder, release: Release) -> None:
    attested = Evidence.objects.select_related("institution").filter(
        release=release, institution__isnull=False
    )
    for evidence in attested.exclude(envelope=""):
        assert evidence.institution is not None
        party = f"{INSTITUTION}/{evidence.institution.slug}"
        built.envelope(f"evidence-{evidence.pk}", party, evidence.envelope.encode())


def _targets(candidate: Candidate) -> dict[str, Target]:
    published = gate.repository().published(candidate.role)
    return {
        path: Target(target.length, target.hashes["sha256"])
        for path, target in published.items()
        if target.custom.get("dossier_sha256") == candidate.dossier_sha256
    }


def _images(built: BundleBuilder, candidate: Candidate, images: ImageStore | None) -> None:
    for path, target in _targets(candidate).items():
        content = images.path(target.sha256).read_bytes() if images else None
        built.target(path, target.length, target.sha256, content)
