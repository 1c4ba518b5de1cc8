"""Step 10: the proof of the release leaves the platform as a file, and a changed byte is found."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.cli.demo.stage import DemoFailed, Stage
from roadworthy.domains.filings import proofs, witnessing
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.roles import Role

if TYPE_CHECKING:
    from roadworthy.domains.software.models import Release


def cosign(stage: Stage, at: datetime) -> None:
    """Let SAMR's witness cosign the log as it stands."""
    witnessing.cosign(
        passphrase=stage.passphrase(Role.SAMR_REVIEWER),
        platform=stage.platform,
        actor=stage.actor(Role.SAMR_REVIEWER),
        at=at,
    )


def show(stage: Stage, release: Release) -> None:
    """Export the proof, verify it in a process of its own, and damage a copy."""
    cosign(stage, datetime.now(UTC))
    story = ledger.story_of_release(release.pk)
    checkpoint = ledger.latest_witnessed()
    if checkpoint is None:
        raise DemoFailed("the witness has not cosigned")
    stage.narrator.say(
        f"{len(story):,} entries tell the story; the log has {checkpoint.size:,}, "
        f"root {checkpoint.root}, cosigned by SAMR's witness"
    )
    stage.narrator.say(f"ROADWORTHY_HOME={stage.home} roadworthy trace {release.number}")
    proof = stage.work / f"{release.number}.proof.jsonl"
    anchors = stage.work / "anchors.json"
    built = proofs.bundle(release, platform=stage.platform, at=datetime.now(UTC), with_images=True)
    built.write(proof)
    anchors.write_text(json.dumps(proofs.anchors(stage.platform).to_dict(), indent=1) + "\n")
    verified = _verify(proof, anchors)
    if verified.returncode != 0:
        raise DemoFailed(f"the proof does not verify:\n{verified.stdout}{verified.stderr}")
    stage.narrator.good(f"roadworthy verify {proof} --anchors {anchors}")
    for line in verified.stdout.splitlines():
        stage.narrator.say(f"  {line}")
    _damage(stage, proof, anchors)
    stage.narrator.see(f"/p/releases/{release.number}/")


def _damage(stage: Stage, proof: Path, anchors: Path) -> None:
    damaged = proof.with_suffix(".damaged.jsonl")
    content = bytearray(proof.read_bytes())
    content[len(content) // 2] ^= 0x01
    damaged.write_bytes(content)
    found = _verify(damaged, anchors)
    if found.returncode == 0:
        raise DemoFailed("a changed byte was not found")
    first = found.stderr.strip().splitlines()[0] if found.stderr.strip() else ""
    stage.narrator.good(f"one bit changed in a copy: exit code {found.returncode}; {first}")


def _verify(proof: Path, anchors: Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier as a stranger would: another process, no database, only two files."""
    command = [sys.executable, "-m", "roadworthy.cli", "verify", str(proof), "--anchors"]
    return subprocess.run(  # noqa: S603 - our own program
        [*command, str(anchors), "--lang", "en"], check=False, capture_output=True, text=True
    )
