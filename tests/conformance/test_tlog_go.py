"""The log, judged by the code behind Go's checksum database and by a Go witness library."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from roadworthy.trust import notes, tiles
from roadworthy.trust.checkpoints import Checkpoint, VolatileMemory, Witness, sign_checkpoint
from roadworthy.trust.notes import Kind, NoteSigner
from roadworthy.trust.tiles import MemoryTiles
from roadworthy.trust.tlog import Log
from tests.trust import worlds
from tests.trust.worlds import NOW

SOURCE = Path(__file__).parent / "tlog_go"
SIZES = (1, 2, 7, 255, 256, 257, 600, 66_000)


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None:
        pytest.skip("needs the Go toolchain (1.24 or newer)")
    program = tmp_path_factory.mktemp("tlogcheck") / "tlogcheck"
    build = subprocess.run(
        ["go", "build", "-buildvcs=false", "-o", str(program), "."],
        cwd=SOURCE,
        env=os.environ | {"GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if build.returncode:
        pytest.skip(f"Go could not build the checker: {build.stderr.strip()[-300:]}")
    return program


def described() -> dict[str, Any]:
    """A log of several sizes with everything a verifier could ask of it."""
    signer = NoteSigner("log.example/roadworthy", Kind.ED25519, worlds.signer())
    witness = Witness(
        NoteSigner("witness.example/miit", Kind.COSIGNATURE, worlds.signer()),
        logs=[signer.verifier],
        memory=VolatileMemory(),
    )
    entries = [b'{"event":"e","n":%d}' % index for index in range(SIZES[-1])]
    store = MemoryTiles()
    log = Log(store, 0).append(entries)
    checkpoints = []
    for size in SIZES:
        state = Checkpoint(signer.name, size, log.root(size))
        note = sign_checkpoint(state, signer, at=NOW)
        old = witness.last_size(signer.name)
        proof = log.prove_consistency(old, size)
        line = witness.cosign(note, old_size=old, proof=proof, at=NOW)
        note = notes.add_line(note, line)
        checkpoints.append({"Note": note.decode(), "Size": size, "Root": encoded(state.root)})
    return {
        "Log": str(signer.verifier),
        "Witness": str(witness.verifier),
        "Checkpoints": checkpoints,
        "Inclusions": [
            {
                "Index": index,
                "Size": size,
                "Entry": encoded(entries[index]),
                "Proof": [encoded(item) for item in log.prove_inclusion(index, size)],
            }
            for size in SIZES
            for index in sorted({0, size // 2, size // 3, size - 1})
        ],
        "Consistency": [
            {
                "Old": old,
                "Size": size,
                "Proof": [encoded(item) for item in log.prove_consistency(old, size)],
            }
            for size in SIZES
            for old in SIZES
            if old <= size
        ],
        "Tiles": served(store),
    }


def served(store: MemoryTiles) -> dict[str, str]:
    """Each tile under its address: the full ones, and the partial ones of every size."""
    found = {
        tiles.tile_path(tile): encoded(content)
        for tile, content in store._tiles.items()
        if len(content) == tiles.TILE_WIDTH * tiles.HASH_SIZE
    }
    for size in SIZES:
        for tile, width in tiles.widths(size).items():
            content = store.get(tile)
            assert content is not None
            found[tiles.tile_path(tile, width)] = encoded(content[: width * tiles.HASH_SIZE])
    return found


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def ask(checker: Path, log: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checker)],
        input=json.dumps(log),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_go_accepts_notes_cosignatures_tiles_roots_and_proofs(checker: Path) -> None:
    answer = ask(checker, described())
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "ok\n", "")


@pytest.mark.parametrize("part", ["Inclusions", "Consistency", "Checkpoints", "Tiles"])
def test_go_refuses_a_log_with_one_changed_part(checker: Path, part: str) -> None:
    log = described()
    if part == "Tiles":
        log[part]["tile/0/000"] = encoded(b"\0" * 8192)
    elif part == "Checkpoints":
        log[part][3]["Note"] = log[part][3]["Note"].replace("\n255\n", "\n254\n")
    else:
        last = log[part][-2]
        last["Proof"] = last["Proof"][::-1]
    assert ask(checker, log).returncode == 1
