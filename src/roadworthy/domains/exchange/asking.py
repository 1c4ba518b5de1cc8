"""A person asks for a comparison with a peer now: what is missing on a side is sent again.

The wish stands in the log, with who had it; the process that speaks to peers looks for it, and it
is fulfilled by the first whole comparison that begins after it. A peer that cannot be reached is
asked as often as for any other reason, until it answers.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from roadworthy.domains.exchange import identity, peering
from roadworthy.domains.exchange.errors import AskedJustNow, NoSuchPeer, PeerNotConfirmed
from roadworthy.domains.exchange.matters import Depth
from roadworthy.domains.exchange.models import Comparison, Peer
from roadworthy.domains.exchange.states import ANSWERABLE, PeerState
from roadworthy.domains.ledger import queries as history
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import Actor, NotAMember, witnessed

EVENT = "exchange:comparison:asked"
PAUSE = timedelta(minutes=1)  # both sides read all that they have from each other


@transaction.atomic(durable=True)
def ask(*, name: str, actor: Actor, at: datetime) -> None:
    """Ask for a comparison with a peer as soon as possible.

    Raises:
        NotAMember, NoSuchPeer, PeerNotConfirmed.
        AskedJustNow: somebody asked, or both were compared, less than ``PAUSE`` ago.
    """
    by = witnessed(actor)
    if actor.role not in ANSWERABLE:
        raise NotAMember(role=actor.role)
    found = peering.living().select_for_update(no_key=True).filter(name=name).first()
    if found is None or actor.organisation_id != identity.own().organisation_id:
        raise NoSuchPeer
    if found.state != PeerState.CONFIRMED:
        raise PeerNotConfirmed(name=name)
    asked, compared = _asked(found), _compared(found)
    if max(filter(None, (asked, compared)), default=at - PAUSE) > at - PAUSE:
        raise AskedJustNow(name=name)
    ledger.record(event=EVENT, subject=f"peer/{name}", actor=by, at=at, data={})


def since(peer: Peer) -> datetime | None:
    """Return when somebody asked, while no whole comparison has begun since."""
    asked, compared = _asked(peer), _compared(peer)
    return asked if asked and (compared is None or compared < asked) else None


def _asked(peer: Peer) -> datetime | None:
    found = history.newest(f"peer/{peer.name}", EVENT)
    return found.at if found else None


def _compared(peer: Peer) -> datetime | None:
    whole = Comparison.objects.filter(peer=peer, depth=Depth.FULL).order_by("-pk")
    return whole.values_list("at", flat=True).first()
