"""Let our own messages hold again that peers gave back after our database was restored.

* What a peer kept is what we had said, with our signature; what it says is done again here, once,
  in order on each line. Nobody is told again, and nobody signs again.
* What others said and what we said ourselves depend on each other. Both are tried until they fit;
  meanwhile nothing that came is called a dead letter for want of what we are still regaining.
* What does not fit within ``PATIENCE`` is given up: it stays visible, and the comparison names the
  matter for a person.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef

from roadworthy.domains.exchange import outbox
from roadworthy.domains.exchange.errors import NotYet, TookNoEffect
from roadworthy.domains.exchange.kinds import Registry, Said
from roadworthy.domains.exchange.models import Line, Outgoing, Peer, Regaining
from roadworthy.domains.exchange.pausing import pause
from roadworthy.domains.ledger import services as ledger
from roadworthy.domains.organisations.actors import PLATFORM, witnessed
from roadworthy.kernel.errors import DomainError
from roadworthy.trust import messages

logger = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=15)


def begin(message: Outgoing, *, at: datetime) -> None:
    """Note that a message of ours came back; inside the transaction that puts it into its place."""
    Regaining.objects.create(message=message, taken_back_at=at, next_at=at)


def is_under_way(peer: Peer) -> bool:
    """Say whether we may still learn what we had said ourselves."""
    return not outbox.is_open(peer) or Regaining.objects.filter(next_at__isnull=False).exists()


def wake(at: datetime) -> None:
    """Try at once what did not fit yet: something has changed."""
    Regaining.objects.filter(next_at__gt=at).update(next_at=at)


def turn(registry: Registry, *, at: datetime) -> int:
    """Try everything that is due; return how many messages hold again.

    What did not fit is due again as soon as another one holds.
    """
    done = 0
    while (found := step(registry, at=at)) is not None:
        done += found.done_at is not None
    return done


@transaction.atomic(durable=True)
def step(registry: Registry, *, at: datetime) -> Regaining | None:
    """Deal with the next message of one line that is due; return how it went."""
    earlier = Regaining.objects.filter(
        message__line=OuterRef("message__line"), pk__lt=OuterRef("pk"), next_at__isnull=False
    )
    row = (
        Regaining.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("message__line__peer__organisation")
        .filter(~Exists(earlier), next_at__lte=at)
        .order_by("next_at", "pk")
        .first()
    )
    if row is None:
        return None
    _attempt(registry, row, at)
    row.save(update_fields=["next_at", "attempts", "error", "done_at"])
    return row


def _attempt(registry: Registry, row: Regaining, at: datetime) -> None:
    line = row.message.line
    try:
        with transaction.atomic():
            _regain(registry, row.message, line, at)
    except (DomainError, NotYet) as wrong:
        _put_off(row, wrong, at)
    except (OperationalError, InterfaceError):
        raise  # the database is away: nothing can be said of this message
    except Exception as fault:
        # A fault of ours in one message must not keep those of other matters from holding again.
        logger.exception("regaining %s to %s", row.message.kind, line.peer.name)
        _put_off(row, TookNoEffect(fault=type(fault).__name__), at)
    else:
        row.next_at, row.error, row.done_at = None, None, at
        _record("exchange:regained", row, at)
        Line.objects.filter(next_at__gt=at).update(next_at=at)
        wake(at)


def _regain(registry: Registry, sent: Outgoing, line: Line, at: datetime) -> None:
    message = messages.Message.parse(bytes(sent.payload))
    kind = registry.get(message.kind, message.version)
    if kind.regain is not None:
        said = Said(
            peer=line.peer,
            matter=line.matter,
            kind=message.kind,
            body=kind.read(message.body),
            at=messages.moment(message.at),
        )
        kind.regain(said, at)


def _put_off(row: Regaining, wrong: DomainError | NotYet, at: datetime) -> None:
    data = {name: str(value) for name, value in dict(wrong.data).items()}
    row.attempts += 1
    row.error = {"code": wrong.code, "message": getattr(wrong, "message", ""), "data": data}
    row.next_at = at + pause(row.attempts)
    if at - row.taken_back_at > PATIENCE:
        row.next_at = None
        logger.warning("%s about %s is not regained: %s", row.message.kind, row.message.line, wrong)
        _record("exchange:not-regained", row, at, code=str(wrong.code))


def _record(event: str, row: Regaining, at: datetime, **data: str) -> None:
    line = row.message.line
    ledger.record(
        event=event,
        subject=f"peer/{line.peer.name}",
        actor=witnessed(PLATFORM),
        at=at,
        data={
            "matter": line.matter,
            "sequence": row.message.sequence,
            "kind": row.message.kind,
            "sha256": row.message.sha256,
            **data,
        },
    )
