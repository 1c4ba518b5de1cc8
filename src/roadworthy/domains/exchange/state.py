"""What the two sides of a matter compare beyond their messages: its state, computed anew.

Nothing here is read from a stored digest: a row that somebody altered by hand must show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from roadworthy.domains.exchange import identity
from roadworthy.domains.exchange.models import Peer
from roadworthy.domains.filings import dossiers
from roadworthy.domains.filings.models import Filing
from roadworthy.kernel.canonical import sha256_hex

Reader = Callable[[Peer, str], Mapping[str, str]]


def of(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return the facts about a matter on which both sides must agree; empty: there are none."""
    kind, _, name = matter.partition("/")
    reader = READERS.get(kind)
    return dict(reader(peer, name)) if reader else {}


def _filing(peer: Peer, number: str) -> Mapping[str, str]:
    """Return what was filed, how it stands and what the authority signed."""
    own = identity.own().organisation
    found = (
        Filing.objects.select_related("dossier")
        .filter(number=number, submitted_at__isnull=False)
        .filter(manufacturer__in=[own, peer.organisation], authority__in=[own, peer.organisation])
        .first()
    )
    if found is None:
        return {}
    return {
        "dossier": dossiers.sha256(found.dossier.content),
        "state": found.state,
        "receipt": sha256_hex(found.receipt.encode()) if found.receipt else "",
    }


# The first part of the matter ("filing" of "filing/F-2026-0001") -> its reader.
READERS: Final[Mapping[str, Reader]] = {"filing": _filing}
