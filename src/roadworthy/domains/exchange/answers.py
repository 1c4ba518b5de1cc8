"""What a deployment says to messages it was sent: which it has, and what is wrong with the others.

An answer is signed by the receiver's exchange key after the messages are durable. The sender keeps
it: it proves that they arrived.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from roadworthy.domains.exchange.identity import Identity
from roadworthy.kernel.canonical import canonical
from roadworthy.trust import messages


class Problem(StrEnum):
    """Why a message was not kept."""

    GAP = "gap"  # an earlier one is missing: send again from ``expected`` on
    CONFLICT = "conflict"  # it contradicts what was sent before
    HALTED = "halted"  # the line is halted
    REFUSED = "refused"  # it is not readable, not signed, or not for us


class Stored(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A message that is durable."""

    matter: str
    sequence: int
    sha256: str


class Refused(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A message that is not; ``position`` counts from 0 within what was sent."""

    position: int
    matter: str
    sequence: int
    sha256: str
    problem: Problem
    expected: int = 0
    code: str = ""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer for everything that came in one request."""

    sender: str = msgspec.field(name="from")
    to: str
    at: str
    stored: list[Stored]
    refused: list[Refused]


_answers = msgspec.json.Decoder(Answer)


def sealed(
    identity: Identity,
    *,
    to: str,
    stored: list[Stored],
    refused: list[Refused],
    at: datetime,
) -> bytes:
    """Sign an answer."""
    answer = Answer(identity.name, to, messages.instant(at), stored, refused)
    return messages.seal(canonical(msgspec.to_builtins(answer)), messages.ANSWER, identity.signer)


def opened(line: bytes, *, sender: str, to: str, key: messages.PublicKey) -> Answer:
    """Read an answer.

    Raises:
        MessageMalformed: it is none, or another's.
        MessageNotSigned: the peer did not sign it.
    """
    payload = messages.open_sealed(line, messages.ANSWER, key).payload
    answer = messages.decoded(payload, _answers)
    if (answer.sender, answer.to) != (sender, to):
        raise messages.MessageMalformed(reason="it is an answer to somebody else")
    return answer
