"""The bundle of a release: verified by code that sees nothing but the file."""

from __future__ import annotations

import json

import pytest

from roadworthy.domains.filings import proofs
from roadworthy.domains.filings.proofs import NotPublished
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
