"""A forger writes a header that fits; the signatures, proofs and digests find the forgery."""

from __future__ import annotations

import base64
import json

import pytest
from securesystemslib.signer import SSlibKey
from tuf.api.metadata import Targets

from roadworthy.kernel.canonical import canonical, digest, sha256_hex
from roadworthy.trust import dsse, roles
from roadworthy.trust.bundle import BundleBuilder
from roadworthy.trust.verify import verify
from tests.trust import worlds
from tests.trust.forging import (
    forged,
    lines_of,
    problems,
    reheaded,
    resigned_targets,
    setting,
    without,
)
from tests.trust.worlds import IMAGE_SHA256, NOW, PATH, Proof


@pytest.fixture
def proof() -> Proof:
    return Proof()


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
