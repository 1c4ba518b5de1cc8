"""Keep what a peer sends: verified first, then durable in one transaction, then acknowledged.

* A message counts as the peer's if the peer's exchange key signed it; which connection it came by
  is checked before this.
* The same message again is known already and says so; another one in its place is evidence, and
  halts its line.
* What is missing is asked for by its number; nothing is kept that does not continue its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from roadworthy.domains.exchange.answers import Problem, Refused, Stored
from roadworthy.domains.exchange.models import Blob, Conflict, Incoming, Line, Peer
from roadworthy.domains.exchange.states import MESSAGE, Halt
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.kernel.canonical import sha256_hex
from roadworthy.kernel.errors import DomainError
from roadworthy.trust import messages
from roadworthy.trust.messages import Message

MOST_MESSAGES = 1000  # in one request
LARGEST_REQUEST = 64 * 1024 * 1024  # bytes
SOON = timedelta(seconds=1)  # a moment that is shown need not be newer

BELL = "exchange_in"  # the channel on which appliers hear that something came


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message that the peer signed."""

    position: int
    message: Message
    payload: bytes
    signature: bytes
    sha256: str


@dataclass(slots=True)
class _Standing:
    """Where a line stands; its row is locked."""

    id: int
    matter: str
    last: int
    digest: str
    next_at: datetime | None
    halted: str
    halted_at: datetime | None


@dataclass(slots=True)
class _Batch:
    """What becomes of the messages of one request."""

    stored: list[Stored] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    fresh: list[tuple[_Standing, _Letter]] = field(default_factory=list)
    conflicts: list[tuple[_Standing, _Letter]] = field(default_factory=list)

    def keep(self, letter: _Letter) -> None:
        self.stored.append(Stored(letter.message.matter, letter.message.sequence, letter.sha256))

    def refuse(self, letter: _Letter, problem: Problem, expected: int = 0) -> None:
        self.refused.append(
            Refused(
                letter.position,
                letter.message.matter,
                letter.message.sequence,
                letter.sha256,
                problem,
                expected,
            )
        )


def store(
    peer: Peer, envelopes: Sequence[bytes], *, own_name: str, at: datetime
) -> tuple[list[Stored], list[Refused]]:
    """Keep messages durably; return which are, and what is wrong with the others."""
    batch = _Batch()
    letters = list(_verified(peer, envelopes, own_name, batch))
    if letters:
        _keep(peer, letters, batch, at)
    return batch.stored, batch.refused


def _verified(
    peer: Peer, envelopes: Sequence[bytes], own_name: str, batch: _Batch
) -> Iterable[_Letter]:
    key = messages.PublicKey.from_dict(peer.exchange_key)
    for position, envelope in enumerate(envelopes):
        try:
            opened = messages.open_sealed(envelope, messages.MESSAGE, key)
            message = Message.parse(opened.payload)
            if (message.sender, message.to) != (peer.name, own_name):
                raise messages.MessageMalformed(reason="it is from or for somebody else")
        except DomainError as wrong:
            batch.refused.append(
                Refused(position, "", 0, "", Problem.REFUSED, code=str(wrong.code))
            )
            continue
        yield _Letter(
            position, message, opened.payload, opened.signature, sha256_hex(opened.payload)
        )


@transaction.atomic(durable=True)
def _keep(peer: Peer, letters: Sequence[_Letter], batch: _Batch, at: datetime) -> None:
    lines = _locked(peer, {letter.message.matter for letter in letters})
    known = _known(lines, letters)
    for letter in letters:
        _place(lines[letter.message.matter], letter, known, batch)
    touched = {line.id: line for line, _ in batch.fresh}
    for line in touched.values():
        if not line.halted and line.next_at is None:
            line.next_at = at
    for line, letter in batch.conflicts:
        _keep_evidence(peer, line, letter, at)
        touched[line.id] = line
    _copy(batch.fresh, peer.keyid, at)
    _update(touched.values())
    _want_files(peer, batch.fresh, at)
    old = Q(heard_at__isnull=True) | Q(heard_at__lt=at - SOON)
    Peer.objects.filter(old, pk=peer.pk).update(heard_at=at)
    if batch.fresh:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [BELL])


def _place(
    line: _Standing, letter: _Letter, known: Mapping[tuple[int, int], str], batch: _Batch
) -> None:
    message = letter.message
    if message.sequence <= line.last:
        before = known.get((line.id, message.sequence)) or _of_this_batch(batch, line, message)
        if before == letter.sha256:
            batch.keep(letter)
        else:
            _contradict(line, letter, batch)
    elif line.halted == Halt.CONFLICT:
        batch.refuse(letter, Problem.HALTED)
    elif message.sequence > line.last + 1:
        batch.refuse(letter, Problem.GAP, line.last + 1)
    elif message.previous != line.digest:
        _contradict(line, letter, batch)
    else:
        line.last, line.digest = message.sequence, letter.sha256
        batch.fresh.append((line, letter))
        batch.keep(letter)


