"""A filing as a signed archive: what comes out goes in again, and nothing forged does."""

from __future__ import annotations

from pathlib import Path

import pytest

from roadworthy.cli.demo import cast as casting
from roadworthy.domains.filings import archiving, proofs
from roadworthy.domains.filings.models import Filing
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.organisations import queries as organisations
from roadworthy.domains.organisations.models import SigningKey
from roadworthy.domains.organisations.roles import KeyPurpose, Kind, Role
from roadworthy.domains.software import restoring, services
from roadworthy.domains.software.models import Release
from roadworthy.trust import archive
from tests import emptying
from tests.world import OFFLINE, ONLINE, START, World


def export(world: World, filing: Filing, path: Path) -> Path:
    filing = Filing.objects.select_related("dossier__release", "manufacturer", "authority").get(
        pk=filing.pk
    )
    with path.open("wb") as target:
        archiving.export(filing, target, platform=world.platform)
    return path


def take_in(world: World, checked: archiving.Checked, role: Role) -> archiving.Taken:
    return archiving.take_in(
        checked,
        manufacturer_id=world.cast.manufacturer_id,
        images=world.platform.images,
        documents=world.platform.documents,
        actor=world.actor(role),
        at=world.tick(),
    )


def elsewhere(tmp_path: Path, institution_key: dict[str, object], *, types: bool = True) -> World:
    """Return another deployment: empty, with keys of its own, the institution's apart."""
    emptying.empty()
    platform = Platform.create(
        tmp_path / "elsewhere", online_passphrase=ONLINE, offline_passphrase=OFFLINE
    )
    world = World(platform, casting.assemble(platform, OFFLINE, at=START))
    SigningKey.objects.filter(purpose=KeyPurpose.TEST_REPORT).update(**institution_key)
    if types:
        world.add_type()
    return world


def test_what_goes_out_comes_in_with_the_same_digest(world, tmp_path):
    world.levels_one_and_two()
    release = world.signed(number="R-9")
    accepted = world.through("activity", release)[0]
    path = export(world, accepted, tmp_path / "a.zip")
    anchors = proofs.anchors(world.platform)
    key = organisations.live_key(
        world.cast.organisation_ids[Kind.INSTITUTION], KeyPurpose.TEST_REPORT
    )
    before, known = release.sha256, {"public": key.public, "keyid": key.keyid}

    assert export(world, accepted, tmp_path / "b.zip").read_bytes() == path.read_bytes()
    checked = archiving.check(path, anchors)
    assert checked.receipt_by == "miit.receipt"
    assert not checked.archive.key_from_archive

    other = elsewhere(tmp_path, known)
    taken = take_in(other, checked, Role.RELEASE_ENGINEER)
    assert taken.same_content
    assert taken.content_sha256 == before
    assert taken.release.state == "draft"
    frozen = services.freeze(
        release_id=taken.release.pk, actor=other.actor(Role.RELEASE_ENGINEER), at=other.tick()
    )
    assert frozen.sha256 == before
    with pytest.raises(services.ReleaseNumberTaken):
        take_in(other, checked, Role.RELEASE_ENGINEER)


def test_a_filing_without_a_release_comes_in_as_a_draft(world, tmp_path):
    sent = world.prepare("capability")[0]
    checked = archiving.check(
        export(world, sent, tmp_path / "a.zip"), proofs.anchors(world.platform)
    )
    before = sent.dossier.sha256
    other = elsewhere(tmp_path, {})
    taken = take_in(other, checked, Role.HOMOLOGATION)
    assert taken.same_content
    assert {one.dossier.sha256 for one in taken.filings} == {before}
    assert {one.state for one in taken.filings} == {"draft"}


def test_what_is_not_known_here_is_named_and_nothing_is_kept(world, tmp_path):
    filing = world.drafts("activity", world.signed())[0]
    checked = archiving.check(export(world, filing, tmp_path / "a.zip"), None)
    key = organisations.live_key(
        world.cast.organisation_ids[Kind.INSTITUTION], KeyPurpose.TEST_REPORT
    )
    known = {"public": key.public, "keyid": key.keyid}
    other = elsewhere(tmp_path, {}, types=False)
    with pytest.raises(restoring.TypesUnknown, match="ALPHA"):
        take_in(other, checked, Role.RELEASE_ENGINEER)
    other.add_type()
    with pytest.raises(restoring.SignatureNotGood, match=r"test-report\.txt"):
        take_in(other, checked, Role.RELEASE_ENGINEER)
    with pytest.raises(restoring.NotAnEngineer):
        take_in(other, checked, Role.HOMOLOGATION)
    assert not Release.objects.exists()
    SigningKey.objects.filter(purpose=KeyPurpose.TEST_REPORT).update(**known)
    assert take_in(other, checked, Role.RELEASE_ENGINEER).same_content


def test_another_platforms_signature_is_not_believed(world, tmp_path):
    path = export(world, world.prepare("capability")[0], tmp_path / "a.zip")
    stranger = Platform.create(
        tmp_path / "other", online_passphrase=ONLINE, offline_passphrase=OFFLINE
    )
    with pytest.raises(archive.UnknownSigner, match=r"manifest\.json"):
        archive.read(path, trusted=stranger.log.verifier)
    assert archive.read(path, trusted=None).key_from_archive
