"""Two sides of a matter beside each other: what differs, what that means, and what mends it.

* A message that one side lacks is sent again. After a restore that goes both ways: a peer gives
  back what we had sent it, and our line goes on after it.
* What was altered is named, with the side: each side checks its own rows against signatures and
  against its own evidence, and says so, signed. Nothing altered is ever repaired by itself.
* What is on its way is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from django.db import transaction

from roadworthy.domains.exchange import delivery, outbox
from roadworthy.domains.exchange.matters import Depth, Matter, Position
from roadworthy.domains.exchange.models import Comparison, Deployment, Difference, Outgoing, Peer
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed

QUIET = timedelta(seconds=5)  # without a message: then to compare all disturbs nobody

_NOTHING = Position(0, 0, "")


class Verdict(StrEnum):
    """What a difference means."""

    ON_ITS_WAY = "on-its-way"  # no difference once it has arrived and taken effect
    MISSING_THERE = "missing-there"  # they lack what we sent: it is sent again
    MISSING_HERE = "missing-here"  # we lack what they sent: it is fetched
    LOST_HERE = "lost-here"  # they have what we sent and have not any more: it is fetched back
    LOST_THERE = "lost-there"
    ALTERED_HERE = "altered-here"
    ALTERED_THERE = "altered-there"
    UNEQUAL = "unequal"  # neither side's own evidence shows which of them was altered


MENDED = frozenset({Verdict.MISSING_HERE, Verdict.LOST_HERE})  # by fetching, from here
HARMLESS = frozenset({Verdict.ON_ITS_WAY})
GRAVE = frozenset({Verdict.ALTERED_HERE, Verdict.ALTERED_THERE, Verdict.UNEQUAL})  # for people


@dataclass(frozen=True, slots=True)
class Found:
    """A matter that differs."""

    matter: str
    verdict: Verdict
    details: Mapping[str, Any]

    @property
    def is_harmless(self) -> bool:
        """Say whether nobody needs to look."""
        return self.verdict in HARMLESS


class Fetch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask a peer for messages of a line: its own, or ours that it has."""

    matter: str
    sender: str
    first: int


def judge(
    ours: Mapping[str, Matter], theirs: Mapping[str, Matter], *, own: str, peer: str
) -> list[Found]:
    """Say what each differing matter means, worst first for each."""
    found: list[Found] = []
    for name in sorted(ours.keys() | theirs.keys()):
        here = ours.get(name) or _unknown(name)
        there = theirs.get(name) or _unknown(name)
        found += _judge(here, there, own, peer)
    return found


def _unknown(name: str) -> Matter:
    return Matter(name, {}, {}, {}, {}, pending=False)


def _judge(here: Matter, there: Matter, own: str, peer: str) -> list[Found]:
    if here.sha256 == there.sha256 and not (here.altered or there.altered):
        return []
    found = [*_by_alteration(here, there)]
    if not found:
        found = [*_by_lines(here, there, own, peer)]
    if not found:
        found = [*_by_state(here, there)]
    return found


def _by_alteration(here: Matter, there: Matter) -> Iterable[Found]:
    """Name the side whose own rows are not what was signed."""
    for side, verdict in ((here, Verdict.ALTERED_HERE), (there, Verdict.ALTERED_THERE)):
        if side.altered:
            yield Found(side.name, verdict, {"messages": dict(side.altered)})
        elif side.evidence and side.evidence != side.state:
            yield Found(side.name, verdict, {"facts": _differing(side.state, side.evidence)})


def _by_lines(here: Matter, there: Matter, own: str, peer: str) -> Iterable[Found]:
    for sender in (own, peer):
        a, b = here.lines.get(sender, _NOTHING), there.lines.get(sender, _NOTHING)
        if a == b:
            continue
        details = {"sender": sender, "here": a.last, "there": b.last}
        if a.count != a.last:
            yield Found(here.name, Verdict.ALTERED_HERE, {**details, "holes": True})
        elif b.count != b.last:
            yield Found(here.name, Verdict.ALTERED_THERE, {**details, "holes": True})
        elif a.last == b.last:
            yield Found(here.name, Verdict.UNEQUAL, details)
        else:
            yield Found(here.name, _lacking(sender == own, here, there, a, b), details)


