"""What one side knows of each matter that it shares with a peer, in a form that both can compare.

* Both sides write the same facts under the same names, so equal matters have equal digests.
* Nothing is taken from a stored digest: contents are digested anew, states are computed anew.
* The tree: a leaf's place is the digest of its matter's name; a node is the digest of its sixteen
  children. Two trees differ in few places, and few steps lead there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import msgspec
from django.db import connection

from roadworthy.domains.exchange import identity, state
from roadworthy.domains.exchange.models import Incoming, Line, Outgoing, Peer
from roadworthy.domains.exchange.states import MESSAGE
from roadworthy.kernel.canonical import canonical, digest
from roadworthy.trust import messages

MOST_LEAVES = 64  # of a node that is told whole
DIGITS = "0123456789abcdef"


class Depth(StrEnum):
    """How much is compared."""

    POSITIONS = "positions"  # where each line stands
    FULL = "full"  # every message and every state, computed anew


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a line stands: its last message, and a digest over all of them."""

    last: int
    count: int  # less than ``last``: some are missing
    digest: str


class Matter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One matter as one side knows it."""

    name: str
    lines: dict[str, Position]  # by the sender's name
    state: dict[str, str]
    # What follows explains differences and is no part of the digest.
    evidence: dict[str, str]  # the same facts as that side's own evidence has them
    altered: dict[str, list[int]]  # messages whose content is not what was signed, by sender
    pending: bool  # something came that has not taken effect, or something waits to be sent

    @property
    def sha256(self) -> str:
        """Digest what both sides must agree on."""
        return digest(
            {
                "name": self.name,
                "lines": {
                    sender: [one.last, one.count, one.digest] for sender, one in self.lines.items()
                },
                "state": self.state,
            }
        )

    @property
    def place(self) -> str:
        """Return where it hangs in the tree."""
        return hashlib.sha256(self.name.encode()).hexdigest()


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place of the tree: its digest, and either its children's or its matters."""

    sha256: str
    children: dict[str, str] = {}
    matters: list[Matter] = []


class _Leaf(NamedTuple):
    place: str
    sha256: str
    matter: Matter


@dataclass(frozen=True)
class View:
    """All matters with one peer, at one moment."""

    matters: Mapping[str, Matter]
    _digests: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _leaves(self) -> list[_Leaf]:
        """Return all matters by name, each digested once."""
        return [_Leaf(one.place, one.sha256, one) for _, one in sorted(self.matters.items())]

    @property
    def root(self) -> str:
        """Return the digest of everything."""
        return self._digest("")

    def node(self, prefix: str) -> Node:
        """Return the place under a prefix of hexadecimal digits."""
        under = self.under(prefix)
        if len(under) <= MOST_LEAVES or len(prefix) == 64:
            return Node(self._digest(prefix), matters=list(under))
        return Node(self._digest(prefix), children=self.children(prefix))

    def children(self, prefix: str) -> dict[str, str]:
        """Return the digests of the sixteen places below a prefix."""
        return {one: self._digest(prefix + one) for one in DIGITS}

    def under(self, prefix: str) -> tuple[Matter, ...]:
        """Return the matters whose place begins so, by name."""
        return tuple(one.matter for one in self._leaves if one.place.startswith(prefix))

    def _digest(self, prefix: str) -> str:
        if prefix not in self._digests:
            self._digests[prefix] = self._computed(prefix)
        return self._digests[prefix]

    def _computed(self, prefix: str) -> str:
        """Depend on the matters alone, never on how either side cuts the tree."""
        return digest([one.sha256 for one in self._leaves if one.place.startswith(prefix)])


def view(peer: Peer, depth: Depth) -> View:
    """Return what this side knows of every matter with a peer."""
    ours = identity.own().name
    positions = _positions(peer, ours, depth)
    pending = _pending(peer)
    is_full = depth is Depth.FULL
    altered = _altered(peer, ours) if is_full else {}
    found = {}
    for name, lines in positions.items():
        found[name] = Matter(
            name=name,
            lines=lines,
            state=dict(state.of(peer, name)) if is_full else {},
            evidence=dict(state.said(peer, name)) if is_full else {},
            altered=altered.get(name, {}),
            pending=name in pending,
        )
    return View(found)


def encode(value: msgspec.Struct) -> bytes:
    """Return a value as both sides write it."""
    return canonical(msgspec.to_builtins(value))


_CONTENT = """
SELECT line.matter, count(*), encode(sha256(coalesce(
    string_agg(sha256(message.payload), ''::bytea ORDER BY message.sequence), ''::bytea)), 'hex'),
    max(message.sequence)
FROM exchange_line AS line JOIN {table} AS message ON message.line_id = line.id
WHERE line.peer_id = %s GROUP BY line.id
"""


def _positions(peer: Peer, ours: str, depth: Depth) -> dict[str, dict[str, Position]]:
    found: dict[str, dict[str, Position]] = {}
    senders = {Line.OUT: ours, Line.IN: peer.name}
    if depth is Depth.POSITIONS:
        rows = Line.objects.filter(peer=peer, last__gt=0)
        for direction, matter, last, last_digest in rows.values_list(
            "direction", "matter", "last", "digest"
        ):
            found.setdefault(matter, {})[senders[direction]] = Position(last, last, last_digest)
        return found
    for table, sender in (("exchange_outgoing", ours), ("exchange_incoming", peer.name)):
        with connection.cursor() as cursor:
            cursor.execute(_CONTENT.format(table=table), [peer.pk])
            for matter, count, content, last in cursor.fetchall():
                found.setdefault(matter, {})[sender] = Position(last, count, content)
    return found


def _pending(peer: Peer) -> set[str]:
    waiting = Outgoing.objects.filter(line__peer=peer, acknowledged_at__isnull=True)
    unapplied = Incoming.objects.filter(line__peer=peer).exclude(state__in=MESSAGE.final)
    return {
        *waiting.values_list("line__matter", flat=True),
        *unapplied.values_list("line__matter", flat=True),
    }


def _altered(peer: Peer, ours: str) -> dict[str, dict[str, list[int]]]:
    """Name the messages whose bytes are no longer those that were signed or acknowledged."""
    found: dict[str, dict[str, list[int]]] = {}
    for sender, places in ((ours, _altered_out(peer)), (peer.name, _altered_in(peer))):
        for matter, sequence in places:
            found.setdefault(matter, {}).setdefault(sender, []).append(sequence)
    return found


def _altered_in(peer: Peer) -> Iterator[tuple[str, int]]:
    key = messages.PublicKey.from_dict(peer.exchange_key)
    came = Incoming.objects.filter(line__peer=peer).order_by("line_id", "sequence")
    for one in came.select_related("line").iterator():
        if not _is_signed(one, key):
            yield one.line.matter, one.sequence


def _altered_out(peer: Peer) -> Iterator[tuple[str, int]]:
    sent = Outgoing.objects.filter(line__peer=peer).order_by("line_id", "sequence")
    columns = sent.values_list("line__matter", "sequence", "sha256", "payload")
    for matter, sequence, sha256, payload in columns.iterator():
        if hashlib.sha256(payload).hexdigest() != sha256:
            yield matter, sequence


def _is_signed(row: Incoming, key: messages.PublicKey) -> bool:
    if row.keyid != key.keyid:  # of a deployment that was set up anew since
        return hashlib.sha256(row.payload).hexdigest() == row.sha256
    return messages.is_signed(bytes(row.payload), bytes(row.signature), messages.MESSAGE, key)


def names(found: Iterable[Matter]) -> dict[str, Matter]:
    """Return matters by name."""
    return {one.name: one for one in found}
