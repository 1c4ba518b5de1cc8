"""A forger writes a header that fits; the signatures, proofs and digests find the forgery."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Metadata, Root, Targets

from roadworthy.kernel.canonical import canonical, digest, sha256_hex
from roadworthy.trust import candidates, dsse, roles
from roadworthy.trust.bundle import BundleBuilder
from roadworthy.trust.verify import verify
from tests.trust import worlds
from tests.trust.forging import forged, lines_of, reheaded, without
from tests.trust.worlds import IMAGE, IMAGE_SHA256, NOW, PATH, ROLE, Proof, Repository, after

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def proof() -> Proof:
    return Proof()


def problems(bundle: bytes, proof: Proof | None = None) -> dict[str, str]:
    report = verify(bundle, proof.anchors if proof else None)
    assert not report.ok
    return {problem.where: str(problem.text) for problem in report.problems}


def setting(*path: str, to: Any) -> Change:
    def change(line: dict[str, Any]) -> None:
        for step in path[:-1]:
            line = line[step]
        line[path[-1]] = to

    return change


def metadata_of(bundle: bytes, name: str) -> Metadata[Any]:
    line = next(line for line in lines_of(bundle) if line["name"] == name)
    return Metadata.from_bytes(base64.b64decode(line["content"]))


def replaced(bundle: bytes, name: str, metadata: Metadata[Any]) -> bytes:
    return forged(
        bundle, name, setting("content", to=base64.b64encode(metadata.to_bytes()).decode())
    )


# The log.


def test_a_changed_entry_is_not_in_the_log(proof: Proof) -> None:
    bundle = forged(
        proof.bundle(), "entry/3", setting("body", "actor", "organisation", to="demo-motors")
    )
    assert "another root" in problems(bundle, proof)["entry/3"]
    assert "entry/3" in problems(bundle)


@pytest.mark.parametrize("index", [-1, 2, 5, 2**53 - 1])
def test_an_entry_at_another_place_is_not_in_the_log(proof: Proof, index: int) -> None:
    assert "entry/3" in problems(
        forged(proof.bundle(), "entry/3", setting("index", to=index)), proof
    )


def test_an_entry_without_its_proof_is_not_in_the_log(proof: Proof) -> None:
    assert "entry/3" in problems(forged(proof.bundle(), "entry/3", setting("proof", to=[])), proof)


def test_a_log_signed_with_another_key_is_refused(proof: Proof) -> None:
    anchors = proof.anchors
    proof.log_signer = worlds.NoteSigner(
        proof.log_signer.name, worlds.Kind.ED25519, worlds.signer()
    )
    report = verify(proof.bundle(), anchors)
    assert {"checkpoint/3", "checkpoint/5"} <= {problem.where for problem in report.problems}


def test_a_log_that_no_known_witness_cosigned_is_refused(proof: Proof) -> None:
    proof.witnessed = False
    assert "witness" in problems(proof.bundle(), proof)["checkpoint/5"]


def test_a_checkpoint_under_another_name_is_refused(proof: Proof) -> None:
    bundle = forged(proof.bundle(), "checkpoint/3", setting("name", to="checkpoint/4"))
    assert "checkpoint/4" in problems(bundle, proof)


@pytest.mark.parametrize("name", ["checkpoint/5", "consistency/3-5", "checkpoint/3"])
def test_a_missing_part_of_the_logs_proof_is_noticed(proof: Proof, name: str) -> None:
    assert problems(without(proof.bundle(), name), proof)


def test_a_bundle_without_any_checkpoint_proves_no_entry(proof: Proof) -> None:
    bundle = without(without(proof.bundle(), "checkpoint/3"), "checkpoint/5")
    found = problems(bundle, proof)
    assert {"checkpoint", "entry/0", "entry"} <= set(found)


def test_a_wrong_consistency_proof_is_named(proof: Proof) -> None:
    bundle = forged(proof.bundle(), "consistency/3-5", lambda line: line["proof"].reverse())
    assert "consistency/3-5" in problems(bundle, proof)


def test_a_checkpoint_that_is_no_text_is_named(proof: Proof) -> None:
    for note in ("", "é", "\ud800"):
        with_note = setting("note", to=note)
        try:
            bundle = forged(proof.bundle(), "checkpoint/5", with_note)
        except ValueError:
            continue  # not even canonical JSON can say it
        assert "checkpoint/5" in problems(bundle, proof)


# Documents.


def test_a_changed_dossier_is_not_what_was_filed(proof: Proof) -> None:
    changed = {**proof.dossier, "purpose": "routine"}
    bundle = forged(proof.bundle(), "dossier/filed", setting("content", to=changed))
    assert "digest" in problems(bundle, proof)["dossier/filed"]
    bundle = forged(bundle, "dossier/filed", setting("sha256", to=digest(changed)))
    found = problems(bundle, proof)
    assert "No entry" in found["dossier/filed"]
    assert {"entry/2", "entry/3", "envelope/receipt-miit", f"target/{PATH}"} <= set(found)


def test_a_changed_evaluation_is_not_what_the_rulebook_found(proof: Proof) -> None:
    proof.evaluation = {"pack": "cn-ota", "findings": []}
    found = problems(proof.bundle(), proof)
    assert {"evaluation/classification", "entry/1"} <= set(found)


def test_a_bundle_without_the_dossier_is_refused(proof: Proof) -> None:
    assert "dossier" in problems(without(proof.bundle(), "dossier/filed"), proof)


# Answers of authorities.


def with_receipt(proof: Proof, receipt: bytes) -> bytes:
    return forged(
        proof.bundle(), "envelope/receipt-miit", setting("envelope", to=json.loads(receipt))
    )


def test_a_receipt_by_the_manufacturer_is_no_receipt(proof: Proof) -> None:
    forgery = proof.receipt(by=proof.world.manufacturer)
    assert "envelope/receipt-miit" in problems(with_receipt(proof, forgery), proof)


def test_a_receipt_for_another_dossier_is_no_receipt(proof: Proof) -> None:
    other = proof.receipt(about="b" * 64)
    assert "nothing that is in the bundle" in " ".join(
        str(problem) for problem in verify(with_receipt(proof, other), proof.anchors).problems
    )


def test_a_receipt_over_the_image_alone_answers_no_filing(proof: Proof) -> None:
    beside = proof.receipt(about=IMAGE_SHA256)
    found = problems(with_receipt(proof, beside), proof)
    assert "does not answer a filing" in found["envelope/receipt-miit"]


def test_a_receipt_for_a_dossier_that_was_never_filed_answers_nothing(proof: Proof) -> None:
    proof.bodies = [
        body.replace(b"filing:", b"draft:") if b"filing" in body else body for body in proof.bodies
    ]
    assert "does not answer" in problems(proof.bundle(), proof)["envelope/receipt-miit"]


def test_a_changed_receipt_is_no_receipt(proof: Proof) -> None:
    receipt = json.loads(proof.receipt())
    statement = json.loads(base64.b64decode(receipt["payload"]))
    statement["predicate"]["outcome"] = "accepted with conditions"
    receipt["payload"] = base64.b64encode(canonical(statement)).decode()
    found = problems(with_receipt(proof, canonical(receipt)), proof)
    assert "envelope/receipt-miit" in found


def test_a_party_whose_key_nobody_knows_is_named(proof: Proof) -> None:
    bundle = forged(proof.bundle(), "envelope/receipt-miit", setting("party", to="samr"))
    assert "samr" in problems(bundle, proof)["envelope/receipt-miit"]


def test_a_party_of_another_manufacturer_does_not_speak_here(proof: Proof) -> None:
    stranger = worlds.signer()
    proof.world.delegate(
        roles.RoleSpec(
            "other-motors.routine",
            ("other-motors/routine/*",),
            {
                "manufacturer": (worlds.signer().public_key,),
                "miit": (stranger.public_key,),
            },
        )
    )
    assert verify(proof.bundle(), proof.anchors).ok
    forgery = with_receipt(proof, proof.receipt(by=stranger))
    assert "envelope/receipt-miit" in problems(forgery, proof)


def test_a_party_of_another_role_of_the_manufacturer_speaks(proof: Proof) -> None:
    samr = worlds.signer()
    proof.world.delegate(
        roles.RoleSpec(
            "demo-motors.routine",
            ("demo-motors/routine/*",),
            {"manufacturer": (worlds.signer().public_key,), "samr": (samr.public_key,)},
        )
    )
    bundle = with_receipt(proof, proof.receipt(by=samr))
    bundle = forged(bundle, "envelope/receipt-miit", setting("party", to="samr"))
    assert verify(bundle, proof.anchors).ok


def test_a_key_that_nobody_can_sign_with_lets_nobody_speak(proof: Proof) -> None:
    def name_a_broken_key(targets: Targets) -> None:
        party = worlds.signer().public_key
        broken = SSlibKey("0" * 64, "ed25519", "ed25519", {"public": "no hex"})
        roles.delegate(
            targets,
            roles.RoleSpec(
                "demo-motors.routine",
                ("demo-motors/routine/*",),
                {"manufacturer": (party,), "samr": (worlds.signer().public_key,)},
            ),
        )
        assert targets.delegations is not None
        targets.delegations.keys[broken.keyid] = broken
        roles.delegated(targets, "demo-motors.routine").keyids.append(broken.keyid)
        named = targets.unrecognized_fields[roles.PARTIES_FIELD]["demo-motors.routine"]
        named["samr"] = broken.keyid

    resigned_targets(proof, name_a_broken_key)
    bundle = forged(proof.bundle(), "envelope/receipt-miit", setting("party", to="samr"))
    assert "No key of samr" in problems(bundle, proof)["envelope/receipt-miit"]


# The image and its metadata.


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


def resigned_targets(proof: Proof, change: Callable[[Targets], None]) -> None:
    """The platform, with its targets key, publishes delegations that Roadworthy would refuse."""
    world = proof.world
    targets = world.repository.targets()
    change(targets)
    targets.version += 1
    metadata = Metadata(targets)
    metadata.sign(world.targets)
    world.store.put("targets", targets.version, metadata.to_bytes())
    world.repository.refresh_online(online=world.online, at=NOW)


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


# The whole.


def test_a_forgers_whole_world_agrees_with_itself_and_with_no_true_key(proof: Proof) -> None:
    forgery = Proof().bundle()
    alone = verify(forgery)
    assert alone.ok
    assert alone.keys_from_bundle
    found = problems(forgery, proof)
    assert {"checkpoint/5", "tuf/root", "envelope/test-report"} <= set(found)


def test_a_bundle_without_keys_needs_keys_of_ones_own(proof: Proof) -> None:
    bundle = without(proof.bundle(), "anchors")
    assert "none are given" in problems(bundle)["anchors"]
    assert verify(bundle, proof.anchors).ok


def test_damaged_keys_in_the_bundle_are_named(proof: Proof) -> None:
    bundle = forged(proof.bundle(), "anchors", setting("log", to="log+00000000+AAAA"))
    assert "anchors" in problems(bundle)


def test_a_bundle_with_nothing_but_keys_proves_nothing(proof: Proof) -> None:
    empty = BundleBuilder(release="7", created_at=NOW, anchors=proof.anchors).to_bytes()
    assert {"checkpoint", "entry", "dossier", "tuf/root"} <= set(problems(empty, proof))


def test_an_unknown_format_is_not_guessed_at(proof: Proof) -> None:
    lines = lines_of(proof.bundle())
    lines[0]["format"] = "roadworthy-proof/2"
    assert "roadworthy-proof/2" in problems(reheaded(lines), proof)["header"]


def test_two_lines_of_one_name_are_refused(proof: Proof) -> None:
    lines = lines_of(proof.bundle())
    assert "twice" in problems(reheaded([*lines, lines[-1]]), proof)[lines[-1]["name"]]


def test_a_line_under_another_name_is_refused(proof: Proof) -> None:
    lines = lines_of(proof.bundle())
    content = reheaded(lines).splitlines()
    header = json.loads(content[0])
    header["lines"][3]["name"] = "something else"
    header["digest"] = digest(header | {"digest": ""})
    bundle = b"".join(raw + b"\n" for raw in (canonical(header), *content[1:]))
    assert "calls itself" in problems(bundle, proof)["something else"]


@pytest.mark.parametrize(
    "raw", [b"{}", b'{"kind":"unknown","name":"x"}', b'{"kind":"header","name":"x"}', b"[1]"]
)
def test_a_line_of_an_unknown_kind_is_refused(proof: Proof, raw: bytes) -> None:
    content = proof.bundle().splitlines()
    header = json.loads(content[0])
    header["lines"].append({"name": "more", "sha256": sha256_hex(raw)})
    header["digest"] = digest(header | {"digest": ""})
    bundle = b"".join(line + b"\n" for line in (canonical(header), *content[1:], raw))
    assert "more" in problems(bundle, proof)


def test_an_attestation_over_nothing_in_the_bundle_is_named(proof: Proof) -> None:
    statement = dsse.Statement(
        (dsse.Subject("image", "e" * 64),), dsse.PredicateType.TEST_REPORT, {}
    )
    other = json.loads(dsse.attest(statement, proof.laboratory))
    bundle = forged(proof.bundle(), "envelope/test-report", setting("envelope", to=other))
    assert "nothing" in problems(bundle, proof)["envelope/test-report"]
