"""The bundle of a release: verified by code that sees nothing but the file."""

from __future__ import annotations

import json

import pytest

from roadworthy.domains.filings import proofs
from roadworthy.domains.filings.proofs import NotPublished
from roadworthy.domains.ledger.models import Entry, Pending
from roadworthy.domains.software import queries as software
from roadworthy.trust import verify
from tests.world import World


def test_a_bundle_verifies_offline_with_the_anchors_of_its_deployment(world: World) -> None:
    world.witness()
    release = world.released()
    world.witness()
    at = world.tick()
    content = proofs.bundle(release, platform=world.platform, at=at, with_images=True).to_bytes()
    report = verify.verify(content, proofs.anchors(world.platform))
    assert report.problems == ()
    assert report.ok


def test_a_changed_receipt_is_named(world: World) -> None:
    world.witness()
    release = world.released()
    world.witness()
    content = proofs.bundle(release, platform=world.platform, at=world.tick()).to_bytes()
    lines = content.splitlines()
    at = next(i for i, line in enumerate(lines) if b'"envelope/F3-' in line and i)
    name = json.loads(lines[at])["name"]
    lines[at] = lines[at].replace(b'"sig":"', b'"sig":"0', 1)
    report = verify.verify(b"\n".join(lines) + b"\n", proofs.anchors(world.platform))
    assert not report.ok
    assert name in {problem.where for problem in report.problems}


def test_there_is_no_proof_before_publication(world: World) -> None:
    with pytest.raises(NotPublished):
        proofs.bundle(world.frozen(), platform=world.platform, at=world.tick())


def test_the_public_proof_verifies_and_holds_no_content_of_a_document(world: World) -> None:
    world.witness()
    release = world.released()
    world.witness()
    content = proofs.public_bundle(release, at=world.tick()).to_bytes()
    lines = [json.loads(line) for line in content.splitlines()]
    documents = [line for line in lines if line["kind"] in {"dossier", "evaluation"}]
    report = verify.verify(content, proofs.anchors(world.platform))
    assert report.problems == ()
    assert len(documents) > 2
    assert all(line["content"] is None for line in documents)
    assert any(f"{len(documents)} withheld" in str(check.detail) for check in report.checks)
    assert b"emergency" not in content


def test_a_public_proof_that_names_another_document_fails(world: World) -> None:
    world.witness()
    release = world.released()
    world.witness()
    full = proofs.public_bundle(release, at=world.tick())
    full.dossier("never-filed", {"kind": "activity"}, withheld=True)
    report = verify.verify(full.to_bytes(), proofs.anchors(world.platform))
    assert {problem.where for problem in report.problems} == {"dossier/never-filed"}


def test_the_public_proof_needs_no_key_and_writes_nothing(world: World) -> None:
    release = world.released()
    before = Entry.objects.count(), Pending.objects.count()
    with pytest.raises(NotPublished):  # nothing is in the tree yet, and nobody puts it there
        proofs.public_bundle(release, at=world.tick())
    assert (Entry.objects.count(), Pending.objects.count()) == before


def test_the_images_are_those_of_the_signed_metadata(world: World) -> None:
    release = world.released()
    (change,) = software.changes_of(release.pk)
    ((path, target),) = proofs.targets(release).items()
    assert path.endswith(change.image.filename)
    assert (target.length, target.sha256) == (change.image.length, change.image.sha256)
