"""How two deployments get to know each other, and what each says of itself and of the others."""

from __future__ import annotations

from typing import Any

from roadworthy import stores
from roadworthy.cli.federation.seat import Seat, now
from roadworthy.domains.exchange import identity, peering
from roadworthy.domains.exchange.matters import Depth
from roadworthy.domains.ledger import queries as ledger
from roadworthy.domains.organisations.actors import Actor
from roadworthy.domains.organisations.roles import Kind, Role
from roadworthy.federation import comparing
from roadworthy.trust import checkpoints, notes, tiles, tlog

_ANSWERS = {
    Kind.MANUFACTURER: Role.COMPLIANCE_OFFICER,
    Kind.MIIT: Role.MIIT_REVIEWER,
    Kind.SAMR: Role.SAMR_REVIEWER,
    Kind.INSTITUTION: Role.TEST_ENGINEER,
}


def _responsible(seat: Seat) -> Actor:
    """Return who answers for the exchange in this organisation."""
    return seat.actor(_ANSWERS[seat.party.kind])


def card(seat: Seat) -> dict[str, str]:  # noqa: ARG001 - every step gets its seat
    """Return this deployment's signed card, and the fingerprint that its people read out."""
    return {
        "card": identity.card(stores.exchange(), at=now()).decode(),
        "fingerprint": identity.own().fingerprint,
    }


def enter(seat: Seat, card: str) -> dict[str, str]:
    """Enter another deployment's card."""
    peer = peering.enter(card.encode(), actor=_responsible(seat), at=now())
    return {"name": peer.name, "fingerprint": peer.fingerprint, "state": str(peer.state)}


def confirm(seat: Seat, name: str, fingerprint: str) -> str:
    """Confirm a peer whose fingerprint was read out."""
    done = peering.confirm(name=name, fingerprint=fingerprint, actor=_responsible(seat), at=now())
    return str(done.state)


def compare(seat: Seat, peer: str) -> dict[str, Any]:  # noqa: ARG001
    """Compare every matter with a peer, computed anew on both sides; say what differs."""
    (known,) = (one for one in peering.connected() if one.name == peer)
    outcome = comparing.compare(stores.exchange(), known, depth=Depth.FULL)
    return {
        "matters": outcome.comparison.matters,
        "root": outcome.comparison.our_root,
        "is_equal": outcome.is_equal,
        "differences": [
            {"matter": one.matter, "verdict": str(one.verdict), **one.details}
            for one in outcome.found
        ],
    }


def log(seat: Seat) -> dict[str, Any]:  # noqa: ARG001
    """Return up to where each peer's witness has cosigned this log, verified from its entries.

    0: it has not, or its signature does not hold, or the entries have another root.
    """
    own = notes.Verifier.parse(identity.own().log)
    return {peer.name: _cosigned(own, peer) for peer in peering.connected()}


def _cosigned(own: notes.Verifier, peer: Any) -> int:
    size = peer.cosigned_size
    checkpoint = ledger.checkpoint_of(size)
    if checkpoint is None:
        return 0
    witness = notes.Verifier.parse(peer.witness)
    opened = checkpoints.open_checkpoint(checkpoint.note.encode(), own, [witness])
    anew = tlog.Log(tiles.MemoryTiles(), 0).append(ledger.bodies(0, size))
    holds = [one for one, _ in opened.cosigned] == [witness]
    return size if holds and anew.root() == opened.checkpoint.root else 0
