"""Let messages take effect: in order on each line, once, each in the transaction that says so.

* What waits for something is tried again, a little later each time, and at once when something
  else has come.
* What cannot take effect is a dead letter: its line stops, all others go on, a person is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import InterfaceError, OperationalError, transaction

from roadworthy.domains.exchange import identity, regaining
from roadworthy.domains.exchange.errors import (
    NoSuchMessage,
    NotYet,
    ReasonMissing,
    TookNoEffect,
)
from roadworthy.domains.exchange.identity import Identity
from roadworthy.domains.exchange.kinds import Kind, Received, Registry
from roadworthy.domains.exchange.models import Incoming, Line
from roadworthy.domains.exchange.pausing import pause
from roadworthy.domains.exchange.states import MESSAGE, Halt, MessageAct, MessageState
from roadworthy.domains.filings.platform import Platform
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, Actor, Witnessed, witnessed
from roadworthy.kernel.errors import DomainError, Unavailable
from roadworthy.trust import messages

logger = logging.getLogger(__name__)

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Here:
    """What applying a message may use of this deployment."""

    registry: Registry
    platform: Platform
    files: Callable[[str], Path]  # raises NotYet
    identity: Identity | None = None


def turn(here: Here, *, at: Callable[[], datetime], most: int = 1000) -> int:
    """Apply what is due, at most so many messages; return how many were dealt with."""
    dealt = 0
    while dealt < most and (step(here, at=at()) or regaining.turn(here.registry, at=at())):
        dealt += 1
    return dealt


@transaction.atomic(durable=True)
def step(here: Here, *, at: datetime) -> bool:
    """Deal with the next message of one line that is due; say whether there was one."""
    line = (
        Line.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("peer__organisation")
        .filter(next_at__lte=at)
        .order_by("next_at", "pk")
        .first()
    )
    if line is None:
        return False
    row = Incoming.objects.filter(line=line, sequence=line.applied + 1).first()
    if row is None:
        line.next_at = None
        line.save(update_fields=["next_at"])
        return True
    _attempt(here, line, row, at)
    return True


def wake(at: datetime) -> None:
    """Let what waits be tried at once: a file or another message has come."""
    Line.objects.filter(next_at__gt=at).update(next_at=at)
    regaining.wake(at)


@transaction.atomic(durable=True)
def retry(*, message_id: int, actor: Actor, at: datetime) -> Incoming:
    """Try a dead letter again, because somebody has mended what was wrong.

    Raises:
        NotAMember, NoSuchMessage, WrongState, WrongRole.
    """
    line, row, by = _dead(message_id, actor)
    after = MESSAGE.next_state(MessageState(row.state), MessageAct.RETRY, actor.role)
    row.attempts = 0
    _move(row, after, "attempts")
    _go_on(line, at)
    _record("exchange:retried", line, row, by, at)
    return row


@transaction.atomic(durable=True)
def set_aside(*, message_id: int, reason: str, actor: Actor, at: datetime) -> Incoming:
    """Go on without a dead letter; it stays where it is, with the reason.

    Raises:
        NotAMember, NoSuchMessage, WrongState, WrongRole, ReasonMissing.
    """
    line, row, by = _dead(message_id, actor)
    after = MESSAGE.next_state(MessageState(row.state), MessageAct.SET_ASIDE, actor.role)
    if not reason.strip():
        raise ReasonMissing
    row.set_aside_because = reason.strip()[:LONGEST_REASON]
    _move(row, after, "set_aside_because")
    line.applied = row.sequence
    _go_on(line, at)
    _record("exchange:set-aside", line, row, by, at)
    return row


def _attempt(here: Here, line: Line, row: Incoming, at: datetime) -> None:
    state = MessageState(row.state)
    try:
        with transaction.atomic():
            kind, received = _read(here, line, row)
            kind.apply(received, at)
    except NotYet as missing:
        _wait(line, row, missing.code, missing.data, at)
    except Unavailable as away:  # a dependency failed; the same message may do later
        _wait(line, row, str(away.code), away.data, at)
    except DomainError as wrong:
        if regaining.is_under_way(line.peer):  # it may stand on what we have said ourselves
            _wait(line, row, str(wrong.code), wrong.data, at, wrong.message)
        else:
            _fail(line, row, wrong, at)
    except (OperationalError, InterfaceError):
        raise  # the database is away: nothing can be said of this message
    except Exception as fault:
        # A fault of ours in one message must not stop those of all other matters.
        logger.exception("%s from %s", row.kind, line.peer.name)
        _fail(line, row, TookNoEffect(fault=type(fault).__name__), at)
    else:
        after = MESSAGE.next_state(state, MessageAct.APPLY, PLATFORM.role)
        row.applied_at, row.error = at, None
        _move(row, after, "applied_at", "error")
        line.applied, line.next_at = row.sequence, at if line.last > row.sequence else None
        line.save(update_fields=["applied", "next_at"])
        # What waits for a fact may have waited for this one.
        wake(at)


def _read(here: Here, line: Line, row: Incoming) -> tuple[Kind, Received]:  # type: ignore[type-arg]
    message = messages.Message.parse(bytes(row.payload))
    kind = here.registry.get(message.kind, message.version)
    return kind, Received(
        peer=line.peer,
        matter=line.matter,
        sequence=row.sequence,
        kind=message.kind,
        version=message.version,
        at=messages.moment(message.at),
        received_at=row.received_at,
        body=kind.read(message.body),
        blobs=message.blobs,
        sha256=row.sha256,
        incoming_id=row.pk,
        platform=here.platform,
        files=here.files,
        identity=here.identity,
    )


def _wait(
    line: Line, row: Incoming, code: str, data: object, at: datetime, message: str = ""
) -> None:
    after = MESSAGE.next_state(MessageState(row.state), MessageAct.WAIT, PLATFORM.role)
    row.attempts += 1
    row.error = {"code": code, "message": message, "data": _plain(data)}
    _move(row, after, "attempts", "error")
    line.next_at = at + pause(row.attempts)
    line.save(update_fields=["next_at"])


def _fail(line: Line, row: Incoming, wrong: DomainError, at: datetime) -> None:
    after = MESSAGE.next_state(MessageState(row.state), MessageAct.FAIL, PLATFORM.role)
    row.attempts += 1
    row.error = {"code": wrong.code, "message": wrong.message, "data": _plain(wrong.data)}
    _move(row, after, "attempts", "error")
    line.halted, line.halted_at, line.next_at = Halt.DEAD_LETTER, at, None
    line.save(update_fields=["halted", "halted_at", "next_at"])
    logger.warning(
        "%s from %s about %s cannot take effect: %s", row.kind, line.peer.name, line.matter, wrong
    )
    _record("exchange:dead-letter", line, row, witnessed(PLATFORM), at, code=str(wrong.code))


def _dead(message_id: int, actor: Actor) -> tuple[Line, Incoming, Witnessed]:
    by = witnessed(actor)
    if actor.organisation_id != identity.own().organisation_id:
        raise NoSuchMessage
    found = Incoming.objects.filter(pk=message_id).values_list("line_id", flat=True).first()
    if found is None:
        raise NoSuchMessage
    # The line first, as everybody locks it.
    line = (
        Line.objects.select_for_update(no_key=True, of=("self",))
        .select_related("peer")
        .get(pk=found)
    )
    return line, Incoming.objects.select_for_update(no_key=True).get(pk=message_id), by


def _go_on(line: Line, at: datetime) -> None:
    line.halted, line.halted_at, line.next_at = "", None, at
    line.save(update_fields=["applied", "halted", "halted_at", "next_at"])


def _move(row: Incoming, after: MessageState, *fields: str) -> None:
    row.state = after
    row.save(update_fields=["state", *fields])


def _record(
    event: str, line: Line, row: Incoming, by: ledger.Named, at: datetime, **data: str
) -> None:
    ledger.record(
        event=event,
        subject=f"peer/{line.peer.name}",
        actor=by,
        at=at,
        data={
            "matter": line.matter,
            "sequence": row.sequence,
            "kind": row.kind,
            "sha256": row.sha256,
            **data,
        },
    )


def _plain(data: object) -> dict[str, str]:
    return {name: str(value) for name, value in dict(data).items()}  # type: ignore[call-overload]
