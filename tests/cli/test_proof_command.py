"""``export`` and ``verify`` as somebody types them: files, words and exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roadworthy.cli import proof as commands
from roadworthy.cli.main import main
from roadworthy.domains.filings import proofs
from tests.world import World


@pytest.fixture
def exported(world: World, tmp_path: Path) -> tuple[Path, Path]:
    """A proof with its images, and the keys to verify it with."""
    world.witness()
    release = world.released()
    world.witness()
    proof, anchors = tmp_path / "proof.jsonl", tmp_path / "anchors.json"
    built = proofs.bundle(
        release, platform=world.platform, at=datetime(2025, 6, 3, 3, tzinfo=UTC), with_images=True
    )
    built.write(proof)
    anchors.write_text(json.dumps(proofs.anchors(world.platform).to_dict()))
    return proof, anchors


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as over:
        main(list(arguments))
    assert isinstance(over.value.code, int)
    return over.value.code


def test_a_whole_proof_ends_with_zero(
    exported: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    proof, anchors = exported
    assert run("verify", str(proof), "--anchors", str(anchors), "--lang", "en") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Verified."


def test_a_changed_byte_ends_with_another_code_and_names_its_line(
    exported: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    proof, anchors = exported
    content = bytearray(proof.read_bytes())
    lines = proof.read_bytes().splitlines(keepends=True)
    # One byte in the middle of every line: the test of the verifier itself flips them all.
    start = 0
    for line in lines:
        at = start + len(line) // 2
        start += len(line)
        content[at] ^= 0x01
        proof.write_bytes(content)
        content[at] ^= 0x01
        name = json.loads(line)["name"]
        code = run("verify", str(proof), "--anchors", str(anchors), "--lang", "en")
        assert code == commands.NOT_PROVEN
        assert name in capsys.readouterr().err


def test_without_keys_of_ones_own_the_report_says_so(
    exported: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("verify", str(exported[0]), "--lang", "en") == 0
    assert "taken from the bundle itself" in capsys.readouterr().out


def test_the_keys_of_another_deployment_do_not_verify_it(
    exported: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof, anchors = exported
    others = json.loads(anchors.read_text())
    others["root_sha256"] = "0" * 64
    other = tmp_path / "others.json"
    other.write_text(json.dumps(others))
    assert run("verify", str(proof), "--anchors", str(other)) == commands.NOT_PROVEN
    assert capsys.readouterr().err
