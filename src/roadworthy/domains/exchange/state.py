"""What the two sides of a matter compare beyond their messages: its state, computed anew.

Nothing here is read from a stored digest: a row that somebody altered by hand must show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from roadworthy.domains.exchange import cargo_reports
from roadworthy.domains.exchange.models import Peer

# The first part of the matter ("filing" of "filing/F-2026-0001") -> what both sides must agree on.
Reader = Callable[[Peer, str], Mapping[str, str]]
READERS: dict[str, Reader] = {cargo_reports.MATTER: cargo_reports.state}
# The same facts as this side's own evidence has them: its messages, its signatures, its log. Where
# they are others than ``READERS`` finds, somebody altered the rows here.
EVIDENCE: dict[str, Reader] = {}


def said(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return the facts about a matter that our own evidence supports; empty: there is none."""
    reader = EVIDENCE.get(matter.partition("/")[0])
    return dict(reader(peer, matter)) if reader else {}


def of(peer: Peer, matter: str) -> Mapping[str, str]:
    """Return the facts about a matter on which both sides must agree; empty: there are none."""
    reader = READERS.get(matter.partition("/")[0])
    return dict(reader(peer, matter)) if reader else {}
