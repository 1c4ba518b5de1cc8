"""Why a gate is still shut: what waits for the deployment of an authority, and for how long.

A release whose authorities act here waits for nobody's deployment, and nothing is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Min, Q, QuerySet

from roadworthy.domains.exchange import cargo_filings
from roadworthy.domains.exchange.models import Incoming, Line, Outgoing, Peer
from roadworthy.domains.exchange.states import MessageState, PeerState
from roadworthy.domains.filings import gate, signing
from roadworthy.domains.filings.models import Candidate, Filing
from roadworthy.domains.filings.states import Kind, State
from roadworthy.domains.organisations.models import Organisation
from roadworthy.domains.software.models import Release
from roadworthy.domains.software.states import State as Life

_WAITING = frozenset({Life.FROZEN, Life.SIGNED})
_LEVELS = (Kind.CAPABILITY, Kind.TYPE)


class Why(StrEnum):
    NOT_CONNECTED = "not-connected"  # nobody has confirmed its deployment, or it was stopped
    NOT_ANSWERING = "not-answering"  # messages wait, and it could not be reached
    ON_ITS_WAY = "on-its-way"  # handed in here; it has not acknowledged it yet
    REFUSED_HERE = "refused-here"  # what it answered cannot take effect
    STOPPED = "stopped"  # the two sides contradict each other about a matter
    NOT_DECIDED = "not-decided"  # it has everything; a person there decides


@dataclass(frozen=True, slots=True)
class Delay:
    """What a release waits for at one authority's deployment."""

    why: Why
    organisation: Mapping[str, str]  # the authority's name
    deployment: str
    numbers: tuple[str, ...]  # of the filings concerned
    since: datetime
    messages: int  # that wait to be acknowledged
    error: Mapping[str, Any] | None = None  # code, message, data of what cannot take effect


def of_release(release: Release) -> tuple[Delay, ...]:
    """Return what keeps a release waiting elsewhere, by authority."""
    if release.state not in _WAITING:
        return ()
    by_authority: dict[Organisation, list[Filing]] = {}
    for filing in _pending(release):
        by_authority.setdefault(filing.authority, []).append(filing)
    return tuple(_delay(authority, filings) for authority, filings in by_authority.items())


def _pending(release: Release) -> Iterable[Filing]:
    """Return the filings that a remote authority has to answer yet, oldest first."""
    found = (
        Filing.objects.select_related("authority", "dossier")
        .filter(manufacturer_id=release.manufacturer_id, submitted_at__isnull=False)
        .exclude(authority__deployment="")
        .filter(
            Q(dossier__release=release, state__in=[State.SUBMITTED, State.ACCEPTED])
            | Q(dossier__kind__in=_LEVELS, state=State.SUBMITTED)
        )
        .order_by("submitted_at", "pk")
    )
    rows = list(found)
    lacking = _lacking(release) if rows else frozenset()
    return [one for one in rows if one.state == State.SUBMITTED or _party(one) in lacking]


def _lacking(release: Release) -> frozenset[str]:
    candidate = Candidate.objects.filter(release=release, published_at__isnull=True).first()
    return frozenset(gate.missing(candidate)) if candidate else frozenset()


def _party(filing: Filing) -> str:
    purpose = signing.PURPOSE_OF_FILING[Kind(filing.dossier.kind)]
    return signing.party_name(filing.authority.kind, purpose)


def _delay(authority: Organisation, filings: list[Filing]) -> Delay:
    numbers = tuple(one.number for one in filings)
    since = min(one.submitted_at for one in filings if one.submitted_at)
    peer = Peer.objects.filter(organisation=authority).exclude(state=PeerState.ENDED).first()
    if peer is None or peer.state != PeerState.CONFIRMED:
        return Delay(Why.NOT_CONNECTED, authority.name, authority.deployment, numbers, since, 0)
    matters = [cargo_filings.matter(number) for number in numbers]
    sent = Outgoing.objects.filter(line__peer=peer, line__matter__in=matters)
    count = sent.filter(acknowledged_at__isnull=True).count()
    dead = Incoming.objects.filter(
        line__peer=peer, line__matter__in=matters, state=MessageState.DEAD
    ).first()
    error = None
    if dead is not None:
        why, at, error = Why.REFUSED_HERE, dead.received_at, dead.error
    elif Line.objects.filter(peer=peer, matter__in=matters).exclude(halted="").exists():
        why, at = Why.STOPPED, since
    else:
        why, at = _underway(peer, sent, len(matters), since)
    return Delay(why, authority.name, peer.name, numbers, at, count, error)


def _underway(
    peer: Peer, sent: QuerySet[Outgoing], matters: int, since: datetime
) -> tuple[Why, datetime]:
    """Return how far what was said about so many matters has come, and since when."""
    waits = sent.filter(acknowledged_at__isnull=True).order_by("queued_at").first()
    if waits is not None and peer.attempts:
        return Why.NOT_ANSWERING, max(waits.queued_at, peer.reached_at or waits.queued_at)
    arrived = sent.values("line__matter").annotate(first=Min("acknowledged_at"))
    days = [row["first"] for row in arrived if row["first"] is not None]
    if len(days) < matters:
        return Why.ON_ITS_WAY, since
    return Why.NOT_DECIDED, max(days)
