"""Compare all matters with a peer: roots first, then down to where they differ; mend what can be.

Both ways of asking are answered here too: ``View`` and copies of messages, each to that peer only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from roadworthy.domains.exchange import comparing, inbox, matters, recovering
from roadworthy.domains.exchange.comparing import Fetch, Found, Verdict
from roadworthy.domains.exchange.identity import Identity
from roadworthy.domains.exchange.matters import Depth, Matter, Node, View
from roadworthy.federation import calling
from roadworthy.federation.calling import Caller
from roadworthy.trust import messages

if TYPE_CHECKING:
    from roadworthy.domains.exchange.models import Comparison, Peer


MOST_ROUNDS = 3  # of comparing again after something was mended
MOST_PREFIXES = 256  # in one question


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which places of the peer's tree to tell of; ``view`` keeps one moment for a whole descent."""

    depth: Depth
    view: str
    prefixes: list[str]


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The places that were asked for."""

    sender: str = msgspec.field(name="from")
    to: str
    view: str
    nodes: dict[str, Node]


_questions = msgspec.json.Decoder(Question)
_tolds = msgspec.json.Decoder(Told)
_fetches = msgspec.json.Decoder(Fetch)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a comparison came to."""

    comparison: Comparison
    found: tuple[Found, ...]

    @property
    def is_equal(self) -> bool:
        """Say whether nothing differs but what is on its way."""
        return all(one.verdict in comparing.HARMLESS for one in self.found)


class Views:
    """The views that peers are looking at, one for each; a new descent takes a new one."""

    def __init__(self) -> None:
        self._views: dict[int, tuple[str, View]] = {}

    def get(self, peer: Peer, question: Question) -> View:
        """Return the view that the question is about."""
        named, found = self._views.get(peer.pk, ("", None))
        if found is None or named != question.view:
            found = matters.view(peer, question.depth)
            self._views[peer.pk] = (question.view, found)
        return found


def answer(identity: Identity, views: Views, peer: Peer, body: bytes) -> bytes:
    """Answer a peer that compares.

    Raises:
        MessageMalformed: it asks nothing that can be answered.
    """
    question = messages.decoded(body, _questions)
    if len(question.prefixes) > MOST_PREFIXES:
        raise messages.MessageMalformed(reason="it asks for too much at once")
    seen = views.get(peer, question)
    nodes = {prefix[:64]: seen.node(prefix[:64]) for prefix in question.prefixes}
    told = Told(identity.name, peer.name, question.view, nodes)
    return messages.seal(matters.encode(told), messages.ANSWER, identity.signer)


def hand_copies(identity: Identity, peer: Peer, body: bytes) -> bytes:
    """Give a peer messages of a line between us.

    Raises:
        MessageMalformed: it asks nothing that can be answered.
    """
    asked = messages.decoded(body, _fetches)
    return b"\n".join(
        recovering.copies(
            identity, peer, matter=asked.matter, sender=asked.sender, first=asked.first
        )
    )


def compare(identity: Identity, peer: Peer, *, depth: Depth) -> Outcome:
    """Compare, mend what can be mended, compare again; write down what is left.

    The two sides are not looked at in the same instant: what differs counts when it still does at
    the second look.

    Raises:
        PeerUnreachable, MessageMalformed, MessageNotSigned.
    """
    seen: set[tuple[str, str]] = set()
    with calling.connected(identity, peer) as caller:
        for _ in range(MOST_ROUNDS):
            look = _look(caller, depth)
            lasting = {(one.matter, str(one.verdict)) for one in look.found if not one.is_harmless}
            if not _mend(caller, look.found) and lasting <= seen:
                break
            seen = lasting
        outcome = Outcome(
            comparing.note(
                peer, look.found, depth=depth, matters=look.matters, our_root=look.our_root,
                their_root=look.their_root, answer=look.answer, at=look.at,
            ),
            look.found,
        )  # fmt: skip
        if not any(one.verdict in comparing.MENDED for one in look.found):
            comparing.open_lines(peer, at=datetime.now(UTC))
        return outcome


@dataclass(frozen=True, slots=True)
class _Look:
    """What one descent saw."""

    found: tuple[Found, ...]
    matters: int
    our_root: str
    their_root: str
    answer: bytes  # what the peer said of the whole, signed
    at: datetime


def _look(caller: Caller, depth: Depth) -> _Look:
    at, peer = datetime.now(UTC), caller.peer
    ours = matters.view(peer, depth)
    view = messages.instant(at)
    envelope, nodes = _ask(caller, Question(depth, view, [""]))
    root = nodes[""]
    here: dict[str, Matter] = {}
    there: dict[str, Matter] = {}
    waiting = _descend(ours, "", root, here, there)
    while waiting:
        asked, waiting = waiting[:MOST_PREFIXES], waiting[MOST_PREFIXES:]
        _, nodes = _ask(caller, Question(depth, view, asked))
        for prefix in asked:
            waiting += _descend(ours, prefix, nodes[prefix], here, there)
    found = comparing.judge(here, there, own=caller.identity.name, peer=peer.name)
    return _Look(tuple(found), len(ours.matters), ours.root, root.sha256, envelope, at)


def _descend(
    ours: View, prefix: str, node: Node, here: dict[str, Matter], there: dict[str, Matter]
) -> list[str]:
    """Take over the matters of a place, or name the children that differ."""
    if node.children:
        mine = ours.children(prefix)
        return [prefix + digit for digit, sha256 in node.children.items() if mine[digit] != sha256]
    here.update(matters.names(ours.under(prefix)))
    there.update(matters.names(node.matters))
    return []


def _ask(caller: Caller, question: Question) -> tuple[bytes, Mapping[str, Node]]:
    envelope = caller.post("/lines", matters.encode(question))
    key = messages.PublicKey.from_dict(caller.peer.exchange_key)
    payload = messages.open_sealed(envelope, messages.ANSWER, key).payload
    told = messages.decoded(payload, _tolds)
    expected = (caller.peer.name, caller.identity.name, question.view)
    if (told.sender, told.to, told.view) != expected or set(question.prefixes) - set(told.nodes):
        raise messages.MessageMalformed(reason="it is no answer to this question")
    return envelope, told.nodes


def _mend(caller: Caller, found: tuple[Found, ...]) -> int:
    """Fetch what is missing here and queue again what is missing there; return how much came."""
    comparing.send_again(caller.peer, found)
    return sum(_fetch(caller, one) for one in found if one.verdict in comparing.MENDED)


def _fetch(caller: Caller, one: Found) -> int:
    peer, identity, at = caller.peer, caller.identity, datetime.now(UTC)
    asked = Fetch(one.matter, one.details["sender"], one.details["here"] + 1)
    body = caller.post("/copies", matters.encode(asked))
    envelopes = [line for line in body.split(b"\n") if line]
    if one.verdict is Verdict.LOST_HERE:
        return recovering.take_back(identity, peer, envelopes, at=at)
    stored, _ = inbox.store(peer, envelopes, own_name=identity.name, at=at)
    return len(stored)