def _lacking(is_ours: bool, here: Matter, there: Matter, a: Position, b: Position) -> Verdict:  # noqa: FBT001
    if is_ours:
        if a.last > b.last:
            return Verdict.ON_ITS_WAY if here.pending else Verdict.MISSING_THERE
        return Verdict.LOST_HERE
    if b.last > a.last:
        return Verdict.ON_ITS_WAY if there.pending else Verdict.MISSING_HERE
    return Verdict.LOST_THERE


def _by_state(here: Matter, there: Matter) -> Iterable[Found]:
    if here.state == there.state:
        return
    verdict = Verdict.ON_ITS_WAY if here.pending or there.pending else Verdict.UNEQUAL
    yield Found(here.name, verdict, {"facts": _differing(here.state, there.state)})


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, list[str]]:
    return {
        name: [one.get(name, ""), other.get(name, "")]
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    }


@transaction.atomic(durable=True)
def send_again(peer: Peer, found: Iterable[Found]) -> int:
    """Queue again what the peer lacks; return how many messages that are."""
    count = 0
    for one in found:
        if one.verdict is Verdict.MISSING_THERE:
            lacking = Outgoing.objects.filter(
                line__peer=peer, line__matter=one.matter, sequence__gt=one.details["there"]
            )
            count += lacking.update(acknowledged_at=None)
    if count:
        outbox.ring()
    return count


@transaction.atomic(durable=True)
def note(
    peer: Peer,
    found: Iterable[Found],
    *,
    depth: Depth,
    matters: int,
    our_root: str,
    their_root: str,
    answer: bytes,
    at: datetime,
) -> Comparison:
    """Write down what a comparison found; what was altered goes into the log, too."""
    made = Comparison.objects.create(
        peer=peer,
        at=at,
        depth=depth,
        matters=matters,
        our_root=our_root,
        their_root=their_root,
        answer=answer,
    )
    delivery.reached(peer, at)  # what waits for it need not wait any longer
    told = list(found)
    before = _told_before(peer, made)
    Difference.objects.bulk_create(
        Difference(
            comparison=made, matter=one.matter, verdict=one.verdict, details=dict(one.details)
        )
        for one in told
    )
    for one in told:
        is_new = (one.matter, str(one.verdict)) not in before
        if is_new and one.verdict in GRAVE:
            ledger.record(
                event="exchange:difference",
                subject=f"peer/{peer.name}",
                actor=witnessed(PLATFORM),
                at=at,
                data={"matter": one.matter, "verdict": one.verdict},
            )
    return made


def _told_before(peer: Peer, made: Comparison) -> set[tuple[str, str]]:
    last = (
        Comparison.objects.filter(peer=peer, depth=made.depth, pk__lt=made.pk)
        .order_by("-pk")
        .first()
    )
    return set(last.found.values_list("matter", "verdict")) if last else set()


def is_quiet(peer: Peer, *, at: datetime) -> bool:
    """Say whether nothing is on its way between us and a peer, as far as we can tell."""
    moments = (peer.opened_at, peer.heard_at, peer.reached_at)
    return not outbox.queued(peer) and all(one is None or one <= at - QUIET for one in moments)


@transaction.atomic(durable=True)
def shut(*, at: datetime) -> None:
    """Let no line go on before its peer was asked what it has."""
    Deployment.objects.update(shut_since=at)


@transaction.atomic(durable=True)
def open_lines(peer: Peer, *, at: datetime) -> int:
    """Let a peer's lines go on: they were compared. Return how many messages had been held."""
    row = Peer.objects.select_for_update(no_key=True).get(pk=peer.pk)
    row.opened_at = at
    row.save(update_fields=["opened_at"])
    return outbox.release(row)
