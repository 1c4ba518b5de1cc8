from __future__ import annotations

import json
from pathlib import Path

import pytest

from roadworthy.kernel.canonical import canonical, sha256_hex
from roadworthy.trust import bundle, notes
from roadworthy.trust.bundle import Anchors, AnchorsMalformed
from roadworthy.trust.verify import verify
from tests.trust.worlds import Proof


def test_every_line_is_canonical_json_and_the_header_lists_the_rest() -> None:
    header, *rest = Proof().bundle().splitlines()
    assert canonical(json.loads(header)) == header
    listed = json.loads(header)["lines"]
    assert [one["name"] for one in listed] == [json.loads(line)["name"] for line in rest]
    assert [one["sha256"] for one in listed] == [sha256_hex(line) for line in rest]
    assert all(canonical(json.loads(line)) == line for line in rest)


def test_the_same_evidence_gives_the_same_bytes() -> None:
    builder = Proof().builder()
    assert builder.to_bytes() == builder.to_bytes()


def test_a_written_bundle_verifies(tmp_path: Path) -> None:
    proof = Proof()
    (tmp_path / "release-7.jsonl").write_bytes(b"an older one")
    content = proof.bundle()
    builder = proof.builder()
    builder.write(tmp_path / "part.jsonl")
    assert (tmp_path / "part.jsonl").read_bytes() == builder.to_bytes()
    (tmp_path / "release-7.jsonl").write_bytes(content)
    assert verify(tmp_path / "release-7.jsonl", proof.anchors).ok


def test_evidence_is_not_added_twice() -> None:
    proof = Proof()
    builder = proof.builder()
    with pytest.raises(bundle.EvidenceRepeated, match="entry/0"):
        builder.entry(0, proof.bodies[0], [])


@pytest.mark.parametrize("body", [b'{"a": 1}', b'{"b":1,"a":2}', b"[]", b'{"a":1.0}'])
def test_an_entry_that_would_change_its_bytes_is_refused(body: bytes) -> None:
    with pytest.raises(bundle.EvidenceNotCanonical, match="entry/9"):
        Proof().builder().entry(9, body, [])


def test_what_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(notes.NoteMalformed):
        Proof().builder().checkpoint(b"no note")


def test_anchors_survive_being_written_and_read() -> None:
    anchors = Proof().anchors
    assert Anchors.from_dict(json.loads(json.dumps(anchors.to_dict()))) == anchors


@pytest.mark.parametrize(
    "change",
    [
        {"log": None},
        {"log": "log.example+00000000+AAAA"},
        {"witnesses": 3},
        {"parties": {"x": {"keytype": "rsa"}}},
        {"parties": []},
    ],
)
def test_damaged_anchors_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(AnchorsMalformed):
        Anchors.from_dict(Proof().anchors.to_dict() | change)


def test_anchors_that_lack_a_key_are_refused() -> None:
    with pytest.raises(AnchorsMalformed):
        Anchors.from_dict({})
