"""What can be asked about the exchange, by the organisation that this deployment serves.

Others with an account here (an authority on a shared deployment) are told of nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Q, QuerySet

from roadworthy.domains.exchange import asking, identity, subjects
from roadworthy.domains.exchange.comparing import HARMLESS
from roadworthy.domains.exchange.errors import NoSuchMessage, NoSuchPeer
from roadworthy.domains.exchange.models import (
    Blob,
    Comparison,
    Deployment,
    Difference,
    Held,
    Incoming,
    Line,
    Outgoing,
    Peer,
    Regaining,
)
from roadworthy.domains.exchange.states import MESSAGE, Halt, MessageState, PeerState
from roadworthy.domains.organisations import remote
from roadworthy.domains.organisations.models import AnnouncedKey
from roadworthy.trust import messages

SORTS = {
    "received": "received_at",
    "kind": "kind",
    "matter": "line__matter",
    "state": "state",
}
MOST_SHOWN = 50
ALL = "all"


@dataclass(frozen=True, slots=True)
class Overview:
    """A peer, and how the exchange with it goes."""

    name: str
    organisation: str
    names: Mapping[str, str]
    state: str
    url: str
    fingerprint: str
    queued: int  # messages that it has not acknowledged, those that are held included
    unapplied: int  # messages from it that have not taken effect yet
    dead: int  # of them, those that wait for a person here
    halted: int  # lines that are halted, in both directions
    attempts: int
    last_error: str
    reached_at: datetime | None
    heard_at: datetime | None
    oldest_at: datetime | None  # since when the oldest message waits

    def as_json(self) -> dict[str, Any]:
        """Return it for programs; moments in RFC 3339."""
        told = asdict(self)
        for name in ("reached_at", "heard_at", "oldest_at"):
            value = told[name]
            told[name] = value.isoformat() if value else None
        return told


@dataclass(frozen=True, slots=True)
class PeerPage:
    """Everything about one peer."""

    peer: Peer
    overview: Overview
    keys: tuple[AnnouncedKey, ...]  # that wait for a person to confirm them
    halted: tuple[Line, ...]
    dead: tuple[Incoming, ...]
    regaining: tuple[Regaining, ...]  # our own words that do not hold again yet
    files: int  # that are still to be fetched
    comparison: Comparison | None
    differences: tuple[Difference, ...]
    is_open: bool
    asked_at: datetime | None  # when a person asked for a comparison that has not come yet


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that came, with what it says."""

    row: Incoming
    written_at: datetime
    body: str  # JSON, for people
    blobs: tuple[str, ...]
    about: tuple[str, int] | None  # the page here of what it speaks of: ("filing", 7)


def deployment(organisation_id: int) -> Deployment | None:
    """Return this deployment's row, if it serves that organisation."""
    found = identity.find()
    return found if found is not None and found.organisation_id == organisation_id else None


def overview(organisation_id: int | None = None) -> tuple[Overview, ...]:
    """Return the peers that were not ended, by name; without an organisation, for the host."""
    if organisation_id is not None and deployment(organisation_id) is None:
        return ()
    peers = Peer.objects.exclude(state=PeerState.ENDED).select_related("organisation")
    return _seen(list(peers.order_by("name")))


def names(organisation_id: int) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Return the peers from which messages may have come, each with its organisation's names."""
    if deployment(organisation_id) is None:
        return ()
    found = Peer.objects.exclude(state=PeerState.PROPOSED).order_by("name").distinct("name")
    return tuple(found.values_list("name", "organisation__name"))


def for_a_person(organisation_id: int) -> int:
    """Count what does not go on before a person has looked: messages and halted lines."""
    ours = Exists(Deployment.objects.filter(organisation_id=organisation_id))
    dead = Incoming.objects.filter(ours, state=MessageState.DEAD).count()
    halted = Line.objects.filter(ours).exclude(halted__in=["", Halt.DEAD_LETTER])
    return dead + halted.exclude(peer__state=PeerState.ENDED).count()


