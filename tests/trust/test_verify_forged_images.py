"""A forger of images and metadata: what the signatures from the root down to the image find."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, Targets

from roadworthy.trust import candidates, roles
from roadworthy.trust.verify import verify
from tests.trust import worlds
from tests.trust.forging import (
    forged,
    lines_of,
    metadata_of,
    problems,
    reheaded,
    replaced,
    resigned_targets,
    setting,
    without,
)
from tests.trust.worlds import IMAGE, NOW, PATH, ROLE, Proof, Repository, after


@pytest.fixture
def proof() -> Proof:
    return Proof()


def test_a_role_without_one_partys_signature_is_refused(proof: Proof) -> None:
    bundle, name = proof.bundle(), f"tuf/1.{ROLE}"
    metadata = metadata_of(bundle, name)
    del metadata.signatures[proof.world.miit.public_key.keyid]
    found = problems(replaced(bundle, name, metadata), proof)
    assert name in found
    assert f"target/{PATH}" in found


def test_a_changed_image_digest_is_refused(proof: Proof) -> None:
    bundle = forged(proof.bundle(), f"target/{PATH}", setting("sha256", to="c" * 64))
    assert "not the one that was signed" in problems(bundle, proof)[f"target/{PATH}"]


def test_a_changed_image_is_refused(proof: Proof) -> None:
    proof.with_content = True
    changed = base64.b64encode(IMAGE.replace(b"0.2.5", b"0.2.4")).decode()
    bundle = forged(proof.bundle(), f"target/{PATH}", setting("content", to=changed))
    assert f"target/{PATH}" in problems(bundle, proof)


def test_an_image_that_no_role_lists_is_refused(proof: Proof) -> None:
    bundle = forged(proof.bundle(), f"target/{PATH}", setting("path", to="demo-motors/routine/x"))
    assert f"target/{PATH}" in problems(bundle, proof)


def test_an_image_of_the_release_that_the_bundle_leaves_out_is_named(proof: Proof) -> None:
    found = problems(without(proof.bundle(), f"target/{PATH}"), proof)
    assert {"target", f"target/{PATH}"} <= set(found)


def test_a_bundle_about_another_release_is_refused(proof: Proof) -> None:
    lines = lines_of(proof.bundle())
    lines[0]["release"] = "8"
    assert "release 7" in problems(reheaded(lines), proof)[f"target/{PATH}"]


@pytest.mark.parametrize("role", ["root", "timestamp", "snapshot", "targets", ROLE])
def test_missing_metadata_is_noticed(proof: Proof, role: str) -> None:
    bundle = proof.bundle()
    name = next(
        line["name"] for line in lines_of(bundle) if line["kind"] == "tuf" and line["role"] == role
    )
    assert problems(without(bundle, name), proof)


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 5000, b"\xff", b'{"signed":[]}'])
def test_metadata_that_is_none_is_named(proof: Proof, content: bytes) -> None:
    bundle = proof.bundle()
    for name in [line["name"] for line in lines_of(bundle) if line["kind"] == "tuf"]:
        changed = forged(bundle, name, setting("content", to=base64.b64encode(content).decode()))
        found = problems(changed, proof)
        assert name in found or "tuf/root" in found


def test_metadata_of_one_role_does_not_pass_for_another(proof: Proof) -> None:
    bundle = proof.bundle()
    lines = {line["name"]: line for line in lines_of(bundle)}
    snapshot = next(name for name in lines if name.endswith(".snapshot"))
    targets = next(name for name in lines if name.endswith(".targets"))
    changed = forged(bundle, snapshot, setting("content", to=lines[targets]["content"]))
    assert snapshot in problems(changed, proof)


def test_older_metadata_than_announced_is_refused(proof: Proof) -> None:
    world = proof.world
    world.publish(world.repository.withdrawal(ROLE, PATH, at=NOW), world.manufacturer, world.miit)
    bundle = proof.bundle()
    name = f"tuf/2.{ROLE}"
    old = base64.b64encode(world.store.get(ROLE, 1)).decode()

    def change(line: dict[str, Any]) -> None:
        line |= {"content": old, "version": 1, "name": f"tuf/1.{ROLE}"}

    found = problems(forged(bundle, name, change), proof)
    assert "announced" in found[f"tuf/1.{ROLE}"]


def test_a_role_that_one_party_could_sign_alone_is_refused_however_signed(proof: Proof) -> None:
    def lower(targets: Targets) -> None:
        roles.delegated(targets, ROLE).threshold = 1

    resigned_targets(proof, lower)
    assert "enough" in problems(proof.bundle(), proof)[f"tuf/1.{ROLE}"]


def test_an_image_listed_past_every_role_is_refused(proof: Proof) -> None:
    def slip_in(targets: Targets) -> None:
        targets.targets[PATH] = candidates.target_file(worlds.release_target())

    resigned_targets(proof, slip_in)
    assert "past every role" in problems(proof.bundle(), proof)["tuf/targets"]


def test_an_image_that_an_earlier_role_would_answer_for_is_refused(proof: Proof) -> None:
    def put_before(targets: Targets) -> None:
        assert targets.delegations is not None
        assert targets.delegations.roles is not None
        lax = roles.RoleSpec(
            "demo-motors.routine",
            (roles.path_pattern("demo-motors", worlds.LABELS),),
            {name: (worlds.signer().public_key,) for name in ("a", "b")},
        ).delegated_role()
        targets.delegations.roles = {lax.name: lax, **targets.delegations.roles}

    resigned_targets(proof, put_before)
    assert "No role that a vehicle would ask" in problems(proof.bundle(), proof)[f"target/{PATH}"]


def test_an_image_signed_for_another_dossier_is_refused() -> None:
    world = Repository()
    world.publish_image(worlds.release_target(dossier_sha256="d" * 64))
    proof = Proof(world)
    assert "dossier" in problems(proof.bundle(), proof)[f"target/{PATH}"]


def test_metadata_that_had_expired_is_named() -> None:
    proof = Proof(Repository(at=after(days=-2)))
    found = problems(proof.bundle(), proof)
    assert [name for name in found if name.endswith(".timestamp")]


def test_a_bundle_that_does_not_say_when_it_was_made_is_refused(proof: Proof) -> None:
    lines = lines_of(proof.bundle())
    lines[0]["created_at"] = "yesterday"
    assert "header" in problems(reheaded(lines), proof)


# The root.


def next_root(world: Repository, *signers: CryptoSigner, new: CryptoSigner) -> None:
    root = world.repository.root()
    version = root.version
    root.version += 1
    root.add_key(new.public_key, "root")
    root.revoke_key(world.root.public_key.keyid, "root")
    metadata: Metadata[Root] = Metadata(root)
    for signer in signers:
        metadata.sign(signer, append=True)
    world.store.put("root", version + 1, metadata.to_bytes())


def test_a_root_that_the_trusted_one_signed_is_followed(proof: Proof) -> None:
    new = worlds.signer()
    next_root(proof.world, proof.world.root, new, new=new)
    report = verify(proof.bundle(), proof.anchors)
    assert [str(problem) for problem in report.problems] == []


def test_a_root_that_only_signed_itself_is_not_followed(proof: Proof) -> None:
    new = worlds.signer()
    next_root(proof.world, new, new=new)
    assert "tuf/2.root" in problems(proof.bundle(), proof)


def test_a_gap_between_roots_is_noticed(proof: Proof) -> None:
    world, one, two = proof.world, worlds.signer(), worlds.signer()
    next_root(world, world.root, one, new=one)
    world.root = one
    next_root(world, one, two, new=two)
    bundle = proof.bundle()
    assert verify(bundle, proof.anchors).ok
    assert "before it is missing" in problems(without(bundle, "tuf/2.root"), proof)["tuf/3.root"]


def test_a_verifier_may_trust_a_later_root_than_the_first(proof: Proof) -> None:
    new = worlds.signer()
    next_root(proof.world, proof.world.root, new, new=new)
    proof.world.root_json = proof.world.store.get("root", 2)
    assert verify(proof.bundle(), proof.anchors).ok
