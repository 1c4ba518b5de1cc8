from __future__ import annotations

from dataclasses import replace

import pytest

from roadworthy.trust import checkpoints, notes, tlog
from roadworthy.trust.checkpoints import Checkpoint, CheckpointRefused, VolatileMemory, Witness
from roadworthy.trust.notes import Kind, NoteSigner
from roadworthy.trust.tiles import MemoryTiles
from roadworthy.trust.tlog import Log
from tests.trust import worlds
from tests.trust.worlds import NOW

LOG_SIGNER = NoteSigner("log.example/roadworthy", Kind.ED25519, worlds.signer())
WITNESS_SIGNER = NoteSigner("witness.example/miit", Kind.COSIGNATURE, worlds.signer())
LOG = Log(MemoryTiles(), 0).append([b"%d" % index for index in range(20)])
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def checkpoint(size: int, log: Log = LOG) -> bytes:
    state = Checkpoint(LOG_SIGNER.name, size, log.root(size))
    return checkpoints.sign_checkpoint(state, LOG_SIGNER, at=NOW)


@pytest.fixture
def witness() -> Witness:
    return Witness(WITNESS_SIGNER, logs=[LOG_SIGNER.verifier], memory=VolatileMemory())


def cosign(witness: Witness, size: int, log: Log = LOG) -> str:
    old = witness.last_size(LOG_SIGNER.name)
    proof = log.prove_consistency(old, size) if old <= size else ()
    return witness.cosign(checkpoint(size, log), old_size=old, proof=proof, at=NOW)


def test_the_example_of_the_specification_is_read_and_written() -> None:
    read = Checkpoint.parse(EXAMPLE)
    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20852163)
    assert read.text() == EXAMPLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        EXAMPLE[:-1],
        EXAMPLE + "extension\n",
        EXAMPLE.replace("20852163", "020852163"),
        EXAMPLE.replace("20852163", "-1"),
        EXAMPLE.replace("20852163", "٣"),
        EXAMPLE.replace("q2I=", "q2J="),
        EXAMPLE.replace("q2I=", ""),
        EXAMPLE.replace("q2I=", "é"),
        EXAMPLE.replace("example.com/behind-the-sofa", ""),
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(checkpoints.CheckpointMalformed):
        Checkpoint.parse(text)


def test_an_opened_checkpoint_names_its_witnesses_and_when(witness: Witness) -> None:
    note = notes.add_line(checkpoint(5), cosign(witness, 5))
    opened = checkpoints.open_checkpoint(note, LOG_SIGNER.verifier, [witness.verifier])
    assert opened.checkpoint.size == 5
    assert opened.cosigned == ((witness.verifier, NOW.replace(microsecond=0)),)
    assert checkpoints.open_checkpoint(note, LOG_SIGNER.verifier).cosigned == ()


def test_a_witness_does_not_stand_in_for_the_log(witness: Witness) -> None:
    only_witnessed = notes.sign(
        Checkpoint(LOG_SIGNER.name, 5, LOG.root(5)).text(), [WITNESS_SIGNER], at=NOW
    )
    with pytest.raises(notes.NoteNotSigned):
        checkpoints.open_checkpoint(only_witnessed, LOG_SIGNER.verifier, [witness.verifier])


def test_a_log_speaks_only_for_itself() -> None:
    other = Checkpoint("log.example/other", 5, LOG.root(5))
    note = checkpoints.sign_checkpoint(other, LOG_SIGNER, at=NOW)
    with pytest.raises(checkpoints.CheckpointMalformed, match=r"log\.example/other"):
        checkpoints.open_checkpoint(note, LOG_SIGNER.verifier)


def test_a_witness_follows_a_log_that_only_grows(witness: Witness) -> None:
    for size in (0, 1, 5, 5, 20):
        cosign(witness, size)
        assert witness.last_size(LOG_SIGNER.name) == size


def test_a_witness_refuses_a_log_that_has_become_shorter(witness: Witness) -> None:
    cosign(witness, 10)
    with pytest.raises(CheckpointRefused, match="had 10 entries before"):
        witness.cosign(checkpoint(9), old_size=10, proof=(), at=NOW)
    assert witness.last_size(LOG_SIGNER.name) == 10


def test_a_witness_refuses_a_log_that_changed_its_past(witness: Witness) -> None:
    cosign(witness, 10)
    forged = Log(MemoryTiles(), 0).append([b"forged", *(b"%d" % i for i in range(1, 20))])
    for size in (10, 15):
        with pytest.raises(CheckpointRefused):
            cosign(witness, size, forged)
    assert witness.last_size(LOG_SIGNER.name) == 10


def test_a_witness_refuses_an_empty_log_with_entries(witness: Witness) -> None:
    state = Checkpoint(LOG_SIGNER.name, 0, tlog.leaf_hash(b""))
    note = checkpoints.sign_checkpoint(state, LOG_SIGNER, at=NOW)
    with pytest.raises(CheckpointRefused):
        witness.cosign(note, old_size=0, proof=(), at=NOW)


def test_a_witness_says_from_where_the_proof_must_start(witness: Witness) -> None:
    cosign(witness, 5)
    proof = LOG.prove_consistency(4, 10)
    with pytest.raises(checkpoints.WitnessAhead) as refusal:
        witness.cosign(checkpoint(10), old_size=4, proof=proof, at=NOW)
    assert refusal.value.data["seen"] == 5


def test_a_witness_cosigns_only_logs_that_it_watches(witness: Witness) -> None:
    stranger = NoteSigner("log.example/other", Kind.ED25519, worlds.signer())
    note = checkpoints.sign_checkpoint(Checkpoint(stranger.name, 5, LOG.root(5)), stranger, at=NOW)
    with pytest.raises(checkpoints.UnknownLog):
        witness.cosign(note, old_size=0, proof=(), at=NOW)


def test_a_witness_asks_for_the_logs_signature(witness: Witness) -> None:
    impostor = replace(LOG_SIGNER, signer=worlds.signer())
    state = Checkpoint(LOG_SIGNER.name, 5, LOG.root(5))
    with pytest.raises(notes.NoteNotSigned):
        witness.cosign(
            checkpoints.sign_checkpoint(state, impostor, at=NOW), old_size=0, proof=(), at=NOW
        )


def test_a_witness_does_not_sign_like_a_log() -> None:
    with pytest.raises(notes.BadVerifierKey):
        Witness(LOG_SIGNER, logs=[], memory=VolatileMemory())