def peer(organisation_id: int, name: str) -> PeerPage:
    """Return one peer.

    Raises:
        NoSuchPeer: there is none, or it is not this organisation's exchange.
    """
    own = deployment(organisation_id)
    found = (
        Peer.objects.exclude(state=PeerState.ENDED)
        .select_related("organisation")
        .filter(name=name)
        .first()
    )
    if own is None or found is None:
        raise NoSuchPeer
    last = Comparison.objects.filter(peer=found).order_by("-pk").first()
    came = Incoming.objects.filter(line__peer=found, state=MessageState.DEAD)
    differences = last.found.exclude(verdict__in=list(HARMLESS)) if last else ()
    return PeerPage(
        peer=found,
        overview=_seen([found])[0],
        keys=tuple(remote.announced(found.organisation_id)),
        halted=tuple(found.lines.exclude(halted="").order_by("halted_at")[:MOST_SHOWN]),
        dead=tuple(_light(came).order_by("pk")[:MOST_SHOWN]),
        regaining=tuple(
            Regaining.objects.filter(message__line__peer=found, done_at=None)
            .select_related("message__line")
            .defer("message__payload")
            .order_by("pk")[:MOST_SHOWN]
        ),
        files=Blob.objects.filter(peer=found, direction=Line.IN, fetched_at__isnull=True).count(),
        comparison=last,
        differences=tuple(differences[:MOST_SHOWN]),
        is_open=own.shut_since is None
        or (found.opened_at is not None and found.opened_at >= own.shut_since),
        asked_at=asking.since(found),
    )


def letters(
    organisation_id: int,
    *,
    sort: str = "-received",
    search: str = "",
    peer: str = "",
    state: str = "",
    which: str = "",
) -> QuerySet[Incoming]:
    """Return the messages that came, without what they say.

    Unless all are asked for, those between the deployments themselves are left out, which nobody
    needs to read as long as they take effect.
    """
    if deployment(organisation_id) is None:
        return Incoming.objects.none()
    found = _light(Incoming.objects.all())
    if which != ALL:
        routine = Q(kind__startswith="checkpoint.") | Q(kind__startswith="deployment.")
        found = found.exclude(routine, state__in=[MessageState.RECEIVED, MessageState.APPLIED])
    if search:
        found = found.filter(
            Q(line__matter__icontains=search)
            | Q(kind__icontains=search)
            | Q(sha256__startswith=search.lower())
        )
    if peer:
        found = found.filter(line__peer__name=peer)
    if state:
        found = found.filter(state=state)
    column = SORTS.get(sort.removeprefix("-"), "received_at")
    sign = "-" if sort.startswith("-") else ""
    return found.order_by(f"{sign}{column}", f"{sign}pk")


def letter(organisation_id: int, message_id: int) -> Letter:
    """Return one message that came.

    Raises:
        NoSuchMessage: there is none, or it is not this organisation's exchange.
    """
    row = Incoming.objects.select_related("line__peer__organisation").filter(pk=message_id).first()
    own = deployment(organisation_id)
    if row is None or own is None:
        raise NoSuchMessage
    message = messages.Message.parse(bytes(row.payload))
    return Letter(
        row=row,
        written_at=messages.moment(message.at),
        body=json.dumps(message.body, ensure_ascii=False, indent=2, sort_keys=True),
        blobs=message.blobs,
        about=subjects.of(row.line.matter, own, row.line.peer),
    )


def _light(found: QuerySet[Incoming]) -> QuerySet[Incoming]:
    return found.select_related("line__peer__organisation").defer("payload", "signature")


def _seen(peers: list[Peer]) -> tuple[Overview, ...]:
    """Count for all peers at once."""
    ids = [one.pk for one in peers]
    sent = Outgoing.objects.filter(line__peer__in=ids, acknowledged_at__isnull=True)
    queued = _counted(sent, "line__peer")
    oldest = dict(
        sent.order_by("line__peer", "queued_at")
        .distinct("line__peer")
        .values_list("line__peer", "queued_at")
    )
    held = _counted(Held.objects.filter(peer__in=ids), "peer")
    came = Incoming.objects.filter(line__peer__in=ids)
    unapplied = _counted(came.exclude(state__in=MESSAGE.final), "line__peer")
    dead = _counted(came.filter(state=MessageState.DEAD), "line__peer")
    halted = _counted(Line.objects.filter(peer__in=ids).exclude(halted=""), "peer")
    return tuple(
        Overview(
            name=one.name,
            organisation=one.organisation.slug,
            names=one.organisation.name,
            state=one.state,
            url=one.url,
            fingerprint=one.fingerprint,
            queued=queued.get(one.pk, 0) + held.get(one.pk, 0),
            unapplied=unapplied.get(one.pk, 0),
            dead=dead.get(one.pk, 0),
            halted=halted.get(one.pk, 0),
            attempts=one.attempts,
            last_error=one.last_error,
            reached_at=one.reached_at,
            heard_at=one.heard_at,
            oldest_at=oldest.get(one.pk),
        )
        for one in peers
    )


def _counted(found: QuerySet[Any], by: str) -> dict[int, int]:
    return dict(found.order_by().values(by).annotate(n=Count("pk")).values_list(by, "n"))