def _contradict(line: _Standing, letter: _Letter, batch: _Batch) -> None:
    line.halted = Halt.CONFLICT
    batch.conflicts.append((line, letter))
    batch.refuse(letter, Problem.CONFLICT)


def _of_this_batch(batch: _Batch, line: _Standing, message: Message) -> str:
    for other, letter in batch.fresh:
        if other is line and letter.message.sequence == message.sequence:
            return letter.sha256
    return ""


_KNOWN = """
SELECT matter FROM exchange_line WHERE peer_id = %s AND direction = 'in' AND matter = ANY(%s)
"""
_LOCK = """
SELECT id, matter, last, digest, next_at, halted, halted_at FROM exchange_line
WHERE peer_id = %s AND direction = 'in' AND matter = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""


def _locked(peer: Peer, matters: set[str]) -> dict[str, _Standing]:
    """Lock the lines in one order, whoever sends: two requests never wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [peer.pk, list(matters)])
        begun = matters.difference(matter for (matter,) in cursor.fetchall())
        if begun:
            Line.objects.bulk_create(
                [Line(peer=peer, direction=Line.IN, matter=matter) for matter in sorted(begun)],
                ignore_conflicts=True,
            )
        cursor.execute(_LOCK, [peer.pk, list(matters)])
        return {row[1]: _Standing(*row) for row in cursor.fetchall()}


def _known(
    lines: Mapping[str, _Standing], letters: Sequence[_Letter]
) -> dict[tuple[int, int], str]:
    """Return the digests of messages that are here already, of those places that letters claim."""
    places = [
        (lines[letter.message.matter].id, letter.message.sequence)
        for letter in letters
        if letter.message.sequence <= lines[letter.message.matter].last
    ]
    if not places:
        return {}
    rows = Incoming.objects.filter(
        line_id__in={line for line, _ in places}, sequence__in={number for _, number in places}
    )
    return {
        (one, number): sha256
        for one, number, sha256 in rows.values_list("line_id", "sequence", "sha256")
    }


_COPY = (
    "COPY exchange_incoming (line_id, sequence, kind, payload, signature, keyid, sha256, "
    "received_at, state, attempts, set_aside_because) FROM STDIN WITH (FORMAT BINARY)"
)
_TYPES = (
    *("int8", "int8", "varchar", "bytea", "bytea", "varchar", "varchar"),
    *("timestamptz", "varchar", "int4", "text"),
)


def _copy(fresh: Sequence[tuple[_Standing, _Letter]], keyid: str, at: datetime) -> None:
    if not fresh:
        return
    after = MESSAGE.initial
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for line, letter in fresh:
            copy.write_row(
                (
                    line.id,
                    letter.message.sequence,
                    letter.message.kind,
                    letter.payload,
                    letter.signature,
                    keyid,
                    letter.sha256,
                    at,
                    str(after),
                    0,
                    "",
                )
            )


_ADVANCE = """
UPDATE exchange_line SET last = new.last, digest = new.digest, next_at = new.next_at,
    halted = new.halted, halted_at = new.halted_at
FROM json_to_recordset(%s) AS new (id bigint, last bigint, digest text, next_at timestamptz,
    halted text, halted_at timestamptz)
WHERE exchange_line.id = new.id
"""


def _update(lines: Iterable[_Standing]) -> None:
    rows = list(lines)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [msgspec.json.encode(rows).decode()])


def _want_files(peer: Peer, fresh: Sequence[tuple[_Standing, _Letter]], at: datetime) -> None:
    named = dict.fromkeys(sha256 for _, letter in fresh for sha256 in letter.message.blobs)
    if named:
        Blob.objects.bulk_create(
            [
                Blob(peer=peer, direction=Line.IN, sha256=sha256, named_at=at, next_at=at)
                for sha256 in named
            ],
            ignore_conflicts=True,
        )


def _keep_evidence(peer: Peer, line: _Standing, letter: _Letter, at: datetime) -> None:
    line.halted_at, line.next_at = line.halted_at or at, None
    _, is_new = Conflict.objects.get_or_create(
        line_id=line.id,
        sequence=letter.message.sequence,
        sha256=letter.sha256,
        defaults={"payload": letter.payload, "signature": letter.signature, "at": at},
    )
    if is_new:
        ledger.record(
            event="exchange:conflict",
            subject=f"peer/{peer.name}",
            actor=witnessed(PLATFORM),
            at=at,
            data={
                "matter": line.matter,
                "sequence": letter.message.sequence,
                "sha256": letter.sha256,
            },
        )
