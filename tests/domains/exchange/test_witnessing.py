"""Another deployment's witness cosigns our log, and ours cosigns theirs, as continuations only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from roadworthy.domains.exchange import identity, witnessing
from roadworthy.domains.exchange.applying import Here, turn
from roadworthy.domains.exchange.files import Files
from roadworthy.domains.exchange.known import REGISTRY
from roadworthy.domains.exchange.models import Outgoing
from roadworthy.domains.exchange.states import MessageState
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.ledger import sequencing
from roadworthy.trust import checkpoints, notes
from roadworthy.trust.messages import Message
from roadworthy.trust.tlog import Log
from tests import exchanging
from tests.world import ONLINE, START

pytestmark = pytest.mark.django_db


@pytest.fixture
def happens(world, peer, own):
    """Hand what the peer says to us, let it take effect, and return the last thing we answered."""

    def happened(*envelopes: bytes) -> Message:
        exchanging.deliver(peer, *envelopes, to=own.name, at=START)
        ours = identity.open_identity(world.platform.home, ONLINE)
        turn(Here(REGISTRY, world.platform, Files(world.platform), ours), at=lambda: START)
        return Message.parse(bytes(Outgoing.objects.order_by("-pk")[0].payload))

    return happened


class Tiles(dict):
    """A store of tiles in memory."""

    def put(self, tiles):
        self.update(tiles)


class TheirLog:
    """The log of the other deployment."""

    def __init__(self, far) -> None:
        self.signer = notes.NoteSigner("far.example/log", notes.Kind.ED25519, far.signer)
        self.tree = Log(Tiles(), 0)

    def grow(self, *entries: bytes) -> int:
        self.tree = self.tree.append(entries)
        return self.tree.size

    def says(self, far, old_size: int) -> bytes:
        checkpoint = checkpoints.Checkpoint(self.signer.name, self.tree.size, self.tree.root())
        note = checkpoints.sign_checkpoint(checkpoint, self.signer, at=START)
        proof = [one.hex() for one in self.tree.prove_consistency(old_size)]
        return far.say(
            witnessing.matter(self.signer.name),
            "checkpoint.published",
            {"note": note.decode(), "old_size": old_size, "proof": proof},
        )


def test_our_checkpoint_bears_the_cosignature_that_came_back(world, far, peer, happens):
    sequencing.sequence(signer=world.platform.log, at=START)
    assert witnessing.publish(at=START) == 1
    assert witnessing.publish(at=START + timedelta(hours=1)) == 0  # nothing new
    told = Message.parse(bytes(Outgoing.objects.get(kind="checkpoint.published").payload))
    theirs = notes.NoteSigner("far.example/witness", notes.Kind.COSIGNATURE, far.signer)
    clerk = checkpoints.Witness(
        theirs, logs=[world.platform.log.verifier], memory=checkpoints.VolatileMemory()
    )
    note = told.body["note"].encode()
    line = clerk.cosign(note, old_size=0, proof=[], at=START)
    size = checkpoints.open_checkpoint(note, world.platform.log.verifier).checkpoint.size
    body = {"origin": world.platform.log.name, "size": size, "line": line}
    happens(far.say(told.matter, "checkpoint.cosigned", body))
    kept = ledger.latest_checkpoint()
    opened = checkpoints.open_checkpoint(
        kept.note.encode(), world.platform.log.verifier, [theirs.verifier]
    )
    assert [one.name for one, _ in opened.cosigned] == ["far.example/witness"]
    peer.refresh_from_db()
    assert peer.cosigned_size == size


def test_a_cosignature_by_another_key_is_a_dead_letter(world, far, peer, happens):
    sequencing.sequence(signer=world.platform.log, at=START)
    kept = ledger.latest_checkpoint()
    forger = notes.NoteSigner(
        "far.example/witness", notes.Kind.COSIGNATURE, CryptoSigner(Ed25519PrivateKey.generate())
    )
    line = forger.line(notes.parse(kept.note.encode()).text, at=START)
    witnessing.publish(at=START)
    body = {"origin": world.platform.log.name, "size": kept.size, "line": line}
    happens(far.say(witnessing.matter(world.platform.log.name), "checkpoint.cosigned", body))
    assert [one.state for one in exchanging.letters(peer)] == [MessageState.DEAD]
    kept.refresh_from_db()
    assert kept.witnessed_at is None


def test_our_witness_cosigns_what_continues_and_nothing_else(own, far, peer, happens):
    log = TheirLog(far)
    log.grow(b"a", b"b")
    answer = happens(log.says(far, 0))
    assert (answer.kind, answer.body["size"]) == ("checkpoint.cosigned", 2)
    log.grow(b"c")
    answer = happens(log.says(far, 1))  # a proof from where the witness no longer is
    assert (answer.kind, answer.body["size"]) == ("checkpoint.wanted", 2)
    answer = happens(log.says(far, 2))
    assert (answer.kind, answer.body["size"]) == ("checkpoint.cosigned", 3)
    rewritten = TheirLog(far)
    rewritten.grow(b"a", b"b", b"x", b"d")
    last = happens(rewritten.says(far, 3))
    assert last == answer  # nothing was said
    letter = exchanging.letters(peer)[-1]
    assert (letter.state, letter.error["code"]) == (MessageState.DEAD, "trust.checkpoint_refused")


def test_a_log_that_became_shorter_is_not_cosigned(far, peer, happens):
    log = TheirLog(far)
    log.grow(b"a", b"b")
    happens(log.says(far, 0))
    shorter = TheirLog(far)
    shorter.grow(b"a")
    happens(shorter.says(far, 1))
    assert exchanging.letters(peer)[-1].error["code"] == "trust.checkpoint_refused"
